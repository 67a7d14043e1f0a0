// What the claims read off losses, angles and dimensionalities over the sizes of training sets.

import Foundation
import ToyModels

enum DescentMeasures {
  /// The largest distance of a gap between neighbouring directions in the plane from that of a regular polygon, in degrees.
  static func polygonError(_ directions: [[Double]]) -> Double {
    let gaps = SuperpositionGeometry(directions: directions, hidden: 2).gaps(between: Array(directions.indices))
    return gaps.map { abs($0 - 360 / Double(directions.count)) }.max() ?? .nan
  }

  /// Whether the losses in the middle are above both ends, and the right end is the lowest.
  static func isBump(first: Double, middle: [Double], last: Double) -> Bool {
    last < first && middle.allSatisfy { $0 > first && $0 > last }
  }

  /// Whether the largest of the losses over sizes is neither the first nor the last, and larger than both by a factor.
  static func isBand(_ losses: [Double], above factor: Double) -> Bool {
    guard let first = losses.first, let last = losses.last, let largest = losses.max() else { return false }
    return largest > factor * max(first, last)
  }

  /// What it costs to answer every example with the mean of all: E‖x‖² − ‖E x‖².
  static func constantLoss(_ examples: SparseExamples) -> Double {
    var (means, squares) = (Array(repeating: 0.0, count: examples.features), 0.0)
    for (feature, value) in zip(examples.indices, examples.values) {
      means[Int(feature)] += Double(value) / Double(examples.count)
      squares += Double(value) * Double(value) / Double(examples.count)
    }
    return squares - means.reduce(0) { $0 + $1 * $1 }
  }

  /// Where a loss falls through 1 for the last time, as log10 of how often each feature has been seen, T(1 − S).
  ///
  /// Between sizes the logarithm of the loss is interpolated in that of T. A loss that is below 1 throughout gives the
  /// smallest size, one that ends above 1 gives infinity.
  static func transition(sizes: [Int], losses: [Double], density: Double) -> Double {
    func seen(_ index: Int) -> Double { log10(Double(sizes[index]) * density) }
    guard let last = losses.lastIndex(where: { $0 >= 1 }) else { return seen(0) }
    guard last + 1 < sizes.count else { return .infinity }
    let (above, below) = (log(losses[last]), log(losses[last + 1]))
    return seen(last) + (seen(last + 1) - seen(last)) * above / (above - below)
  }
}
