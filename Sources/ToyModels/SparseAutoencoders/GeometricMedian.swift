// The point whose distances to given points have the smallest sum, where Bricken et al. 2023 start the pre-encoder bias.
//
// Weiszfeld's iteration: the mean of the points, weighted by the inverse of their distances to the last estimate. A point
// that the estimate falls on would have infinite weight; its distance counts as at least a millionth of the mean one.

import Tensors

/// The geometric median `[inputs]` of activations `[samples, inputs]`.
///
/// - Parameters:
///   - activations: The points, at least one.
///   - iterations: How many to make at most.
///   - tolerance: The relative decrease of the sum of distances below which iteration ends.
public func geometricMedian(of activations: Tensor, iterations: Int = 200, tolerance: Double = 1e-12) -> Tensor {
  precondition(
    activations.rank == 2 && activations.shape[0] > 0, "the geometric median of activations of \(activations.shape)")
  let (samples, n) = (activations.shape[0], activations.shape[1])
  return activations.withUnsafeElements { points in
    var median = [Double](repeating: 0, count: n)
    for sample in 0..<samples {
      for index in 0..<n { median[index] += Double(points[sample * n + index]) / Double(samples) }
    }
    var distances = [Double](repeating: 0, count: samples)
    var sum = Double.infinity
    for _ in 0..<iterations {
      for sample in 0..<samples {
        var square = 0.0
        for index in 0..<n {
          let difference = Double(points[sample * n + index]) - median[index]
          square += difference * difference
        }
        distances[sample] = square.squareRoot()
      }
      let total = distances.reduce(0, +)
      guard total > 0, sum - total > tolerance * total else { break }
      sum = total
      let least = 1e-6 * total / Double(samples)
      var next = [Double](repeating: 0, count: n)
      var weights = 0.0
      for sample in 0..<samples {
        let weight = 1 / max(distances[sample], least)
        weights += weight
        for index in 0..<n { next[index] += weight * Double(points[sample * n + index]) }
      }
      for index in 0..<n { median[index] = next[index] / weights }
    }
    return Tensor(median.map(Float.init), [n])
  }
}

extension SparseAutoencoder {
  /// Puts the decoder's bias where activations `[samples, inputs]` have their geometric median.
  public mutating func centerDecoderBias(on activations: Tensor) {
    decoderBias = geometricMedian(of: activations)
  }
}
