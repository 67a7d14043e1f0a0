import Foundation
import Replications
import Testing

@testable import replicate

// Each test runs the command in a process of its own, so that its exit code and its output are the real ones.
@Suite("replicate report") struct ReportCommandTests {
  @Test("a site is written into the package unless told otherwise, and the command says where")
  func success() async throws {
    try await withDemoEvidence { folder, _ in
      let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await report(["--root", path])
      }
      let printed = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
      #expect(printed.hasSuffix("site/index.html: 2 reproduced, 1 not reproduced, 1 not evaluated\n"))
      #expect(folder.appending(path: "site").files.contains("papers/doe2020demo/index.html"))
      // Again, with all that can be asked for: what the site holds is known to be ours, badges included.
      await #expect(processExitsWith: .exitCode(0)) { [path = folder.path as String] in
        await report(["--root", path, "--bundles", "--reproducible"])
      }
      #expect(folder.appending(path: "site").files.contains("evidence/Demo/demo.theorem.tar.zst"))
    }
  }

  @Test("an output that holds other things exits with 2 and a sentence, a broken history with 3")
  func errors() async throws {
    try await withDemoEvidence { folder, _ in
      let refused = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await report(["--root", path, "--output", path + "/papers"])
      }
      let sentence = String(decoding: refused?.standardErrorContent ?? [], as: UTF8.self)
      #expect(
        sentence.contains("the site cannot take the place of \(folder.path)/papers: it holds doe2020demo/README.md"))

      try folder.write("{}\n", to: "history.jsonl")
      let broken = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await report(["--root", path, "--history", path + "/history.jsonl"])
      }
      let problem = String(decoding: broken?.standardErrorContent ?? [], as: UTF8.self)
      #expect(problem.contains("history.jsonl:1 is not a run"))
      #expect(!folder.files.contains { $0.hasPrefix("site") })
    }
  }
}

/// Runs the command for the demonstration's claims, and exits with its code.
private func report(_ arguments: [String]) async {
  func experiment(_ name: String, _ claim: String) -> FakeExperiment {
    var experiment = FakeExperiment.constant(1, claim: claim)
    experiment.name = name
    return experiment
  }
  let registry = Registry.demo(
    experiment("Pentagon", "demo.pentagon.gaps"), experiment("Order", "demo.order"), experiment("Bound", "demo.bound"),
    experiment("Theorem", "demo.theorem"))
  exit(await Replicate.$registry.withValue(registry) { await Replicate.run(["report"] + arguments) })
}
