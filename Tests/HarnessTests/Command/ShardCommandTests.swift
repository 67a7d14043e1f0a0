import Foundation
import Replications
import Testing

@testable import replicate

@Suite("The command: run --shard and merge") struct ShardCommandTests {
  @Test("two shards, joined, are the run as a whole but for its times")
  func union() async throws {
    try await withPackage { folder in
      for arguments in [
        "run --evidence whole", "run --evidence one --shard 1/2", "run --evidence two --shard 2/2",
        "merge joined one two",
      ] {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
          [path = folder.path as String, arguments = arguments as String] in
          _ = FileManager.default.changeCurrentDirectoryPath(path)
          let code = await demoExitCode(arguments.split(separator: " ").map(String.init))
          // The demonstration's pentagon is not reproduced, in the shard that has it and in the whole run.
          exit(code == 1 && arguments.hasPrefix("run") ? 0 : code)
        }
        #expect(!errors(of: result).contains("error:"), "\(arguments)")
      }
      let whole = try Evidence(folder: folder.appending(path: "whole")).storedRecords().map(\.record)
      let joined = try Evidence(folder: folder.appending(path: "joined")).storedRecords().map(\.record)
      #expect(whole.map(\.claim.id) == ["demo.order", "demo.pentagon.gaps", "demo.theorem"])
      #expect(whole.map(\.claim) == joined.map(\.claim) && whole.map(\.measurement) == joined.map(\.measurement))
      #expect(folder.appending(path: "joined").files.suffix(2) == ["shard-1-of-2.json", "shard-2-of-2.json"])
    }
  }

  @Test("a share without claims is run at once and leaves its file; joining too few exits with 3")
  func emptyAndMissing() async throws {
    try await withPackage { folder in
      let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["run", "theorem", "--root", path, "--shard", "2/2"])
      }
      #expect(!errors(of: result).contains("error:"))
      #expect(folder.appending(path: "evidence").files == ["shard-2-of-2.json"])
      let merge = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["merge", path + "/out", path + "/evidence"])
      }
      #expect(
        errors(of: merge) == "error: shard-1-of-2.json is in none of the folders, which has demo.theorem\n")
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))

      let allowed = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["merge", path + "/out", path + "/evidence", "--allow-missing"])
      }
      #expect(errors(of: allowed) == "not evaluated, since their shards are missing: demo.theorem\n")
      await #expect(processExitsWith: .exitCode(3)) { [path = folder.path as String] in
        await runCommand(["remember", path + "/history.jsonl", "--evidence", path + "/out", "--root", path])
      }
      await #expect(processExitsWith: .exitCode(0)) { [path = folder.path as String] in
        await runCommand(
          ["remember", path + "/history.jsonl", "--evidence", path + "/out", "--root", path, "--unless-incomplete"])
      }
      #expect(!folder.files.contains("history.jsonl"))
    }
  }

  @Test("a shard that is none exits with 2", arguments: ["3/2", "0/1", "x", "1/"])
  func usage(shard: String) async throws {
    await #expect(processExitsWith: .exitCode(2)) { [shard = shard as String] in
      await runCommand(["run", "--shard", shard])
    }
  }

  @Test("a shard that is interrupted does not look finished")
  func interrupted() async throws {
    try await withPackage { folder in
      try folder.write("{}", to: "evidence/shard-1-of-1.json")
      await #expect(processExitsWith: .exitCode(130)) { [path = folder.path as String] in
        await runCommand(["run", "--root", path, "--jobs", "1", "--shard", "1/1"], registry: .interrupting)
      }
      #expect(!folder.appending(path: "evidence").files.contains("shard-1-of-1.json"))
    }
  }
}
