// The smallest models of superposition, trained on their exact expected loss: two features in one dimension, or three in
// two (Elhage et al. 2022, "Superposition as a Phase Change").
//
// With two or three features the expectation over the data is a short sum: over which features are active, and by
// Gauss–Legendre quadrature over the values of those that are. No data are drawn and no noise is left, so a grid of
// models is trained in seconds. The loss is the paper's, Σ_i I_i E(x_i − x′_i)².

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The expected loss of a small superposition model as a weighted sum over fixed points.
public struct QuadratureTask: Sendable {
  /// The number of features.
  public let features: Int
  /// Eight points at a time: their inputs, feature by feature, then the probabilities that they stand for.
  let groups: [SIMD8<Float>]
  let importance: [Float]

  /// Creates the task of independent features with a common density.
  ///
  /// - Parameter nodes: Gauss–Legendre nodes for each active feature.
  public init(importance: [Float], density: Double, nodes: Int) {
    let n = importance.count
    features = n
    self.importance = importance
    let (positions, shares) = gaussLegendre(nodes)
    var columns: [[Float]] = Array(repeating: [], count: n)
    var weights: [Float] = []
    // Each feature is off (index 0) or at one of the nodes; count through all combinations.
    for combination in 0..<power(nodes + 1, n) {
      var rest = combination
      var weight = 1.0
      for feature in 0..<n {
        let choice = rest % (nodes + 1)
        rest /= nodes + 1
        weight *= choice == 0 ? 1 - density : density * shares[choice - 1]
        columns[feature].append(choice == 0 ? 0 : Float(positions[choice - 1]))
      }
      weights.append(Float(weight))
    }
    // Whole vectors: the padding points have weight zero.
    var groups: [SIMD8<Float>] = []
    for start in stride(from: 0, to: weights.count, by: 8) {
      for column in columns + [weights] {
        groups.append(SIMD8((0..<8).map { start + $0 < column.count ? column[start + $0] : 0 }))
      }
    }
    self.groups = groups
  }
}

/// A model with tied weights and at most three features, trained on its exact expected loss.
public struct PhaseDiagramModel: Sendable {
  /// The feature directions, `[feature][hidden]`.
  public var directions: [[Double]]
  /// The output bias.
  public var bias: [Double]
  /// The expected loss.
  public var loss: Double

  /// Trains from random normal weights by Adam with the notebook's cosine decay.
  ///
  /// - Parameters:
  ///   - isLinear: Leaves out the output ReLU: the control.
  ///   - deviation: The standard deviation of the initial weights.
  public static func trained(
    on task: QuadratureTask, hidden: Int, isLinear: Bool = false, steps: Int = 2_000, learningRate: Double = 1e-2,
    deviation: Float = 0.5, using random: RandomStream
  ) -> PhaseDiagramModel {
    var random = random
    let n = task.features
    let count = n * hidden + n
    // Parameters lie side by side: W `[feature, hidden]`, then b.
    var parameters = (0..<count).map { $0 < n * hidden ? random.normal() * deviation : 0 }
    var gradient = [Float](repeating: 0, count: count)
    var first = [Float](repeating: 0, count: count)
    var second = [Float](repeating: 0, count: count)
    let pass = QuadraturePass(task: task, hidden: hidden, isLinear: isLinear)
    var (power1, power2) = (1.0, 1.0)
    for step in 0..<steps {
      _ = pass.run(parameters, gradient: &gradient)
      power1 *= 0.9
      power2 *= 0.999
      let rate = learningRate * cos(0.5 * .pi * Double(step) / Double(max(steps - 1, 1)))
      adam(
        &parameters, gradient, &first, &second, rate: Float(rate / (1 - power1)),
        correction: Float((1 - power2).squareRoot()))
    }
    let loss = pass.run(parameters, gradient: &gradient)
    return PhaseDiagramModel(
      directions: (0..<n).map { i in (0..<hidden).map { Double(parameters[i * hidden + $0]) } },
      bias: (0..<n).map { Double(parameters[n * hidden + $0]) }, loss: Double(loss))
  }

