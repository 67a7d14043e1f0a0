// The one expectation of a replication: a test names claims, and the harness trains, measures, judges and records.

import Replications
import Testing

/// Expects that claims of the suite's finding are reproduced.
///
/// A failure says what was published, what every seed gave and where the record lies. A claim that is expected not to
/// replicate is a known issue, which turns red the day it does. The test is cancelled if nothing could be evaluated, for
/// want of an asset or because the run's tier is too low.
func expectReproduced(_ ids: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
  guard let scope = ReplicationScope.current else {
    Issue.record("the suite needs the trait .replicates(\"Finding\")", sourceLocation: sourceLocation)
    return
  }
  var skipped: [String] = []
  for id in ids {
    guard let claim = scope.session.library.claim(id), claim.finding == scope.finding else {
      Issue.record("\(scope.finding) has no claim \(id) in any claims.yaml", sourceLocation: sourceLocation)
      continue
    }
    let outcome = try await scope.session.outcome(of: claim)
    for drawing in outcome.drawings { Attachment.record(drawing.svg, named: "\(drawing.name).svg") }
    if case .notEvaluated(let why) = outcome.verdict {
      skipped.append("\(id) was not evaluated: \(why)")
    } else {
      expect(outcome, sourceLocation)
    }
  }
  if skipped.count == ids.count { try Test.cancel(Comment(rawValue: skipped.joined(separator: "; "))) }
  for reason in skipped { Issue.record(Comment(rawValue: reason), severity: .warning, sourceLocation: sourceLocation) }
}

/// Records an issue unless the claim was reproduced.
private func expect(_ outcome: ClaimOutcome, _ sourceLocation: SourceLocation) {
  func recordIssue() {
    guard outcome.verdict != .reproduced else { return }
    Issue.record(Comment(rawValue: outcome.explanation), sourceLocation: sourceLocation)
  }
  let claim = outcome.claim
  if claim.expectation == .reproduces || outcome.verdict.outcome == .error { return recordIssue() }
  let note = "\(claim.id) is expected not to replicate (\(claim.expectation.rawValue)): \(claim.note ?? "")"
  withKnownIssue(Comment(rawValue: note), sourceLocation: sourceLocation) { recordIssue() }
}
