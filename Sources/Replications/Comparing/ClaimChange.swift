// What became of one claim from one set of records to another: of two commits, machines or matrix kernels.

import Foundation

/// One claim in two sets of records.
public struct ClaimChange: Sendable, Hashable, Codable {
  /// The claim's id.
  public let id: String

  /// What became of it.
  public let kind: Kind

  /// Why, in one sentence.
  public let reason: String

  /// What the first set says; nil where it has no record of the claim.
  public let before: Side?

  /// What the second set says; nil where it has no record of the claim.
  public let after: Side?

  /// The second mean less the first, in the claim's unit; nil where one is missing.
  public let difference: Double?

  /// The standard deviation over seeds, pooled over both sets; nil where there is none.
  public let deviation: Double?

  /// Whether seed variation decided between a change and none: the only verdicts that chance can make wrong.
  public let isTested: Bool

  /// The difference in units of the pooled deviation; nil where the seeds do not vary.
  public var differenceInDeviations: Double? {
    guard let difference, let deviation, deviation > 0 else { return nil }
    return difference / deviation
  }

  /// One side of the comparison.
  public struct Side: Sendable, Hashable, Codable {
    /// The version of the claim.
    public let version: Int
    /// What was decided.
    public let outcome: Verdict.Outcome
    /// The mean over seeds; nil where one of them is not finite.
    public let mean: Double?
    /// The number of seeds.
    public let seeds: Int
  }

  /// What can become of a claim.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The verdict is worse, the measurement moved away from what was published, or the record is gone.
    case regression
    /// The verdict is better, or the measurement moved towards what was published.
    case improvement
    /// The claim asks for something else now, so that the two cannot be compared.
    case redefined
    /// Only the second set has a record of it.
    case added
    /// The measurement differs by no more than seeds do.
    case equal
    /// Every seed gave the same bits.
    case identical
  }
}

extension ClaimChange {
  /// Compares two records of a claim; `significance` is the probability of calling two samples of one distribution
  /// different, see ``SeedNoise``.
  init(from before: Record, to after: Record, significance: Double) {
    let (old, new) = (before.measurement, after.measurement)
    let sides = (Side(before), Side(after))
    let difference = sides.0.mean.flatMap { first in sides.1.mean.map { $0 - first } }
    let noise = SeedNoise(before, after, significance: significance)

    func change(_ kind: Kind, _ reason: String, isTested: Bool = false) -> ClaimChange {
      ClaimChange(
        id: after.claim.id, kind: kind, reason: reason, before: sides.0, after: sides.1, difference: difference,
        deviation: noise.deviation, isTested: isTested)
    }
    func decide() -> ClaimChange {
      let criteria = (before.claim.criterion, after.claim.criterion)
      guard before.claim.version == after.claim.version, criteria.0 == criteria.1 else {
        return change(
          .redefined,
          "version \(sides.0.version) asks for \(criteria.0), version \(sides.1.version) for \(criteria.1)")
      }
      let outcomes = (sides.0.outcome, sides.1.outcome)
      if outcomes.0 != outcomes.1 {
        // Other root seeds may decide otherwise by chance; the same ones may not.
        if noise.isOfSeeds, !noise.isPaired, let difference, abs(difference) <= noise.limit {
          return change(
            .equal, "\(outcomes.0.words), now \(outcomes.1.words), within what seeds allow", isTested: true)
        }
        let isBetter = outcomes.1.rank > outcomes.0.rank
        return change(isBetter ? .improvement : .regression, "\(outcomes.0.words), now \(outcomes.1.words)")
      }
      if old.isIdentical(to: new) { return change(.identical, "the same bits at every seed") }
      guard let first = sides.0.mean, let second = sides.1.mean, let difference else {
        return change(.equal, "\(outcomes.1.words) in both; no means to compare")
      }
      guard abs(difference) > noise.limit else {
        let cause =
          difference == 0 ? "the same mean" : "differs by \(difference.brief), \(noise.words) \(noise.limit.brief)"
        return change(.equal, cause, isTested: noise.isOfSeeds)
      }
      let isCloser = criteria.0.room(for: second) > criteria.0.room(for: first)
      let direction = isCloser ? "towards" : "away from"
      return change(
        isCloser ? .improvement : .regression,
        "moved \(direction) \(criteria.0) by \(abs(difference).brief), \(noise.words) \(noise.limit.brief)",
        isTested: noise.isOfSeeds)
    }
    self = decide()
  }
}

extension ClaimChange.Side {
  init(_ record: Record) {
    self.init(
      version: record.claim.version, outcome: record.verdict.outcome, mean: record.measurement.summary?.mean,
      seeds: record.measurement.values.count)
  }
}

extension Record.Measured {
  /// Whether every value and control has the same bits; unlike with `==`, so can those that are not numbers.
  func isIdentical(to other: Self) -> Bool {
    values.map(\.bitPattern) == other.values.map(\.bitPattern)
      && controls.map { $0?.bitPattern } == other.controls.map { $0?.bitPattern }
  }
}

extension Criterion {
  /// How far a mean lies inside what is asked for, in the claim's unit; negative outside.
  func room(for mean: Double) -> Double {
    switch self {
    case .value(let published, let margin), .exact(let published, let margin): margin - abs(mean - published)
    case .atLeast(let bound): mean - bound
    case .atMost(let bound): bound - mean
    case .ordering: mean
    case .within(let range): -range.excess(of: mean)
    }
  }
}

extension Verdict.Outcome {
  /// Orders outcomes from what says nothing to what was published.
  fileprivate var rank: Int {
    switch self {
    case .error, .notEvaluated: 0
    case .notReproduced: 1
    case .inconclusive: 2
    case .reproduced: 3
    }
  }
}
