// `.replicates("Superposition")` on a suite lets its tests ask for claims. All suites of a process share one session,
// so that an experiment runs once however many tests ask for its claims, and not at all if none does.

import Foundation
import Replications
import Testing

extension Trait where Self == ReplicatesTrait {
  /// Lets the tests of a suite ask for the claims of a finding.
  static func replicates(_ finding: String) -> Self {
    ReplicatesTrait(finding: finding)
  }
}

/// Binds the session and the finding for the tests of a suite.
struct ReplicatesTrait: SuiteTrait, TestScoping {
  let finding: String

  func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void)
    async throws
  {
    let session = try ReplicationScope.shared.get()
    guard session.registry.finding(finding) != nil else {
      throw ReplicationScope.UnknownFinding(name: finding)
    }
    try await ReplicationScope.$current.withValue(ReplicationScope(session: session, finding: finding)) {
      try await function()
    }
  }
}

/// What the tests of a suite run in.
struct ReplicationScope: Sendable {
  let session: Session
  let finding: String

  /// The scope of the suite around the current test.
  @TaskLocal static var current: ReplicationScope?

  /// The session of all suites of the process, with settings from the environment.
  static let shared = Result {
    let workspace = try Workspace(above: URL(filePath: #filePath))
    let library = try workspace.library()
    try Registry.standard.validate(library)
    let environment = ProcessInfo.processInfo.environment
    return Session(
      library: library, registry: .standard, assets: try workspace.assets(environment: environment),
      settings: try RunSettings(environment: environment, evidence: workspace.evidence), root: workspace.root)
  }

  /// A suite names a finding that is not registered.
  struct UnknownFinding: Error, CustomStringConvertible {
    let name: String
    var description: String { "no finding is called \(name); Findings.swift lists them" }
  }
}
