// What came of a claim in a run.

import Foundation

/// What came of one claim.
public struct ClaimOutcome: Sendable {
  /// The claim.
  public let claim: Claim

  /// The verdict.
  public let verdict: Verdict

  /// Why, in one sentence.
  public let reason: String

  /// The record; nil where nothing was evaluated.
  public let record: Record?

  /// The record's file; nil where none was written.
  public let recordFile: URL?

  /// The figures of the claim's experiment.
  public let drawings: [Drawing]

  /// Whether the verdict is what the claim's expectation says.
  public var isExpected: Bool {
    claim.expectation.isMet(by: verdict.outcome)
  }

  /// Creates the outcome of a claim that was not evaluated.
  static func notEvaluated(_ claim: Claim, _ why: String) -> ClaimOutcome {
    ClaimOutcome(
      claim: claim, verdict: .notEvaluated(why: why), reason: why, record: nil, recordFile: nil, drawings: [])
  }
}
