import Foundation
import Replications
import Testing

// What the expectation says of claims that hold, that do not, and that hold against expectation. Issues that must be
// recorded are expected as known issues, so that these tests fail when they are missing.
@Suite("Expecting a reproduction") struct ExpectReproducedTests {
  @Test("a claim that is reproduced records nothing")
  func reproduced() async throws {
    try await measuring(72) { try await expectReproduced("demo.gaps") }
  }

  @Test("a claim that is not reproduced fails with what was published and what was measured")
  func notReproduced() async throws {
    try await measuring(60) {
      try await withKnownIssue {
        try await expectReproduced("demo.gaps")
      } matching: { issue in
        let text = issue.comments.map(\.rawValue).joined()
        return ["not reproduced", "demo.gaps", "72 ± 1 degrees", "60, 60, 60", "Demo/demo.gaps.json"]
          .allSatisfy { text.contains($0) }
      }
    }
  }

  @Test("a claim that cannot be measured fails even if it is not expected to replicate")
  func error() async throws {
    try await measuring(.nan, .doesNotReplicate) {
      try await withKnownIssue {
        try await expectReproduced("demo.gaps")
      } matching: { issue in
        issue.comments.contains { $0.rawValue.hasPrefix("error") }
      }
    }
  }

  @Test("a claim that is not expected to replicate, and does not, is a known issue")
  func asExpected() async throws {
    try await measuring(60, .doesNotReplicate) { try await expectReproduced("demo.gaps") }
  }

  @Test("a claim that replicates against expectation fails")
  func againstExpectation() async throws {
    try await measuring(72, .doesNotReplicate) {
      await withKnownIssue { try await expectReproduced("demo.gaps") }
    }
  }

  @Test("a claim that no file states, and a suite without the trait, fail")
  func mistakes() async throws {
    try await measuring(72) {
      try await withKnownIssue {
        try await expectReproduced("demo.gap")
      } matching: {
        $0.comments.contains("Demo has no claim demo.gap in any claims.yaml")
      }
    }
    try await withKnownIssue {
      try await expectReproduced("demo.gaps")
    } matching: {
      $0.comments.contains("the suite needs the trait .replicates(\"Finding\")")
    }
  }

  @Test("beside a claim that is evaluated, one that is not is a warning")
  func partlyEvaluated() async throws {
    try await measuring(72) {
      try await withKnownIssue {
        try await expectReproduced("demo.gaps", "demo.long")
      } matching: {
        $0.severity == .warning && $0.comments.contains { $0.rawValue.hasPrefix("demo.long was not evaluated: ") }
      }
    }
  }

  /// An experiment that gives every claim the same value.
  private struct Constant: Experiment {
    let value: Double
    let name = "Pentagon"
    let claims = ["demo.gaps", "demo.long"]
    let configuration: [String: ConfigurationValue] = [:]

    func observe(_ run: SeedRun) -> Double { value }
    func readings(_ observation: Double) -> [Reading] {
      claims.map { Reading(claim: $0, value: observation, control: 90) }
    }
    func figures(_ observations: [Double]) -> [Drawing] { [] }
  }

  /// Calls a function in a suite whose claims are measured to have one value.
  private func measuring(
    _ value: Double, _ expectation: Replications.Expectation = .reproduces, _ body: () async throws -> Void
  ) async throws {
    let claims = [("demo.gaps", Tier.quick), ("demo.long", .long)].map { id, tier in
      Claim(
        id: id, paper: "doe2020demo", finding: "Demo", statement: "Five features form a pentagon.", source: "Figure 1",
        metric: "mean gap", unit: "degrees", criterion: .value(published: 72, margin: 1), comparison: .number,
        rationale: "rounding", control: "right angles", expectation: expectation, note: "a demonstration", tier: tier,
        seeds: 3)
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "replications-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let session = Session(
      library: Library(papers: [], claims: claims),
      registry: Registry(findings: [Finding(name: "Demo", papers: [], experiments: [Constant(value: value)])]),
      settings: RunSettings(tier: .standard, evidence: folder), root: folder)
    try await ReplicationScope.$current.withValue(ReplicationScope(session: session, finding: "Demo")) {
      try await body()
    }
  }
}
