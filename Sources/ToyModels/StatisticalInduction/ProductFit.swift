// The toy model of a phase change of Singh et al. 2024, "What needs to go right for an induction head?", figure 5a: a
// product of three vectors is fitted to another one by gradient descent, with some factors clamped.
//
//   loss = ½ mean over i, j, k of (a*ᵢ b*ⱼ c*ₖ − aᵢ bⱼ cₖ)²
//
// The entries are never formed: loss and gradient need scalar products of the vectors only. By the first factor the
// gradient is (a·|b|²|c|² − a*·(b*·b)(c*·c)) / n³, and so for the others. Source: the authors' simple_model_solver.py.

import Tensors

/// Three vectors whose product is fitted to a true one.
public struct ProductFit: Sendable {
  /// The true vectors, `[factor][element]`.
  public let truth: [[Double]]
  /// The vectors as they are now, `[factor][element]`.
  public private(set) var factors: [[Double]]

  /// Where factors are held.
  public enum Clamp: String, Sendable {
    /// At their true values: what is left has less to find.
    case truth
    /// Where they started: the control, in which nothing is given away.
    case start
  }

  /// Draws true vectors from N(0, 1) and initial ones from N(0, 1) times a scale.
  public init(elements: Int, scale: Double, using stream: RandomStream) {
    precondition(elements > 0, "a vector has at least one element, not \(elements)")
    func vector(_ label: String, _ factor: Int, _ scale: Double) -> [Double] {
      var stream = stream.derived(label, factor)
      return (0..<elements).map { _ in scale * Double(stream.normal()) }
    }
    truth = (0..<3).map { vector("truth", $0, 1) }
    factors = (0..<3).map { vector("initial", $0, scale) }
  }

  /// Creates a fit from its vectors, `[factor][element]`.
  init(truth: [[Double]], factors: [[Double]]) {
    self.truth = truth
    self.factors = factors
  }

  /// Fits by gradient descent and returns the loss before each step and after the last.
  ///
  /// - Parameters:
  ///   - clamped: The factors that are held: 0, 1 and 2 for a, b and c.
  ///   - clamp: Where they are held.
  public mutating func descend(
    steps: Int, rate: Double = 1, clamped: Set<Int> = [], at clamp: Clamp = .truth
  ) -> [Double] {
    if clamp == .truth {
      for factor in clamped.sorted() { factors[factor] = truth[factor] }
    }
    var losses: [Double] = []
    losses.reserveCapacity(steps + 1)
    for step in 0...steps {
      let (loss, gradient) = lossAndGradient()
      losses.append(loss)
      guard step < steps else { break }
      for factor in 0..<3 where !clamped.contains(factor) {
        for index in gradient[factor].indices { factors[factor][index] -= rate * gradient[factor][index] }
      }
    }
    return losses
  }

  /// The loss, and its gradient by each vector.
  func lossAndGradient() -> (loss: Double, gradient: [[Double]]) {
    func dot(_ x: [Double], _ y: [Double]) -> Double {
      var sum = 0.0
      for index in x.indices { sum += x[index] * y[index] }
      return sum
    }
    let squares = factors.map { dot($0, $0) }
    let shared = (0..<3).map { dot(truth[$0], factors[$0]) }
    let entries = Double(factors.reduce(1) { $0 * $1.count })
    let truths = truth.map { dot($0, $0) }
    let loss =
      (truths[0] * truths[1] * truths[2] - 2 * shared[0] * shared[1] * shared[2]
        + squares[0] * squares[1] * squares[2]) / (2 * entries)
    let gradient = (0..<3).map { factor -> [Double] in
      let (other, third) = ((factor + 1) % 3, (factor + 2) % 3)
      let (own, wanted) = (squares[other] * squares[third], shared[other] * shared[third])
      return factors[factor].indices.map {
        (factors[factor][$0] * own - truth[factor][$0] * wanted) / entries
      }
    }
    return (max(0, loss), gradient)
  }
}
