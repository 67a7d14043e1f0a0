// Whether a record's verdict follows from its values: whoever reads a record need not trust it.

extension Record {
  /// A phrase for each thing in which verdict and sums do not follow from the values; none where all is well.
  ///
  /// Sums are compared to nine digits, since another machine's mathematics may round the last bits otherwise. What could
  /// not be measured cannot be judged, and has no problems.
  func judgementProblems() -> [String] {
    guard verdict.outcome != .error else { return [] }
    guard measurement.values.count == experiment.seeds.count, measurement.controls.count == measurement.values.count
    else { return ["has \(measurement.values.count) values for \(experiment.seeds.count) seeds"] }
    let judgement = Judge.judge(measurement.values, controls: measurement.controls, by: claim.criterion)
    var problems: [String] = []
    if judgement.verdict.outcome != verdict.outcome {
      problems.append(
        "says \(verdict.outcome.words), and its values are judged as \(judgement.verdict.outcome.words): "
          + judgement.reason)
    }
    if !Summary.agree(judgement.measured, measurement.summary)
      || !Summary.agree(judgement.control, measurement.controlSummary)
    {
      problems.append("sums up other values than it has")
    }
    if verdict.isExpected != claim.expectation.isMet(by: verdict.outcome) {
      problems.append("says wrongly whether its verdict was expected")
    }
    return problems
  }
}

extension Summary {
  /// Whether two sums are of the same values, whatever the machines that made them.
  fileprivate static func agree(_ one: Summary?, _ other: Summary?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    func agree(_ first: Double?, _ second: Double?) -> Bool {
      guard let first, let second else { return first == nil && second == nil }
      return first == second || abs(first - second) <= 1e-9 * max(abs(first), abs(second), 1e-3)
    }
    return one.count == other.count && agree(one.mean, other.mean) && agree(one.pValue, other.pValue)
      && agree(one.interval?.lower, other.interval?.lower) && agree(one.interval?.upper, other.interval?.upper)
  }
}
