// The rule that turns measurements into verdicts. It is here and nowhere else.
//
// * value: the 90 % t-interval of the mean over seeds lies inside published ± margin (two one-sided tests at 5 %,
//   Schuirmann 1987), outside it, or straddles an end.
// * bound: the whole interval lies on the right side of the bound, on the wrong side, or straddles it.
// * ordering: every seed says whether the published order held; an exact one-sided binomial test against chance.
// * exact: every value lies within the margin.
// * range: every value lies in the range, which may be open at one end.
//
// The control goes through the same rule and must come out as not reproduced; otherwise the claim would also "hold"
// where the paper says that the effect is gone, and nothing was shown.

import Foundation

/// The statistical rule.
public enum Judge {
  /// The level of every interval.
  public static let level = 0.9

  /// The greatest p-value that counts as evidence.
  public static let significance = 0.05

  /// Judges the values of a claim, one a seed, together with those of its control.
  public static func judge(_ values: [Double], controls: [Double?], by criterion: Criterion) -> Judgement {
    let measured = Summary(values, criterion)
    let (verdict, reason) = compare(values, with: criterion)
    let judged = controls.compactMap { $0 }
    let isControlled = !judged.isEmpty && judged.count == controls.count
    let control = isControlled ? Summary(judged, criterion) : nil

    func judgement(_ verdict: Verdict, _ reason: String) -> Judgement {
      Judgement(verdict: verdict, reason: reason, measured: measured, control: control)
    }
    guard verdict == .reproduced else { return judgement(verdict, reason) }
    guard isControlled else {
      let why = judged.isEmpty ? "the control was not measured" : "the control was not measured at every seed"
      return judgement(.inconclusive(why: why), why)
    }
    let (controlVerdict, controlReason) = compare(judged, with: criterion)
    switch controlVerdict {
    case .notReproduced:
      // One seed outside refutes what must hold at every seed; a control has to be outside at each.
      if let inside = judged.first(where: { isInside($0, criterion) }) {
        let why = "the control did not fail at every seed: one gave \(inside.brief)"
        return judgement(.inconclusive(why: why), why)
      }
      return judgement(.reproduced, "\(reason); control: \(controlReason)")
    case .error(let what):
      return judgement(.error("control: \(what)"), "control: \(what)")
    case .reproduced, .inconclusive, .notEvaluated:
      let why = "the control did not fail: \(controlReason)"
      return judgement(.inconclusive(why: why), why)
    }
  }

  /// Whether one value alone is what a criterion asks for at every seed; false for criteria about many seeds.
  private static func isInside(_ value: Double, _ criterion: Criterion) -> Bool {
    switch criterion {
    case .exact(let published, let margin): abs(value - published) <= margin
    case .within(let range): range.contains(value)
    case .value, .atLeast, .atMost, .ordering: false
    }
  }

  /// Compares values, one a seed, with what was published, leaving the control aside.
  static func compare(_ values: [Double], with criterion: Criterion) -> (verdict: Verdict, reason: String) {
    if let bad = values.first(where: { !$0.isFinite }) {
      return failed("could not measure: a seed gave \(bad.brief)")
    }
    if values.isEmpty {
      return failed("could not measure: there is no value")
    }
    if case .exact(let published, let margin) = criterion {
      let worst = values.map { abs($0 - published) }.max() ?? .infinity
      let reason = "largest distance from \(published.brief) is \(worst.brief), allowed \(margin.brief)"
      return (worst <= margin ? .reproduced : .notReproduced, reason)
    }
    if case .within(let range) = criterion {
      let worst = values.max { range.excess(of: $0) < range.excess(of: $1) } ?? .nan
      let reason = "the value least inside is \(worst.brief), asked for is \(range.inWords)"
      return (values.allSatisfy(range.contains) ? .reproduced : .notReproduced, reason)
    }
    if values.count < 2 {
      return unclear("one seed says nothing about the others")
    }
    if case .ordering(let chance) = criterion { return compare(ordering: values, with: chance) }
    guard let interval = ConfidenceInterval.mean(of: values, level: level) else {
      return failed("could not measure: the values have no interval")
    }
    return compare(interval, with: allowed(by: criterion))
  }

  /// The fewest seeds with which an ordering can be told from this chance.
  static func leastSeeds(chance: Double) -> Int {
    max(2, Int((log(significance) / log(chance)).rounded(.up)))
  }

  private static func compare(_ interval: ConfidenceInterval, with allowed: ClosedRange<Double>) -> (Verdict, String) {
    let words = "90 % interval \(interval.lower.brief) … \(interval.upper.brief)"
    let range = name(of: allowed)
    if interval.lower >= allowed.lowerBound, interval.upper <= allowed.upperBound {
      return (.reproduced, "\(words) lies inside \(range)")
    }
    if interval.lower > allowed.upperBound || interval.upper < allowed.lowerBound {
      return (.notReproduced, "\(words) lies outside \(range)")
    }
    return unclear("\(words) straddles an end of \(range)")
  }

  private static func compare(ordering values: [Double], with chance: Double) -> (Verdict, String) {
    if let bad = values.first(where: { $0 != 0 && $0 != 1 }) {
      return failed("could not measure: a seed must say 1 (held) or 0, one said \(bad.brief)")
    }
    let hits = values.count { $0 == 1 }
    let p = binomialUpperTail(hits: hits, trials: values.count, chance: chance)
    let words = "held in \(hits) of \(values.count) seeds against a chance of \(chance.brief)"
    if p <= significance { return (.reproduced, "\(words), p = \(p.brief)") }
    if Double(hits) <= chance * Double(values.count) { return (.notReproduced, words) }
    return unclear("\(words), p = \(p.brief)")
  }

  private static func allowed(by criterion: Criterion) -> ClosedRange<Double> {
    switch criterion {
    case .value(let published, let margin), .exact(let published, let margin): published - margin...published + margin
    case .atLeast(let bound): bound ... .infinity
    case .atMost(let bound): -.infinity...bound
    case .ordering: 0...1
    case .within(let range): range
    }
  }

  private static func name(of range: ClosedRange<Double>) -> String {
    switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
    case (true, false): "the range from \(range.lowerBound.brief) upward"
    case (false, true): "the range up to \(range.upperBound.brief)"
    default: "\(range.lowerBound.brief) … \(range.upperBound.brief)"
    }
  }

  private static func unclear(_ why: String) -> (verdict: Verdict, reason: String) {
    (.inconclusive(why: why), why)
  }

  private static func failed(_ what: String) -> (verdict: Verdict, reason: String) {
    (.error(what), what)
  }
}

extension ClosedRange<Double> {
  /// How far a value is beyond the nearer end, negative inside.
  func excess(of value: Double) -> Double { Swift.max(lowerBound - value, value - upperBound) }
}
