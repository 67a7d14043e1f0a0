import Foundation
import Replications
import Testing

@testable import replicate

@Suite("The command: badges and remember") struct BoardCommandTests {
  @Test("a run leaves badges and a line of history, and is not remembered twice")
  func files() async throws {
    try await withPackage { folder in
      for (arguments, ending) in [
        ("run theorem --root ROOT", "1 reproduced"), ("badges ROOT/badges --root ROOT", "total.svg"),
        ("remember ROOT/history.jsonl --root ROOT", "history.jsonl: 1 run"),
        ("remember ROOT/history.jsonl --root ROOT", "this run is there already, 1 run"),
      ] {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
          [all = arguments.replacing("ROOT", with: folder.path) as String] in
          await runCommand(all.split(separator: " ").map(String.init))
        }
        #expect(output(of: result).hasSuffix("\(ending)\n"), "\(arguments)")
      }
      let badge = try String(contentsOf: folder.appending(path: "badges/total.svg"), encoding: .utf8)
      #expect(badge.contains("replications: 1 of 4 reproduced"))
    }
  }

  @Test("without records there is nothing to remember: 3")
  func nothing() async throws {
    try await withPackage { folder in
      await #expect(processExitsWith: .exitCode(3)) { [path = folder.path as String] in
        await runCommand(["remember", path + "/history.jsonl", "--root", path])
      }
      #expect(!folder.files.contains("history.jsonl"))
    }
  }
}
