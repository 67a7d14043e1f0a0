import Foundation
import Synchronization
import Testing

@testable import Replications

@Suite("Sessions") struct SessionTests {
  @Test("an experiment runs once however many claims and tasks ask for it")
  func once() async throws {
    let count = Mutex(0)
    let claims = [Claim.demo("demo.a", seeds: 3), .demo("demo.b", seeds: 3)]
    let experiment = FakeExperiment(claims: ["demo.a", "demo.b"]) { _ in
      count.withLock { $0 += 1 }
      return ["demo.a", "demo.b"].map { Reading(claim: $0, value: 72, control: 90) }
    }
    try await withSession(claims, .demo(experiment)) { session in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for claim in claims + claims {
          group.addTask {
            let outcome = try await session.outcome(of: claim)
            #expect(outcome.verdict == .reproduced)
          }
        }
        try await group.waitForAll()
      }
      #expect(count.withLock { $0 } == 3)
    }
  }

  @Test("an asked claim runs its experiment, and only asked claims are recorded")
  func alone() async throws {
    let claims = [Claim.demo("demo.a"), .demo("demo.b")]
    let experiment = FakeExperiment(claims: ["demo.a", "demo.b"]) { _ in
      ["demo.a", "demo.b"].map { Reading(claim: $0, value: 72, control: 90) }
    }
    try await withSession(claims, .demo(experiment)) { session in
      let outcome = try await session.outcome(of: claims[1])
      #expect(session.settings.evidence.files == ["Demo/Pentagon.csv", "Demo/Pentagon.svg", "Demo/demo.b.json"])
      #expect(outcome.recordFile?.lastPathComponent == "demo.b.json")
    }
  }

  @Test("each claim is judged on its own number of seeds, and a figure shows the seeds of all")
  func seeds() async throws {
    let claims = [Claim.demo("demo.a", seeds: 2), .demo("demo.b", seeds: 4), .demo("demo.c", tier: .long, seeds: 9)]
    let experiment = FakeExperiment(claims: claims.map(\.id)) { run in
      claims.map { Reading(claim: $0.id, value: 72 + Double(run.index) / 10, control: 90) }
    }
    try await withSession(claims, .demo(experiment)) { session in
      let outcome = try await session.outcome(of: claims[0])
      #expect(outcome.record?.measurement.values == [72, 72.1])
      #expect(outcome.record?.experiment.seeds == [0, 1])
      #expect(outcome.drawings[0].csv.split(separator: "\n").count == 3 * 4)
      let other = try await session.outcome(of: claims[1])
      #expect(other.record?.measurement.values == [72, 72.1, 72.2, 72.3])
    }
    try await withSession(claims, .demo(experiment), seeds: 3) { session in
      let outcome = try await session.outcome(of: claims[0])
      #expect(outcome.record?.measurement.values.count == 3)
    }
  }

  @Test("a claim above the run's tier is not evaluated, and nothing runs or is written")
  func tier() async throws {
    let claim = Claim.demo(tier: .long)
    let experiment = FakeExperiment { _ in
      Issue.record("the experiment ran")
      return []
    }
    try await withSession([claim], .demo(experiment)) { session in
      let outcome = try await session.outcome(of: claim)
      #expect(outcome.verdict == .notEvaluated(why: "it is of tier long, and the run's tier is standard"))
      #expect(session.settings.evidence.files == [])
    }
  }

  @Test("a claim whose asset is missing is not evaluated, and says what it needs")
  func asset() async throws {
    let claim = Claim.demo(needs: ["gpt2-small"])
    try await withSession([claim], .demo(FakeExperiment.pentagon)) { session in
      let outcome = try await session.outcome(of: claim)
      #expect(outcome.verdict == .notEvaluated(why: "needs gpt2-small: fixtures/assets.yaml states no such asset"))
    }
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String { "the loss became infinite" }
  }

  @Test("an experiment that throws is an error of its claims, with the seed and the reason")
  func failingSeed() async throws {
    let claims = [Claim.demo(seeds: 4), .demo("demo.early", seeds: 2)]
    let experiment = FakeExperiment(claims: claims.map(\.id)) { run in
      if run.index >= 2 { throw Failure() }
      return claims.map { Reading(claim: $0.id, value: 72, control: 90) }
    }
    try await withSession(claims, .demo(experiment)) { session in
      let outcome = try await session.outcome(of: claims[0])
      #expect(outcome.verdict == .error("seed 2: the loss became infinite"))
      #expect(outcome.record?.measurement.values == [72, 72])
      #expect(session.settings.evidence.files == ["Demo/demo.pentagon.gaps.json"])
    }
  }

  @Test("readings that do not fit the experiment's claims are an error")
  func wrongReadings() async throws {
    for readings in [[], [Reading(claim: "demo.other", value: 1, control: 1)]] {
      try await withSession([.demo()], .demo(FakeExperiment { _ in readings })) { session in
        let outcome = try await session.outcome(of: .demo())
        #expect(outcome.verdict.outcome == .error)
        #expect(outcome.reason.contains("expected one for each of [\"demo.pentagon.gaps\"]"))
      }
    }
  }

  @Test(
    "figures that fail, or bear a name of another experiment, are an error",
    arguments: ["Hexagon", "Pentagon/../x", "Pentagon-"])
  func wrongFigures(name: String) async throws {
    var experiment = FakeExperiment.pentagon
    experiment.draw = { _ in [Drawing(name: name, svg: "", csv: "")] }
    try await withSession([.demo()], .demo(experiment)) { session in
      let outcome = try await session.outcome(of: .demo())
      #expect(outcome.reason.hasPrefix("the figure \"\(name)\" must be named Pentagon"))
      #expect(outcome.verdict.outcome == .error)
    }
    experiment.draw = { _ in throw Failure() }
    try await withSession([.demo()], .demo(experiment)) { session in
      let verdict = try await session.outcome(of: .demo()).verdict
      #expect(verdict == .error("the evidence could not be drawn: the loss became infinite"))
    }
  }

  @Test("a claim that no experiment measures is an error")
  func unmeasured() async throws {
    try await withSession([.demo("demo.other")], .demo(FakeExperiment.pentagon)) { session in
      let verdict = try await session.outcome(of: .demo("demo.other")).verdict
      #expect(verdict == .error("no experiment measures it"))
    }
  }

  @Test("evidence that cannot be written is an error that names the path")
  func unwritable() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("in the way", to: "evidence")
      let session = Session(
        library: .demo([.demo()]), registry: .demo(FakeExperiment.pentagon),
        settings: RunSettings(evidence: folder.appending(path: "evidence")), root: folder)
      let outcome = try await session.outcome(of: .demo())
      #expect(outcome.verdict.outcome == .error)
      #expect(outcome.recordFile == nil)
      #expect(outcome.reason.hasPrefix("\(folder.path)/evidence/Demo could not be written: "))
    }
  }

  private func withSession(
    _ claims: [Claim], _ registry: Registry, seeds: Int? = nil, _ body: (Session) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let settings = RunSettings(seeds: seeds, evidence: folder.appending(path: "evidence"))
      try await body(Session(library: .demo(claims), registry: registry, settings: settings, root: folder))
    }
  }
}
