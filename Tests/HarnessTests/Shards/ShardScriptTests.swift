import Foundation
import Testing

// `scripts/shards` is run with GNU parallel, where that is installed, and a stand-in for the command that writes down what it
// was asked.
@Suite("The script that runs shares by GNU parallel") struct ShardScriptTests {
  private static let command = """
    #!/bin/sh
    echo "$@" >> "$CALLS"
    case $1 in
    run) [ "$4" != 2/3 ] && [ "$4" != "$FAILING" ] ;;
    merge) mkdir "$2" ;;
    esac
    """

  private func run(
    _ arguments: String, failing: String = "none", in folder: URL
  ) throws -> (code: Int32, calls: [String]) {
    try folder.write(Self.command, to: "replicate")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c",
      "command -v parallel >/dev/null || exit 77; chmod +x replicate; exec bash \(packageScript.path) \(arguments)",
    ]
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging([
      "REPLICATE": folder.path + "/replicate", "CALLS": folder.path + "/calls", "FAILING": failing,
      "RUN_OPTIONS": "--tier long",
    ]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus == 77 { try Test.cancel("GNU parallel is not installed") }
    let calls = (try? String(contentsOf: folder.appending(path: "calls"), encoding: .utf8)) ?? ""
    return (process.terminationStatus, calls.split(separator: "\n").map(String.init))
  }

  private var packageScript: URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../scripts/shards")
  }

  @Test("every share is run once, all are joined, and the code is the number of shares that failed")
  func shares() async throws {
    try await withTemporaryFolder { folder in
      let out = folder.path + "/out"
      let (code, calls) = try run("3 \(out) Demo", failing: "3/3", in: folder)
      #expect(code == 2)
      #expect(
        calls.dropLast().sorted()
          == (1...3).map {
            "run Demo --shard \($0)/3 --jobs 1 --evidence \(out).shards/\($0) --tier long"
          })
      #expect(calls.last == "merge \(out) \(out).shards/1 \(out).shards/2 \(out).shards/3")
      #expect(try run("3 \(out) Demo", in: folder).code == 2, "what is there is not written over")
      #expect(try run("3", in: folder).code == 2, "wrong usage")
    }
  }
}
