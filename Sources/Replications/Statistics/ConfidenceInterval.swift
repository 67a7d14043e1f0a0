// Intervals over seeds: of a mean by Student's t, of a hit rate by Clopper and Pearson.

import Tensors  // preconditions that say their sentence

/// A range that covers the true value with a stated probability.
public struct ConfidenceInterval: Sendable, Hashable, Codable {
  /// The probability of covering the true value, for instance 0.9.
  public let level: Double

  /// The lower end, which belongs to the interval.
  public let lower: Double

  /// The upper end, which belongs to the interval.
  public let upper: Double

  /// Creates an interval.
  public init(level: Double, lower: Double, upper: Double) {
    self.level = level
    self.lower = lower
    self.upper = upper
  }

  /// The t-interval of the mean of independent values; nil for fewer than two, which have no spread.
  ///
  /// The values are summed in sorted order, so that the order of the seeds changes no bit.
  public static func mean(of values: [Double], level: Double) -> ConfidenceInterval? {
    guard values.count > 1 else { return nil }
    let (mean, deviation) = (values.orderFreeMean, values.orderFreeDeviation)
    guard deviation > 0 else { return ConfidenceInterval(level: level, lower: mean, upper: mean) }
    let t = StudentT(degreesOfFreedom: values.count - 1).quantile((1 + level) / 2)
    let half = t * deviation / Double(values.count).squareRoot()
    return ConfidenceInterval(level: level, lower: mean - half, upper: mean + half)
  }

  /// The exact interval of a hit rate (Clopper and Pearson 1934), which covers at least with the stated probability.
  public static func hitRate(_ hits: Int, of trials: Int, level: Double) -> ConfidenceInterval {
    precondition(
      trials > 0 && (0...trials).contains(hits), "a hit rate needs 0 ≤ hits ≤ trials, got \(hits) of \(trials)")
    let tail = (1 - level) / 2
    let misses = trials - hits
    return ConfidenceInterval(
      level: level,
      lower: hits == 0 ? 0 : betaQuantile(tail, Double(hits), Double(misses + 1)),
      upper: misses == 0 ? 1 : betaQuantile(1 - tail, Double(hits + 1), Double(misses)))
  }
}

extension [Double] {
  /// The mean, summed in sorted order; equal values have themselves as mean, to the last bit.
  var orderFreeMean: Double {
    let ordered = sorted()
    guard let first = ordered.first, let last = ordered.last else { return .nan }
    return first == last ? first : ordered.reduce(0, +) / Double(count)
  }

  /// The squares of the differences from the mean.
  var squaresAroundMean: [Double] {
    let mean = orderFreeMean
    return map { ($0 - mean) * ($0 - mean) }
  }

  /// The standard deviation, n − 1 in the denominator, summed in sorted order; NaN of fewer than two.
  var orderFreeDeviation: Double {
    count > 1 ? (squaresAroundMean.sorted().reduce(0, +) / Double(count - 1)).squareRoot() : .nan
  }
}

/// The exact probability of at least so many hits when each trial hits with probability `chance`.
func binomialUpperTail(hits: Int, trials: Int, chance: Double) -> Double {
  precondition(trials > 0 && (0...trials).contains(hits), "a tail needs 0 ≤ hits ≤ trials, got \(hits) of \(trials)")
  // DLMF 8.17.5: the tail of a binomial distribution is an incomplete beta function.
  return hits == 0 ? 1 : regularizedIncompleteBeta(chance, Double(hits), Double(trials - hits + 1))
}
