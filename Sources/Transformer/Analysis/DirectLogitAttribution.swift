// What each part of the last residual stream adds to a logit, or to the difference of two.
//
// The final normalisation with the divisor of the run is linear, so the logit is a sum over parts: of components, heads
// or neurons (`StackNormalizer.finalScale`). Needs the normalisation's weights folded into the unembedding.

import Tensors

/// What each part of the stream adds to a logit or a logit difference.
public struct DirectLogitAttribution: Sendable {
  /// The name of each part.
  public let labels: [String]
  /// What each adds, `[part, batch]`.
  public let values: Tensor

  /// The parts that add most, the mean over the batch, the largest first.
  public func top(_ count: Int = 5) -> [(label: String, value: Float)] {
    let means = values.mean(axis: 1).elements
    let order = means.indices.sorted { (means[$1], $0) < (means[$0], $1) }
    return order.prefix(count).map { (labels[$0], means[$0]) }
  }

  /// The sum over all parts, `[batch]`: the logit, or the difference, less the unembedding's bias and before its cap.
  public var total: Tensor { values.sum(axis: 0) }
}

/// What the last residual stream is taken apart into.
public enum AttributionUnit: String, Sendable, CaseIterable {
  /// Embeddings, attention and MLP of each layer.
  case component
  /// Every head; MLPs, embeddings and biases beside them.
  case head
  /// Every head and every neuron; embeddings and biases beside them.
  case neuron
}

extension ActivationCache {
  /// What vectors of the last residual stream add to a logit, `[part, batch, position]`.
  ///
  /// `tokens`, and `incorrectTokens` whose logits are subtracted, are one for all, one for each row, or one for each
  /// position of each row. The stack is one as the decompositions give it, not normalised yet.
  ///
  /// - Throws: `AnalysisError.unfoldedNormalization` when the final normalisation has weights of its own.
  public func logitAttributions(
    of stack: ResidualStack, model: HookedTransformer, tokens: [Int], incorrectTokens: [Int]? = nil,
    positions: Range<Int>? = nil
  ) throws(AnalysisError) -> Tensor {
    try model.requireFoldedFinalNormalization(for: "direct logit attribution")
    let scaled = try applyLayerNorm(toStack: stack, .finalScale, of: model, positions: positions).parts
    let directions = model.logitDirections(
      tokens, incorrectTokens, batch: scaled.shape[1], positions: scaled.shape[2])
    return (scaled * directions).sum(axis: 3)
  }

  /// What each component, head or neuron adds to a logit at one position.
  ///
  /// The parts sum to the logit, less what the unembedding's bias adds.
  ///
  /// - Parameters:
  ///   - model: The model that ran.
  ///   - unit: What the stream is taken apart into.
  ///   - tokens: The token whose logit it is, one for all rows or one for each.
  ///   - incorrectTokens: The tokens whose logits are subtracted; none unless given.
  ///   - position: The position; a negative one counts from the end.
  /// - Throws: `AnalysisError.unfoldedNormalization` when the final normalisation has weights of its own, `notCached`,
  ///   and `partsDoNotSum`.
  public func directLogitAttribution(
    of model: HookedTransformer, by unit: AttributionUnit, tokens: [Int], incorrectTokens: [Int]? = nil,
    position: Int = -1
  ) throws(AnalysisError) -> DirectLogitAttribution {
    try model.requireFoldedFinalNormalization(for: "direct logit attribution")
    let stream = try CachedActivations(cache: self, positions: nil)(.residPost, layer: configuration.nLayers - 1)
    let (batch, count) = (stream.shape[0], stream.shape[1])
    let place = position < 0 ? count + position : position
    precondition((0..<count).contains(place), "position \(position) of \(count)")
    let positions = place..<place + 1
    guard unit == .neuron else {
      let stack =
        unit == .component
        ? try decomposeResid(positions: positions)
        : try fullResidDecomposition(of: model, expandingNeurons: false, positions: positions)
      let values = try logitAttributions(
        of: stack, model: model, tokens: tokens, incorrectTokens: incorrectTokens, positions: positions)
      return DirectLogitAttribution(labels: stack.labels, values: values.reshaped([stack.labels.count, batch]))
    }
    // Each row has directions of its own, onto which its neurons are projected as they are computed.
    let directions = model.logitDirections(tokens, incorrectTokens, batch: batch, positions: 1)
    var (labels, columns): ([String], [Tensor]) = ([], [])
    for row in 0..<batch {
      let stack = try rows(row..<row + 1).fullResidDecomposition(
        of: model, normalizing: true,
        projectingOnto: directions.slice(axis: 0, at: row).reshaped([configuration.dModel]), positions: positions)
      labels = stack.labels
      columns.append(stack.parts.reshaped([stack.labels.count, 1]))
    }
    return DirectLogitAttribution(labels: labels, values: Tensor.concatenated(columns, axis: 1))
  }
}

extension HookedTransformer {
  /// The direction of the normalised stream that a token's logit grows along, `[token, dModel]`.
  public func residualDirections(of tokens: [Int]) -> Tensor {
    for token in tokens {
      precondition((0..<configuration.dVocabOut).contains(token), "token \(token) of \(configuration.dVocabOut)")
    }
    return untiedUnembedding.map { $0.gathered(axis: 1, at: tokens).transposed() } ?? W_E.gathered(at: tokens)
  }

  /// The directions of tokens, less those of others, `[batch, position, dModel]`.
  func logitDirections(_ tokens: [Int], _ incorrectTokens: [Int]?, batch: Int, positions: Int) -> Tensor {
    func directions(_ tokens: [Int]) -> Tensor {
      residualDirections(of: answers(tokens, batch: batch, positions: positions))
        .reshaped([batch, positions, configuration.dModel])
    }
    return incorrectTokens.map { directions(tokens) - directions($0) } ?? directions(tokens)
  }
}
