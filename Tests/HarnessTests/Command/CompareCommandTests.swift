import Foundation
import Replications
import Testing

@testable import replicate

@Suite("The command: compare") struct CompareCommandTests {
  @Test("equal sets exit with 0, a regression with 1, an improvement with 4, a folder that is missing with 3")
  func codes() async throws {
    try await withTemporaryFolder { folder in
      try await demoRecord(in: folder.appending(path: "good"))
      try await demoRecord(values: [60, 61, 60], in: folder.appending(path: "bad"))
      await #expect(processExitsWith: .exitCode(0)) { [path = folder.path as String] in
        await runCommand(["compare", path + "/good", path + "/good"])
      }
      let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["compare", path + "/good", path + "/bad"])
      }
      let lines = output(of: result).split(separator: "\n")
      #expect(lines.first?.hasPrefix("change      claim               before  after") == true)
      #expect(lines.dropFirst().first?.hasPrefix("regression  demo.pentagon.gaps  72      60.33  -") == true)
      #expect(lines.last == "1 regression")
      await #expect(processExitsWith: .exitCode(4)) { [path = folder.path as String] in
        await runCommand(["compare", path + "/bad", path + "/good", "--markdown"])
      }
      try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: true)
      let empty = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["compare", path + "/empty", path + "/good"])
      }
      #expect(output(of: empty).contains("the two folders share no claim: nothing was compared\n"))
      let missing = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
        [path = folder.path as String] in
        await runCommand(["compare", path + "/good", path + "/none"])
      }
      #expect(errors(of: missing) == "error: \(folder.path)/none: there is no such folder of evidence\n")
    }
  }

  @Test("--json has the changes, their counts and the exit code")
  func json() async throws {
    try await withTemporaryFolder { folder in
      try await demoRecord(in: folder)
      let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
        [path = folder.path as String] in
        await runCommand(["compare", path, path, "--json"])
      }
      let object = try JSONSerialization.jsonObject(with: Data(result?.standardOutputContent ?? [])) as? [String: Any]
      #expect((object?["counts"] as? [String: Int])?["identical"] == 1 && object?["exitCode"] as? Int == 0)
    }
  }
}
