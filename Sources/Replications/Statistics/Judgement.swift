// The verdict with the numbers and the sentence that explain it.

/// A verdict, why it was given, and what was measured.
public struct Judgement: Sendable, Hashable {
  /// The verdict.
  public let verdict: Verdict

  /// Why, in one sentence with the numbers that decided.
  public let reason: String

  /// The values over seeds, summed up; nil where one of them is not finite.
  public let measured: Summary?

  /// The control's values over seeds, summed up; nil where there are none.
  public let control: Summary?
}

/// Values over seeds, summed up as their criterion looks at them.
public struct Summary: Sendable, Hashable, Codable {
  /// The number of seeds.
  public let count: Int

  /// The mean over seeds; for an ordering, the hit rate.
  public let mean: Double

  /// The 90 % interval: by Student's t for a mean, Clopper–Pearson for an ordering, none for an exact claim.
  public let interval: ConfidenceInterval?

  /// The one-sided p-value of an ordering.
  public let pValue: Double?

  /// Sums up finite values; nil where there is none or one is not finite.
  init?(_ values: [Double], _ criterion: Criterion) {
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
    count = values.count
    mean = values.orderFreeMean
    switch criterion {
    case .ordering(let chance):
      let hits = values.count { $0 == 1 }
      interval = .hitRate(hits, of: values.count, level: Judge.level)
      pValue = binomialUpperTail(hits: hits, trials: values.count, chance: chance)
    case .value, .atLeast, .atMost:
      interval = .mean(of: values, level: Judge.level)
      pValue = nil
    case .exact, .within:
      interval = nil
      pValue = nil
    }
  }
}
