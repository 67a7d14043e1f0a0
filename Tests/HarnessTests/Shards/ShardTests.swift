import Foundation
@testable import Replications
import Testing

@Suite("Shares of a run") struct ShardTests {
  /// Seven experiments with 1, 2 and 3 claims by turns.
  private let experiments = (0..<7).map { number in
    var experiment = FakeExperiment { _ in [] }
    experiment.name = "E\(number)"
    experiment.claims = (0...(number % 3)).map { "demo.e\(number).c\($0)" }
    return experiment
  }
  private var registry: Registry {
    Registry(findings: [Finding(name: "Demo", papers: ["doe2020demo"], experiments: experiments)])
  }
  private var claims: [Claim] { experiments.flatMap(\.claims).map { .demo($0) } }

  @Test("a share is written i/n, and nothing else is one")
  func text() {
    #expect(Shard("2/4") == Shard(index: 2, count: 4) && Shard("2/4")?.description == "2/4")
    for text in "0/4 5/4 1 1/ /4 1/2/3 -1/4 +1/4 a/b 1/0 1/99999999999999999999".split(separator: " ") {
      #expect(Shard(String(text)) == nil, "\(text)")
    }
  }

  @Test("the shares together are every claim exactly once, however many there are", arguments: [1, 2, 3, 5, 7, 8, 40])
  func union(count: Int) {
    let plan = ShardPlan(claims, among: count, registry: registry)
    #expect(plan.shares.count == count)
    let all = (1...count).compactMap { Shard(index: $0, count: count) }.flatMap(plan.claims(of:))
    #expect(all.sorted() == claims.map(\.id).sorted())
  }

  @Test("the claims of one experiment stay together", arguments: 1...9)
  func together(count: Int) {
    let plan = ShardPlan(claims, among: count, registry: registry)
    for experiment in experiments {
      #expect(plan.shares.count { !Set($0).isDisjoint(with: experiment.claims) } == 1)
    }
  }

  @Test("the order in which claims are given moves none of them to another share")
  func order() {
    let plan = ShardPlan(claims, among: 3, registry: registry)
    let other = ShardPlan(claims.reversed(), among: 3, registry: registry)
    #expect(plan.shares.map(Set.init) == other.shares.map(Set.init))
  }

  @Test("without recorded times, an experiment weighs as much as the most seeds of its claims")
  func seeds() {
    let claims = [
      Claim.demo("demo.e0.c0", seeds: 12), .demo("demo.e1.c0", seeds: 3), .demo("demo.e1.c1", seeds: 5),
      .demo("demo.e3.c0", seeds: 4), .demo("demo.e6.c0", seeds: 3),
    ]
    let plan = ShardPlan(claims, among: 2, registry: registry)
    #expect(plan.shares == [["demo.e0.c0"], ["demo.e1.c0", "demo.e1.c1", "demo.e3.c0", "demo.e6.c0"]])
  }

  @Test("recorded times balance the shares; what was never run is taken to cost as much a seed as the rest")
  func costs() async throws {
    let claims = ["demo.e0.c0", "demo.e1.c0", "demo.e3.c0", "demo.e6.c0"].map { Claim.demo($0) }
    let seconds = [9.0, 4, 3]
    let records = try await withTemporaryFolder { folder in
      try await zip(claims, seconds).asyncMap { claim, seconds in
        try await demoRecord(claim, in: folder) { $0.seconds = seconds }
      }
    }
    // The fourth has five seeds at (9 + 4 + 3) / 15 seconds each.
    let plan = ShardPlan(claims, among: 2, registry: registry, costs: ShardCosts(records))
    #expect(plan.shares == [["demo.e0.c0", "demo.e3.c0"], ["demo.e1.c0", "demo.e6.c0"]])
  }

  @Test("the published runs of papers tell times too, and a paper that was never published tells none")
  func publishedCosts() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(demoClaimsFile, to: "papers/doe2020demo/claims.yaml")
      let workspace = try Workspace(root: folder)
      let papers = try workspace.library().papers
      #expect(try ShardCosts(publishedIn: workspace, papers: papers) == ShardCosts([]))
      let record = try await demoRecord(in: folder) { $0.seconds = 9 }
      let run = ReferenceRun(
        schemaVersion: ReferenceRun.currentSchemaVersion, paper: "doe2020demo", records: [record], figures: [],
        rootSeeds: nil)
      try folder.write(String(decoding: try run.encoded(), as: UTF8.self), to: "papers/doe2020demo/results.json")
      #expect(try ShardCosts(publishedIn: workspace, papers: papers) == ShardCosts([record]))
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
