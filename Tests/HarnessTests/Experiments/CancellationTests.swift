import Foundation
import Synchronization
import Testing

@testable import Replications

// The experiments here hold a thread until they are told to go on. One at a time they leave the other threads to the
// tests that tell them.
@Suite("Cancellation", .serialized) struct CancellationTests {
  /// A switch that a test turns on, and how many times an experiment came to wait for it.
  final class Switch: Sendable {
    private let state = Mutex((isOn: false, waiting: 0))

    func turnOn() { state.withLock { $0.isOn = true } }
    var waiting: Int { state.withLock { $0.waiting } }

    /// Waits until the switch is on or the run is cancelled, for ten seconds at most.
    func wait(_ run: SeedRun) throws {
      state.withLock { $0.waiting += 1 }
      for _ in 0..<10_000 where !state.withLock({ $0.isOn }) {
        try run.checkCancellation()
        usleep(1000)
      }
    }
  }

  @Test("cancelling one of two who wait leaves the experiment running for the other")
  func shared() async throws {
    let experiment = waiting(on: Switch())
    try await withSession([.demo()], .demo(experiment.experiment)) { session in
      let first = Task { try await session.outcome(of: .demo()) }
      let second = Task { try await session.outcome(of: .demo()) }
      try await until { session.waiting(for: "Demo/Pentagon") == 2 }
      first.cancel()
      experiment.gate.turnOn()
      let outcome = try await second.value
      #expect(outcome.verdict == .reproduced)
      #expect(experiment.gate.waiting == 5)
      await #expect(throws: CancellationError.self) { try await first.value }
    }
  }

  @Test("an experiment whose waiters are all cancelled stops, leaves no file, and can be asked for again")
  func all() async throws {
    let experiment = waiting(on: Switch())
    try await withSession([.demo()], .demo(experiment.experiment)) { session in
      let task = Task { try await session.outcome(of: .demo()) }
      try await until { experiment.gate.waiting > 0 }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(session.settings.evidence.files == [])
      experiment.gate.turnOn()
      let again = try await session.outcome(of: .demo())
      #expect(again.verdict == .reproduced)
    }
  }

  @Test("a cancelled run says so and leaves whole files only")
  func run() async throws {
    let claims = [Claim.demo("demo.fast"), .demo("demo.slow")]
    let gate = Switch()
    var slow = FakeExperiment(claims: ["demo.slow"]) { run in
      try gate.wait(run)
      return []
    }
    slow.name = "Slow"
    let fast = FakeExperiment.constant(72, claim: "demo.fast")
    try await withSession(claims, .demo(fast, slow)) { session in
      _ = try await session.outcome(of: claims[0])
      let task = Task { await Runner(session: session).run(claims) }
      try await until { gate.waiting > 0 }
      task.cancel()
      let report = await task.value
      #expect(!report.isComplete)
      #expect(report.outcomes.allSatisfy { $0.claim.id == "demo.fast" })
      let folder = session.settings.evidence
      #expect(folder.files == ["Demo/Pentagon.csv", "Demo/Pentagon.svg", "Demo/demo.fast.json"])
      _ = try Record(decoding: Data(contentsOf: folder.appending(path: "Demo/demo.fast.json")))
    }
  }

  private func waiting(on gate: Switch) -> (experiment: FakeExperiment, gate: Switch) {
    let experiment = FakeExperiment { run in
      try gate.wait(run)
      return [Reading(claim: "demo.pentagon.gaps", value: 72, control: 90)]
    }
    return (experiment, gate)
  }

  /// Waits for a condition, for ten seconds at most.
  private func until(_ holds: () -> Bool) async throws {
    for _ in 0..<5_000 where !holds() { try await Task.sleep(for: .milliseconds(2)) }
    try #require(holds())
  }

  private func withSession(_ claims: [Claim], _ registry: Registry, _ body: (Session) async throws -> Void) async throws
  {
    try await withTemporaryFolder { folder in
      let settings = RunSettings(jobs: 1, evidence: folder.appending(path: "evidence"))
      try await body(Session(library: .demo(claims), registry: registry, settings: settings, root: folder))
    }
  }
}
