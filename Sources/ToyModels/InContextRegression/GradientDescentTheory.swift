// One step of gradient descent on a regression task, in closed form over tasks.
//
// From zero, at a rate η, a step on ½ Σⱼ (w·xⱼ − yⱼ)² predicts ŷ = η Σⱼ (w·xⱼ)(xⱼ·x). For inputs of independent elements
// with second moment m₂ and fourth moment m₄, d dimensions and N examples, and w ~ N(0, I),
//
//   E[(y − ŷ)²] = d m₂ (1 − 2ηN m₂ + η²N(m₄ + (d − 1) m₂² + (N − 1) m₂²))
//
// which is least at η* = m₂ / (m₄ + (d + N − 2) m₂²).

/// What one step of gradient descent achieves on tasks of one distribution.
public struct GradientDescentTheory: Sendable {
  /// The width of x.
  public let dimensions: Int
  /// The number of pairs in the context.
  public let examples: Int
  /// E[x²] and E[x⁴] of an element of x.
  private let moments: (second: Double, fourth: Double)

  /// Inputs with elements from U(−scale, scale).
  public init(dimensions: Int, examples: Int, scale: Double = 1) {
    self.dimensions = dimensions
    self.examples = examples
    let square = scale * scale
    moments = (square / 3, square * square / 5)
  }

  /// E|Σⱼ xⱼxⱼᵀ x|² relative to N·E|x|²: the coefficient of η² in the loss.
  private var curvature: Double {
    moments.fourth + Double(dimensions + examples - 2) * moments.second * moments.second
  }

  /// The rate with the least loss, η*.
  public var optimalRate: Double { moments.second / curvature }

  /// The mean squared error of the prediction after one step at a rate; at rate 0 that of predicting zero.
  public func loss(rate: Double) -> Double {
    let n = Double(examples)
    return Double(dimensions) * moments.second * (1 - 2 * rate * n * moments.second + rate * rate * n * curvature)
  }
}
