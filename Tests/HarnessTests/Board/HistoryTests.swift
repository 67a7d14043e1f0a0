import Foundation
import Testing

@testable import Replications

@Suite("History") struct HistoryTests {
  @Test("runs are added at the end, earlier lines keep their bytes, and no run is there twice")
  func appends() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "a/history.jsonl")
      var before = Data()
      for seed in 0..<3 {
        let record = try await demoRecord(rootSeed: UInt64(seed), in: folder) { $0.commit = "c0ffee" }
        let entry = try #require(try HistoryEntry([record]))
        for isNew in [true, false] {
          var history = try History(contentsOf: url)
          #expect(try history.append(entry) == isNew)
          try history.write(to: url)
        }
        let after = try Data(contentsOf: url)
        #expect(after.starts(with: before) && after.count > before.count)
        before = after
      }
      let entries = try History(contentsOf: url).entries
      #expect(entries.map(\.rootSeed) == [0, 1, 2] && entries.allSatisfy { $0.commit == "c0ffee" })
      let state = try #require(entries.first?.claims.first)
      #expect(state.id == "demo.pentagon.gaps" && state.outcome == .reproduced && state.seeds == 5)
      #expect(state.mean == 72 && state.lower.map { $0 < 72 } == true && state.upper.map { $0 > 72 } == true)
    }
  }

  @Test("records of several runs are no run, and none are none")
  func mixtures() async throws {
    try await withTemporaryFolder { folder in
      let one = try await demoRecord(.demo("demo.one"), in: folder)
      let two = try await demoRecord(.demo("demo.two"), rootSeed: 7, in: folder)
      let error = #expect(throws: HistoryError.self) { try HistoryEntry([one, two]) }
      #expect(
        error?.description
          == "the records are not of one run: the root seed is 0 for demo.one and 7 for demo.two")
      #expect(try HistoryEntry([]) == nil)
    }
  }

  @Test("a line that is no run, or is cut short, is named and nothing is written over it")
  func damaged() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "history.jsonl")
      func message(_ text: String) throws -> String? {
        try Data(text.utf8).write(to: url)
        return #expect(throws: HistoryError.self) { try History(contentsOf: url) }?.description
      }
      #expect(try message("{}\n") == "\(url.path):1 is not a run in a form that is read here")
      #expect(try message("{\"a\": ")?.hasSuffix("its last line may be cut short") == true)
      try Data().write(to: url)
      #expect(try History(contentsOf: url).entries == [])
    }
  }
}
