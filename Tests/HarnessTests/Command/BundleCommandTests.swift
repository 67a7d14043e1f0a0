import Foundation
import Replications
import Testing

@testable import replicate

@Suite("The command: bundle and verify") struct BundleCommandTests {
  @Test("a bundle is made, checked and run again; damage exits with 3, another claim than asked for with 2")
  func roundTrip() async throws {
    try await withPackage { folder in
      for arguments in [
        "run theorem --root ROOT --evidence ROOT/evidence", "bundle demo.theorem --root ROOT --output ROOT/x.tar.zst",
        "verify ROOT/x.tar.zst", "verify ROOT/x.tar.zst --rerun --root ROOT --jobs 1",
        "verify ROOT/x.tar.zst --rerun --root ROOT --json", "bundle demo.theorem --root ROOT --output ROOT/x.zip",
        "verify ROOT/x.zip",
      ] {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
          [all = arguments.replacing("ROOT", with: folder.path) as String] in
          await runCommand(all.split(separator: " ").map(String.init))
        }
        guard arguments.hasPrefix("verify"), !arguments.hasSuffix("--json") else { continue }
        let lines = output(of: result).split(separator: "\n")
        #expect(lines.first == "demo.theorem, version 1: reproduced" && lines.last == "verified")
        #expect(lines.contains("run again, every bit is compared") == arguments.contains("--rerun"))
      }
      let archive = folder.appending(path: "x.tar.zst")
      try Data(contentsOf: archive).dropLast(20).write(to: archive)
      await #expect(processExitsWith: .exitCode(3)) { [path = folder.path as String] in
        await runCommand(["verify", path + "/x.tar.zst"])
      }
      let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["bundle", "theorem", "--root", path])
      }
      await #expect(processExitsWith: .exitCode(2)) { [path = folder.path as String] in
        await runCommand(["bundle", "demo.theorem", "--root", path, "--output", path + "/x.tgz"])
      }
      #expect(errors(of: result).contains("did you mean demo.theorem?"))
    }
  }

  @Test("an experiment that gives other bits exits with 1")
  func otherBits() async throws {
    try await withPackage { folder in
      for arguments in ["run theorem --root ROOT", "bundle demo.theorem --root ROOT --output ROOT/x.tar.zst"] {
        await #expect(processExitsWith: .exitCode(0)) {
          [all = arguments.replacing("ROOT", with: folder.path) as String] in
          await runCommand(all.split(separator: " ").map(String.init))
        }
      }
      let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        var theorem = FakeExperiment.constant(3, control: 5, claim: "demo.theorem")
        theorem.name = "Theorem"
        theorem.draw = { _ in [] }
        let others = ["demo.pentagon.gaps", "demo.order", "demo.bound"].map { claim in
          var other = FakeExperiment.constant(0, claim: claim)
          other.name = claim.split(separator: ".")[1].capitalized
          return other
        }
        await runCommand(
          ["verify", path + "/x.tar.zst", "--rerun", "--root", path],
          registry: .demo(theorem, others[0], others[1], others[2]))
      }
      #expect(
        output(of: result).contains("the values are not the same bits: seed 0 gave 2.0, now 3.0"))
    }
  }
}
