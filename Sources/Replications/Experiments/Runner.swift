// A run evaluates many claims at once and gathers their outcomes in a fixed order.

import Foundation

/// Evaluates claims, experiment by experiment and seed by seed, as many at once as the settings allow.
public struct Runner: Sendable {
  /// What evaluates single claims.
  public let session: Session

  /// Creates a runner.
  public init(session: Session) {
    self.session = session
  }

  /// Evaluates claims. A claim that fails does not stop the others.
  ///
  /// When the surrounding task is cancelled, the outcomes that were reached are returned and the report says that it is
  /// not complete; files already written are whole.
  public func run(_ claims: [Claim]) async -> RunReport {
    announce(claims)
    let reached = await withTaskGroup(of: (Int, ClaimOutcome?).self) { group in
      for (index, claim) in claims.enumerated() {
        group.addTask { (index, try? await session.outcome(of: claim)) }
      }
      return await group.reduce(into: [Int: ClaimOutcome]()) { $0[$1.0] = $1.1 }
    }
    return RunReport(outcomes: claims.indices.compactMap { reached[$0] }, isComplete: reached.count == claims.count)
  }

  private func announce(_ claims: [Claim]) {
    var announced: Set<String> = []
    for claim in claims where session.reasonToSkip(claim) == nil {
      guard let (finding, experiment) = session.registry.experiment(measuring: claim.id) else { continue }
      if announced.insert("\(finding.name)/\(experiment.name)").inserted { session.expect(experiment) }
    }
  }
}

/// The outcomes of a run.
public struct RunReport: Sendable {
  /// The outcomes, in the order in which the claims were given.
  public let outcomes: [ClaimOutcome]

  /// Whether the run went to its end.
  public let isComplete: Bool

  /// The least that can be said of the run as a whole: 0 when all that was evaluated is as expected, 1 when something
  /// was not reproduced or is inconclusive, 3 when something could not be measured or nothing was evaluated at all.
  ///
  /// A claim that is expected not to replicate does not count against the run when it does not.
  public var exitCode: Int32 {
    if outcomes.contains(where: { $0.verdict.outcome == .error }) { return 3 }
    if outcomes.allSatisfy({ $0.verdict.outcome == .notEvaluated }) { return 3 }
    let failed = outcomes.contains { outcome in
      [.notReproduced, .inconclusive].contains(outcome.verdict.outcome) && !outcome.isExpected
    }
    return failed ? 1 : 0
  }
}
