import Foundation
import Testing

@testable import Replications

@Suite("Board") struct BoardTests {
  @Test("a row shows what is asked and published beside what was measured, from the record")
  func row() async throws {
    try await withEvidence(.demo()) { board in
      let row = try #require(board.rows.first)
      #expect(row.verdictWords == "reproduced")
      #expect(row.askedWords == "72 ± 1 degrees" && row.publishedWords == "72 degrees")
      #expect(row.measuredWords == "72 [72, 72] degrees")
      #expect(row.controlWords == "90" && row.seedWords == "5" && !row.secondWords.isEmpty)
    }
  }

  @Test("a record of another version or criterion of the claim does not count")
  func stale() async throws {
    try await withEvidence(.demo(), shown: .demo("demo.pentagon.gaps", .value(published: 72, margin: 2))) { board in
      #expect(board.rows.first?.outcome == .notEvaluated)
      #expect(board.rows.first?.reason == "its record is of version 1 (72 ± 1), the claim is now version 1 (72 ± 2)")
    }
  }

  @Test("a claim without a record is not evaluated, and a record that cannot be read is an error")
  func noRecord() async throws {
    try await withTemporaryFolder { folder in
      let evidence = Evidence(folder: folder)
      #expect(Board([.demo()], evidence: evidence).rows.first?.outcome == .notEvaluated)
      try folder.write("{", to: "Demo/demo.pentagon.gaps.json")
      #expect(Board([.demo()], evidence: evidence).rows.first?.outcome == .error)
    }
  }

  @Test("an expectation shows in the verdict's words")
  func expectations() async throws {
    try await withEvidence(.demo("demo.pentagon.gaps", .atLeast(100), expectation: .doesNotReplicate)) { board in
      #expect(board.rows.first?.verdictWords == "not reproduced, as expected")
      #expect(board.rows.first?.isExpected == true)
    }
    try await withEvidence(.demo(expectation: .partial)) { board in
      #expect(board.rows.first?.verdictWords == "reproduced, against expectation")
    }
  }

  @Test("the board survives JSON")
  func json() async throws {
    try await withEvidence(.demo()) { board in
      let again = try JSONDecoder().decode(Board.self, from: JSONEncoder().encode(board))
      #expect(again == board)
    }
  }

  @Test("the Markdown has a table for each paper, and no text breaks out of its cell")
  func markdown() async throws {
    try await withEvidence(.demo("demo.pentagon.gaps", .atMost(80)), statement: "A | B\nand <b>C</b>") { board in
      let markdown = try board.markdown(papers: Library.demo([]).papers)
      let seconds = try #require(board.rows.first?.secondWords)
      #expect(
        markdown == """
          # Replications

          1 reproduced

          ## [A Demonstration](https://example.org/demo)

          J. Doe, 2020

          | claim | verdict | comparison | asked | published | measured | n | control | s |
          |---|---|---|---|---|---|--:|---|--:|
          | `demo.pentagon.gaps` A \\| B and &lt;b&gt;C&lt;/b&gt; | reproduced | number | at most 80 degrees |  | 72 [72, 72] degrees | 5 | 90 | \(seconds) |

          """)
    }
  }

  private func withEvidence(
    _ claim: Claim, shown: Claim? = nil, statement: String? = nil, _ body: (Board) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let claim = statement.map { claim.stating($0) } ?? claim
      let session = Session(
        library: .demo([claim]), registry: .demo(FakeExperiment.constant(72)), settings: RunSettings(evidence: folder),
        root: folder)
      _ = try await session.outcome(of: claim)
      try body(Board([shown ?? claim], evidence: session.evidence))
    }
  }
}

extension Claim {
  /// The same claim in other words.
  fileprivate func stating(_ statement: String) -> Claim {
    Claim(
      id: id, paper: paper, finding: finding, statement: statement, source: source, metric: metric, unit: unit,
      criterion: criterion, comparison: comparison, rationale: rationale, control: control, seeds: seeds)
  }
}
