// The board: one row a claim, with what is asked and what was published beside what was measured.

/// The state of claims, in the order of the library.
public struct Board: Sendable, Hashable, Codable {
  /// The rows.
  public let rows: [Row]

  /// One claim's row.
  public struct Row: Sendable, Hashable, Codable {
    /// The claim.
    public let claim: Claim

    /// What can be said of it.
    public let outcome: Verdict.Outcome

    /// Why, in one sentence.
    public let reason: String

    /// Whether the outcome is what the claim's expectation says.
    public let isExpected: Bool

    /// The measured values, summed up.
    public let measured: Summary?

    /// The control's values, summed up.
    public let control: Summary?

    /// How long the seeds took together, in seconds.
    public let seconds: Double?
  }

  /// The board of claims as the evidence has them; what was judged by another version of a claim does not count.
  public init(_ claims: [Claim], evidence: Evidence) {
    self.init(claims) { claim throws(RecordFileError) in
      try evidence.record(finding: claim.finding, claim: claim.id)
    }
  }

  /// The board of claims as a reference run has them.
  public init(_ claims: [Claim], run: ReferenceRun) {
    self.init(claims) { run.record($0.id) }
  }

  /// The board of rows that are known already.
  init(rows: [Row]) { self.rows = rows }

  private init(_ claims: [Claim], record: (Claim) throws(RecordFileError) -> Record?) {
    rows = claims.map { claim in
      do throws(RecordFileError) {
        guard let record = try record(claim) else {
          return Row(claim, .notEvaluated, Self.noRecord)
        }
        guard record.claim.version == claim.version, record.claim.criterion == claim.criterion else {
          let then = "version \(record.claim.version) (\(record.claim.criterion))"
          return Row(
            claim, .notEvaluated,
            "its record is of \(then), the claim is now version \(claim.version) (\(claim.criterion))")
        }
        return Row(claim, record.verdict.outcome, record.verdict.reason, record)
      } catch {
        return Row(claim, .error, error.description)
      }
    }
  }

  /// The board of a run's outcomes.
  public init(_ outcomes: [ClaimOutcome]) {
    rows = outcomes.map { Row($0.claim, $0.verdict.outcome, $0.reason, $0.record) }
  }

  /// The reason of a row whose claim has no record.
  public static let noRecord = "there is no record of it"

  /// How many rows have each outcome, in the order in which outcomes are listed.
  public var counts: [(outcome: Verdict.Outcome, count: Int)] {
    Verdict.Outcome.allCases.map { outcome in (outcome, rows.count { $0.outcome == outcome }) }
  }
}

extension Board.Row {
  fileprivate init(_ claim: Claim, _ outcome: Verdict.Outcome, _ reason: String, _ record: Record? = nil) {
    self.init(
      claim: claim, outcome: outcome, reason: reason, isExpected: claim.expectation.isMet(by: outcome),
      measured: record?.measurement.summary, control: record?.measurement.controlSummary,
      seconds: record?.environment.seconds)
  }

  /// The outcome in words, with a remark where it differs from what the claim leads one to expect.
  public var verdictWords: String {
    switch (outcome, claim.expectation) {
    case (.notReproduced, .doesNotReplicate), (.notReproduced, .partial), (.inconclusive, .doesNotReplicate),
      (.inconclusive, .partial):
      "\(outcome.words), as expected"
    case (.reproduced, .doesNotReplicate), (.reproduced, .partial): "\(outcome.words), against expectation"
    default: outcome.words
    }
  }

  /// What is asked of the measurement, a bound that is ours or a published number with its margin, with the unit.
  public var askedWords: String {
    "\(claim.criterion)\(unitWords)"
  }

  /// The published number with its unit; empty where the claim compares with none.
  public var publishedWords: String {
    claim.criterion.published.map { "\($0.brief)\(unitWords)" } ?? ""
  }

  /// The mean and its interval with the unit; empty where nothing was measured.
  public var measuredWords: String {
    guard let measured else { return "" }
    let interval = measured.interval.map { " [\($0.lower.brief), \($0.upper.brief)]" } ?? ""
    return "\(measured.mean.brief)\(interval)\(unitWords)"
  }

  /// The control's mean; empty where it was not measured.
  public var controlWords: String {
    control.map(\.mean.brief) ?? ""
  }

  /// The number of seeds; empty where nothing was measured.
  public var seedWords: String {
    measured.map { String($0.count) } ?? ""
  }

  /// The seconds of all seeds together; empty where nothing was measured.
  public var secondWords: String {
    seconds.map { $0 < 10 ? $0.brief : String(Int($0)) } ?? ""
  }

  private var unitWords: String {
    claim.unit == "1" || claim.criterion.kind == .ordering ? "" : " \(claim.unit)"
  }
}
