// LayerNorm and RMSNorm past their hooks, as one step where nobody looks in between.

import Tensors

extension ForwardPass {
  /// Normalises rows, past the hooks on the divisor and on the result.
  ///
  /// As in TransformerLens 4, the hook on the result sees it before weights and bias.
  mutating func normalize(
    _ x: Variable, _ norm: NormalizationWeights, _ weights: Weights, scale: ActivationName, normalized: ActivationName,
    layer: Int?, kind: Normalization? = nil
  ) throws -> Variable {
    let kind = kind ?? configuration.normalization
    guard kind != .none else { return x }
    let (w, b) = (weights("w", norm.w), weights("b", norm.b))
    let epsilon = configuration.epsilon
    if !table.isWatched(scale, layer) && !table.isWatched(normalized, layer) {
      return kind.centers
        ? x.layerNorm(weight: w, bias: b, epsilon: epsilon) : x.rmsNorm(weight: w, epsilon: epsilon)
    }
    if x.tape == nil && !table.isExplicit(scale, layer) && !table.isExplicit(normalized, layer) {
      let parts = kind.centers ? x.value.layerNormParts(epsilon: epsilon) : x.value.rmsNormParts(epsilon: epsilon)
      try table.keep(scale, layer, parts.scales)
      try table.keep(normalized, layer, parts.normalized)
      return scaled(Variable(parts.normalized), w, b)
    }
    let last = x.rank - 1
    let centered = kind.centers ? x - x.mean(axes: [last], keepingAxes: true) : x
    let divisor = try table.pass(
      scale, layer, (centered.squared().mean(axes: [last], keepingAxes: true) + epsilon).squareRoots())
    return scaled(try table.pass(normalized, layer, centered / divisor), w, b)
  }

  private func scaled(_ x: Variable, _ w: Variable?, _ b: Variable?) -> Variable {
    let product = w.map { x * $0 } ?? x
    return b.map { product + $0 } ?? product
  }
}