  /// Adam with the usual constants; a handful of parameters, so nothing here needs to be vectorised.
  private static func adam(
    _ parameters: inout [Float], _ gradient: [Float], _ first: inout [Float], _ second: inout [Float], rate: Float,
    correction: Float
  ) {
    for index in parameters.indices {
      first[index] = 0.9 * first[index] + 0.1 * gradient[index]
      second[index] = 0.999 * second[index] + 0.001 * gradient[index] * gradient[index]
      parameters[index] -= rate * first[index] / (second[index].squareRoot() / correction + 1e-8)
    }
  }
}

/// The expected loss and its gradient, eight points at a time.
struct QuadraturePass {
  let task: QuadratureTask
  let hidden: Int
  let isLinear: Bool

  /// Overwrites the gradient and returns the loss.
  func run(_ parameters: [Float], gradient: inout [Float]) -> Float {
    switch (task.features, hidden) {
    case (2, 1): run(parameters, &gradient, n: 2, m: 1)
    case (3, 2): run(parameters, &gradient, n: 3, m: 2)
    default: preconditionFailure("phase diagrams are of two features in one dimension or three in two")
    }
  }

  /// Inlined for each size, so that the short loops unroll and everything stays in registers.
  @inline(__always)
  private func run(_ parameters: [Float], _ gradient: inout [Float], n: Int, m: Int) -> Float {
    let floor = SIMD8<Float>(repeating: isLinear ? -.infinity : 0)
    var loss = SIMD8<Float>.zero
    // Three features in two dimensions have nine parameters: room for them and no more.
    var totals = InlineArray<9, SIMD8<Float>>(repeating: .zero)
    task.groups.withUnsafeBufferPointer { groups in
      parameters.withUnsafeBufferPointer { parameters in
        task.importance.withUnsafeBufferPointer { importance in
          for start in stride(from: 0, to: groups.count, by: n + 1) {
            let weight = groups[start + n]
            var h = InlineArray<2, SIMD8<Float>>(repeating: .zero)
            var dh = InlineArray<2, SIMD8<Float>>(repeating: .zero)
            for i in 0..<n {
              for k in 0..<m { h[k] += groups[start + i] * parameters[i * m + k] }
            }
            for i in 0..<n {
              var before = SIMD8<Float>(repeating: parameters[n * m + i])
              for k in 0..<m { before += h[k] * parameters[i * m + k] }
              let isAbove = before .> floor
              let error = floor.replacing(with: before, where: isAbove) - groups[start + i]
              let weighted = weight * importance[i] * error
              loss += weighted * error
              let slope = SIMD8<Float>.zero.replacing(with: weighted + weighted, where: isAbove)
              totals[n * m + i] += slope
              for k in 0..<m {
                totals[i * m + k] += slope * h[k]
                dh[k] += slope * parameters[i * m + k]
              }
            }
            for i in 0..<n {
              for k in 0..<m { totals[i * m + k] += dh[k] * groups[start + i] }
            }
          }
        }
      }
    }
    for index in 0..<n * m + n { gradient[index] = totals[index].sum() }
    return loss.sum()
  }
}

/// The nodes and weights of Gauss–Legendre quadrature on [0, 1], by Newton's method on the Legendre polynomial.
func gaussLegendre(_ count: Int) -> (nodes: [Double], weights: [Double]) {
  var (nodes, weights): ([Double], [Double]) = ([], [])
  for index in 0..<count {
    var z = cos(.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
    var slope = 1.0
    for _ in 0..<100 {
      var (current, previous) = (1.0, 0.0)
      for degree in 0..<count {
        let d = Double(degree)
        (current, previous) = (((2 * d + 1) * z * current - d * previous) / (d + 1), current)
      }
      slope = Double(count) * (z * current - previous) / (z * z - 1)
      let change = current / slope
      z -= change
      if abs(change) < 1e-15 { break }
    }
    nodes.append((1 - z) / 2)
    weights.append(1 / ((1 - z * z) * slope * slope))
  }
  return (nodes, weights)
}

private func power(_ base: Int, _ exponent: Int) -> Int {
  (0..<exponent).reduce(1) { product, _ in product * base }
}
