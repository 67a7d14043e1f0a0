// How far the mean of a claim may move by chance, from one record to another.
//
// Seeds of one number under one root seed draw the same data and the same weights, so unchanged code gives the same bits
// and a shift common to all seeds shows at once: such records are compared seed by seed, by Student's paired t-test. Other
// matrix kernels can send a long training elsewhere, though, and then nothing is left in common but the distribution. Both
// tests are made, each at half the level. Records of other seeds are compared as two independent samples.

/// The greatest difference of means that is put down to chance.
struct SeedNoise: Sendable, Hashable {
  /// Relative differences up to this are those of sums in single precision, done in another order.
  static let rounding = 1e-5

  /// The standard deviation over seeds, pooled over both records; nil where there is none.
  let deviation: Double?

  /// The greatest difference that is put down to chance, in the claim's unit; infinite where nothing can be said.
  let limit: Double

  /// What allows for the difference, for a sentence that goes on with ``limit``.
  let words: String

  /// Whether the limit comes from the variation of seeds, so that chance exceeds it at the level of the test.
  let isOfSeeds: Bool

  /// Whether both records are of the same seeds.
  let isPaired: Bool

  /// Compares the seeds of two records of a claim; values that are not finite allow for any difference.
  init(_ before: Record, _ after: Record, significance: Double) {
    let (old, new) = (before.measurement.values, after.measurement.values)
    let spread = Spread(of: old, new)
    deviation = spread?.deviation
    let isPaired =
      before.experiment.rootSeed == after.experiment.rootSeed && before.experiment.seeds == after.experiment.seeds
      && old.count == new.count
    self.isPaired = isPaired
    if case .exact(_, let margin) = before.claim.criterion {
      (limit, words, isOfSeeds) = (margin, "the margin allows for", false)
      return
    }
    let values = old + new
    guard !old.isEmpty, !new.isEmpty, values.allSatisfy(\.isFinite) else {
      (limit, words, isOfSeeds) = (.infinity, "seeds allow for", false)
      return
    }
    let floor = Self.rounding * (values.map(abs).max() ?? 0)
    if isPaired, old.count == 1 {
      (limit, words, isOfSeeds) = (floor, "one and the same seed allows for", false)
      return
    }
    let level = isPaired ? significance / 2 : significance
    let pairs = isPaired ? Spread(ofDifferences: zip(old, new).map { $1 - $0 }) : nil
    let limits = [spread, pairs].compactMap { $0?.limit(level) }
    limit = max(limits.min() ?? .infinity, floor)
    words = isPaired ? "seed by seed chance allows for" : "seeds allow for"
    isOfSeeds = !limits.isEmpty
  }
}

/// How much values vary around their means, and what that does to a difference of means.
private struct Spread {
  /// The standard deviation.
  let deviation: Double
  /// What a deviation is divided by, in all.
  let degreesOfFreedom: Int
  /// The factor from a deviation to the standard error of the difference of the means.
  let scale: Double

  /// The pooled spread of two samples; nil where neither has two values, or one is not finite.
  init?(of first: [Double], _ second: [Double]) {
    guard !first.isEmpty, !second.isEmpty, first.count + second.count > 2 else { return nil }
    guard (first + second).allSatisfy(\.isFinite) else { return nil }
    let squares = first.squaresAroundMean + second.squaresAroundMean
    degreesOfFreedom = first.count + second.count - 2
    deviation = (squares.sorted().reduce(0, +) / Double(degreesOfFreedom)).squareRoot()
    scale = (1 / Double(first.count) + 1 / Double(second.count)).squareRoot()
  }

  /// The spread of differences, one a seed; nil for less than two.
  init?(ofDifferences differences: [Double]) {
    guard differences.count > 1 else { return nil }
    degreesOfFreedom = differences.count - 1
    deviation = differences.orderFreeDeviation
    scale = 1 / Double(differences.count).squareRoot()
  }

  /// The difference of means that chance exceeds with this probability, in either direction.
  func limit(_ significance: Double) -> Double {
    StudentT(degreesOfFreedom: degreesOfFreedom).quantile(1 - significance / 2) * deviation * scale
  }
}
