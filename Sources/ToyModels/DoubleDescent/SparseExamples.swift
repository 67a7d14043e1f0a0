// The data of Henighan et al. 2023, "Superposition, Memorization, and Double Descent": sparse features as in Elhage et al.
// 2022, each example then divided by its length. A training set is drawn once and used whole at every step, so it is kept
// as a list of what is active.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A set of examples of which only the active features are kept.
public struct SparseExamples: Sendable, Hashable {
  /// The number n of features, active or not.
  public let features: Int
  /// Where each example's entries begin in `indices` and `values`, and where the last one's end: one more than examples.
  public let starts: [Int]
  /// The active features, example by example.
  public let indices: [Int32]
  /// The values of the active features.
  public let values: [Float]

  /// The number T of examples.
  public var count: Int { starts.count - 1 }

  /// Draws examples whose features are active with a density of their own each, uniform in [0, 1), and of length one.
  ///
  /// An example in which nothing is active has no length to divide by: it is drawn again.
  ///
  /// - Parameters:
  ///   - count: The number T of examples.
  ///   - features: The number n of features.
  ///   - density: The probability 1 − S that a feature is active.
  ///   - isNormalized: Whether each example is divided by its length, as the article does.
  ///   - random: The stream to draw from.
  public init(
    _ count: Int, features: Int, density: Double, isNormalized: Bool = true, using random: RandomStream
  ) {
    precondition(count >= 0 && features > 0, "\(count) examples of \(features) features cannot be drawn")
    precondition(density > 0 && density < 1, "a density lies between 0 and 1, not at \(density)")
    var random = random
    var (starts, indices, values) = ([0], [Int32](), [Float]())
    let scale = 1 / log1p(-density)
    for _ in 0..<count {
      let start = indices.count
      repeat {
        // The gaps between active features are geometric, so that only those are visited.
        var feature = log(1 - random.uniformDouble()) * scale
        while feature < Double(features) {
          indices.append(Int32(feature))
          values.append(random.uniform())
          feature = Double(Int(feature)) + 1 + log(1 - random.uniformDouble()) * scale
        }
      } while Self.discard(from: start, &indices, &values)
      if isNormalized {
        let length = values[start...].reduce(0) { $0 + $1 * $1 }.squareRoot()
        for index in start..<values.count { values[index] /= length }
      }
      starts.append(indices.count)
    }
    self.init(features: features, starts: starts, indices: indices, values: values)
  }

  /// Creates examples from an array `[example, feature]`, in which zeros are what is not active.
  public init(_ array: Tensor) {
    precondition(array.rank == 2, "examples are [example, feature], not \(array.shape)")
    let n = array.shape[1]
    var (starts, indices, values) = ([0], [Int32](), [Float]())
    for (position, value) in array.elements.enumerated() {
      if value != 0 {
        indices.append(Int32(position % n))
        values.append(value)
      }
      if position % n == n - 1 { starts.append(indices.count) }
    }
    self.init(features: n, starts: starts, indices: indices, values: values)
  }

  private init(features: Int, starts: [Int], indices: [Int32], values: [Float]) {
    self.features = features
    self.starts = starts
    self.indices = indices
    self.values = values
  }

  /// Takes an example back whose length is zero; returns whether it was.
  private static func discard(from start: Int, _ indices: inout [Int32], _ values: inout [Float]) -> Bool {
    guard values[start...].allSatisfy({ $0 == 0 }) else { return false }
    indices.removeLast(indices.count - start)
    values.removeLast(values.count - start)
    return true
  }
}
