import Foundation
import Synchronization
import Testing

@testable import Replications

@Suite("Runner") struct RunnerTests {
  @Test("outcomes come in the order of the claims, and one failure does not stop the others")
  func order() async throws {
    let claims = [Claim.demo("demo.a"), .demo("demo.b"), .demo("demo.c", tier: .long)]
    var failing = FakeExperiment(claims: ["demo.a"]) { _ in throw CocoaError(.fileReadUnknown) }
    failing.name = "Failing"
    var late = FakeExperiment.constant(72, claim: "demo.c")
    late.name = "Late"
    let registry = Registry.demo(failing, FakeExperiment.constant(72, claim: "demo.b"), late)
    try await withTemporaryFolder { folder in
      let report = await runner(claims, registry, folder).run(claims)
      #expect(report.outcomes.map(\.claim.id) == ["demo.a", "demo.b", "demo.c"])
      #expect(report.outcomes.map(\.verdict.outcome) == [.error, .reproduced, .notEvaluated])
      #expect(report.isComplete)
    }
  }

  @Test("no more seeds are observed at once than there are jobs")
  func jobs() async throws {
    let state = Mutex((now: 0, most: 0))
    let experiment = FakeExperiment { _ in
      state.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
      usleep(2000)
      state.withLock { $0.now -= 1 }
      return [Reading(claim: "demo.pentagon.gaps", value: 72, control: 90)]
    }
    try await withTemporaryFolder { folder in
      let claims = [Claim.demo(seeds: 12)]
      _ = await runner(claims, .demo(experiment), folder, jobs: 1).run(claims)
      #expect(state.withLock { $0.most } == 1)
    }
  }

  @Test("the same seed gives the same bytes, but for the environment; another seed gives others")
  func determinism() async throws {
    func bytes(rootSeed: UInt64, jobs: Int) async throws -> [String: String] {
      try await withTemporaryFolder { folder in
        let session = Session(
          library: .demo([.demo()]), registry: .demo(FakeExperiment.pentagon),
          settings: RunSettings(rootSeed: rootSeed, jobs: jobs, evidence: folder), root: folder)
        _ = await Runner(session: session).run([.demo()])
        return try Dictionary(
          uniqueKeysWithValues: folder.files.map { name in
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            return (name, text.replacing(/"environment" : \{(.|\n)*?\n  \},\n/, with: ""))
          })
      }
    }
    let first = try await bytes(rootSeed: 7, jobs: 1)
    #expect(first.keys.sorted() == ["Demo/Pentagon.csv", "Demo/Pentagon.svg", "Demo/demo.pentagon.gaps.json"])
    #expect(first["Demo/demo.pentagon.gaps.json"]?.contains("\"host\"") == false)
    #expect(try await first == bytes(rootSeed: 7, jobs: 4))
    #expect(try await first != bytes(rootSeed: 8, jobs: 4))
  }

  @Test("progress rises to the number of seeds")
  func progress() async throws {
    let seen = Mutex<[RunProgress]>([])
    let experiment = FakeExperiment { run in
      run.report(0.5)
      return [Reading(claim: "demo.pentagon.gaps", value: 72, control: 90)]
    }
    try await withTemporaryFolder { folder in
      let session = Session(
        library: .demo([.demo()]), registry: .demo(experiment), settings: RunSettings(jobs: 1, evidence: folder),
        root: folder, onProgress: { progress in seen.withLock { $0.append(progress) } })
      _ = await Runner(session: session).run([.demo()])
    }
    let completed = seen.withLock { $0.map(\.completed) }
    #expect(completed == completed.sorted())
    #expect(completed.contains(0.5))
    #expect(seen.withLock { $0.last } == RunProgress(completed: 5, expected: 5))
  }

  @Test(
    "the exit code is the worst of the outcomes",
    arguments: [
      (72.0, Replications.Expectation.reproduces, Int32(0)), (80, .reproduces, 1), (80, .doesNotReplicate, 0),
      (80, .partial, 0),
      (72, .doesNotReplicate, 0), (.nan, .reproduces, 3), (.nan, .doesNotReplicate, 3),
    ])
  func exitCodes(value: Double, expectation: Replications.Expectation, code: Int32) async throws {
    try await withTemporaryFolder { folder in
      let claims = [Claim.demo(expectation: expectation)]
      let report = await runner(claims, .demo(FakeExperiment.constant(value)), folder).run(claims)
      #expect(report.exitCode == code)
    }
  }

  @Test("a run in which nothing was evaluated is no success")
  func nothing() async throws {
    try await withTemporaryFolder { folder in
      let claims = [Claim.demo(tier: .long)]
      let report = await runner(claims, .demo(FakeExperiment.pentagon), folder).run(claims)
      #expect(report.exitCode == 3)
    }
  }

  private func runner(_ claims: [Claim], _ registry: Registry, _ folder: URL, jobs: Int = 2) -> Runner {
    let settings = RunSettings(jobs: jobs, evidence: folder)
    return Runner(session: Session(library: .demo(claims), registry: registry, settings: settings, root: folder))
  }
}
