import Foundation
import Replications
import Testing

@testable import replicate

// Each test runs the command in a process of its own, so that its exit code and its output are the real ones.
@Suite("The command") struct CommandTests {
  @Test("a run in which everything is reproduced exits with 0 and writes the evidence")
  func success() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["run", "theorem", "--root", path, "--jobs", "1"])
      }
      let lines = output(of: result).split(separator: "\n")
      #expect(lines.first?.hasPrefix("verdict     compared  claim") == true)
      #expect(lines.dropFirst().first == "A Demonstration (2020)")
      let columns = lines.dropFirst(2).first?.split(separator: " ").map(String.init)
      #expect(columns?.prefix(8) == ["reproduced", "identity", "demo.theorem", "exactly", "2", "2", "2", "1"])
      #expect(lines.last == "1 reproduced")
      #expect(
        folder.appending(path: "evidence").files == ["Demo/Theorem.csv", "Demo/Theorem.svg", "Demo/demo.theorem.json"])
    }
  }

  @Test("what is expected not to replicate counts as expected, and --json says so")
  func expected() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["run", "demo.order", "--root", path, "--json", "--evidence", path + "/elsewhere"])
      }
      struct Summary: Decodable {
        let rows: [Board.Row]
        let isComplete: Bool
        let exitCode: Int32
      }
      let summary = try JSONDecoder().decode(Summary.self, from: Data(result?.standardOutputContent ?? []))
      #expect(summary.rows.map(\.outcome) == [.notReproduced] && summary.rows[0].isExpected)
      #expect(summary.isComplete && summary.exitCode == 0)
      #expect(folder.appending(path: "elsewhere").files.contains("Demo/demo.order.json"))
    }
  }

  @Test("a claim that is not reproduced exits with 1")
  func notReproduced() async throws {
    try await withPackage { folder in
      await #expect(processExitsWith: .exitCode(1)) { [path = folder.path as String] in
        await runCommand(["run", "pentagon", "--root", path])
      }
    }
  }

  @Test("an experiment that fails exits with 3, whatever else was reproduced")
  func failure() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["run", "--tier", "long", "--root", path, "--seeds", "2"])
      }
      #expect(output(of: result).contains("    seed 0: out of memory"))
    }
  }

  @Test("a run above whose tier everything lies exits with 3")
  func nothingEvaluated() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["run", "bound", "--tier", "quick", "--root", path])
      }
      #expect(output(of: result).contains("it is of tier long, and the run's tier is quick"))
    }
  }

  @Test("a pattern without match exits with 2 and suggests what may have been meant")
  func noMatch() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["run", "pentagn", "--root", path])
      }
      #expect(
        errors(of: result)
          == "error: no claim, finding, paper or experiment matches \"pentagn\"; did you mean demo.pentagon.gaps?\n")
    }
  }

  @Test(
    "wrong usage exits with 2",
    arguments: ["--nonsense", "run --seeds 0", "run --tier nightly", "run --jobs x", "show", "fly"])
  func usage(arguments: String) async throws {
    let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
      [arguments = arguments as String] in
      await runCommand(arguments.split(separator: " ").map(String.init))
    }
    #expect(errors(of: result).contains("Usage: replicate"))
  }

  @Test("a folder without papers exits with 2, a malformed claims file with 3")
  func badPackage() async throws {
    try await withPackage { folder in
      await #expect(processExitsWith: .exitCode(2)) { [path = folder.path as String] in
        await runCommand(["list", "--root", path + "/papers"])
      }
      try folder.write("paper: [", to: "papers/broken/claims.yaml")
      let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["list", "--root", path])
      }
      #expect(
        errors(of: result).hasPrefix("error: papers/broken/claims.yaml:2: is not well-formed YAML"))
    }
  }

  @Test("a claim without an experiment exits with 3 and names the claim")
  func unmeasured() async throws {
    try await withPackage { folder in
      try folder.write(
        demoClaimsFile.replacing("demo.theorem", with: "demo.lemma"), to: "papers/doe2020demo/claims.yaml")
      let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["status", "--root", path])
      }
      let lines = errors(of: result).split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.last == "the claim demo.lemma (doe2020demo) has no experiment; add one to the finding Demo")
    }
  }

  @Test("an interrupt stops the run with 130 and leaves whole files only")
  func interrupt() async throws {
    try await withPackage { folder in
      await #expect(processExitsWith: .exitCode(130)) { [path = folder.path as String] in
        await runCommand(["run", "--root", path, "--jobs", "1"], registry: .interrupting)
      }
      let evidence = folder.appending(path: "evidence")
      #expect(evidence.files.allSatisfy { !$0.contains(".json.") && !$0.contains("/.") })
      #expect(!evidence.files.contains("Demo/demo.order.json"))
    }
  }

  @Test("list, show and status print text and JSON")
  func reading() async throws {
    try await withPackage { folder in
      func printed(_ arguments: String...) async -> String {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
          [all = (arguments + ["--root", folder.path]).joined(separator: "\n") as String] in
          await runCommand(all.split(separator: "\n").map(String.init))
        }
        return output(of: result)
      }
      func object(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8))
      }
      #expect(
        await printed("list").contains(
          "demo.bound          Demo/Bound     bound     shape     long      3      at most 0.1"))
      #expect(await printed("show", "demo.order").contains("source        Section 2\n"))
      #expect(await printed("status").contains("not evaluated  shape     demo.bound"))
      #expect(await printed("status", "--markdown").contains("## [A Demonstration](https://example.org/demo)"))
      #expect((try object(await printed("list", "--json")) as? [Any])?.count == 4)
      let shown = try object(await printed("show", "demo.order", "--json")) as? [String: Any]
      #expect((shown?["row"] as? [String: Any])?["outcome"] as? String == "notEvaluated")
      #expect(((try object(await printed("status", "--json")) as? [String: Any])?["rows"] as? [Any])?.count == 4)
    }
  }

  @Test("show of an unknown claim exits with 2 and suggests ids")
  func showUnknown() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["show", "pentagon", "--root", path])
      }
      #expect(errors(of: result).contains("did you mean demo.pentagon.gaps?"))
    }
  }

  @Test("the built product answers for help and for wrong usage")
  func product() throws {
    let product = try #require(builtProduct)
    func status(_ arguments: String...) throws -> Int32 {
      let process = Process()
      process.executableURL = product
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try status("--help") == 0)
    #expect(try status("--nonsense") == 2)
    #expect(try status("list", "--root", "/nowhere") == 2)
  }

  /// The command beside the running tests.
  private var builtProduct: URL? {
    let folders =
      CommandLine.arguments.prefix(1).map { URL(filePath: $0).deletingLastPathComponent() }
      + [URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()]
      + [projectRoot.appending(path: ".build/debug")]
    return folders.map { $0.appending(path: "replicate") }.first {
      FileManager.default.isExecutableFile(atPath: $0.path)
    }
  }
}
