import Foundation
import Testing

@testable import Replications

@Suite("Trends") struct TrendsTests {
  private static let line =
    #"{"blas":"0.3","claims":[{"id":"demo.order","isExpected":true,"mean":0.5,"outcome":"reproduced","seeds":3,"version":2},{"id":"demo.bound","outcome":"error","version":1}],"commit":"6414a58","date":"2026-11-22T18:01:21Z","schemaVersion":1}"#

  private func trends(_ text: String) async throws -> Trends {
    try await withTemporaryFolder { folder in
      try folder.write(text, to: "history.jsonl")
      return try Trends(contentsOf: folder.appending(path: "history.jsonl"))
    }
  }

  @Test("runs come by claim and in the order of time, equal times in the order of the file")
  func order() async throws {
    let earlier = Self.line.replacing("2026-11-22", with: "2026-11-20").replacing("0.5", with: "0.25")
    let again = Self.line.replacing("0.5", with: "0.75")
    let trends = try await trends([Self.line, "", earlier, again].joined(separator: "\n") + "\n")
    #expect(trends.runs(of: "demo.order").map(\.mean) == [0.25, 0.5, 0.75])
    #expect(trends.runs(of: "demo.bound").map(\.verdict) == [.error, .error, .error])
    #expect(trends.runs(of: "demo.bound").allSatisfy { $0.mean == nil })
    #expect(trends.runs(of: "demo.unknown") == [])
  }

  @Test(
    "a line that is no run is named with what is wrong",
    arguments: [
      ("{", "history.jsonl:2: is not an object of JSON"),
      (line.replacing("\"id\":\"demo.order\",", with: ""), "history.jsonl:2: the key \"id\" is missing"),
      (
        line.replacing("\"version\":2", with: "\"version\":\"two\""),
        "history.jsonl:2: the key \"version\" does not hold what it should"
      ),
      (
        line.replacing("\"reproduced\"", with: "\"passed\""),
        "history.jsonl:2: the key \"outcome\" must be one of reproduced, notReproduced, inconclusive, notEvaluated, error"
      ),
      (
        line.replacing("18:01:21Z", with: "18:01"),
        "history.jsonl:2: date: must be a time such as 2026-11-22T18:01:21Z, found 2026-11-22T18:01"
      ),
      (
        line.replacing("\"schemaVersion\":1", with: "\"schemaVersion\":2"),
        "history.jsonl:2: schemaVersion: must be 1 to be read here, found 2"
      ),
    ])
  func malformed(line: String, message: String) async throws {
    let problem = await #expect(throws: FileProblem.self) { try await trends(Self.line + "\n" + line) }
    #expect(problem?.description == message)
  }

  @Test("a file that is not there is named")
  func missing() {
    #expect(throws: FileProblem.self) { try Trends(contentsOf: URL(filePath: "/nowhere/history.jsonl")) }
  }

  @Test("the trend says in words and in shapes how runs came out")
  func trend() throws {
    func run(_ day: Int, _ mean: Double?, _ verdict: Verdict.Outcome, version: Int = 1) -> Trends.Run {
      Trends.Run(
        date: "2026-11-0\(day)T00:00:00Z", commit: "abc", claim: "demo.order", version: version, mean: mean,
        verdict: verdict)
    }
    let runs = [
      run(1, 1, .reproduced), run(2, 3, .notReproduced), run(3, 2, .reproduced, version: 2), run(4, nil, .error),
    ]
    #expect(Sparkline.words(runs) == "4 recorded runs: 2 reproduced, 1 not reproduced, 1 error; means from 1 to 3")
    let svg = try #require(Sparkline.svg(runs))
    #expect(tagProblems(in: svg) == [])
    // One line joins the two runs of the first version; the run without a mean has no mark.
    #expect(svg.matches(of: #/<line /#).count == 1 && svg.matches(of: #/<path /#).count == 3)
    #expect(svg.contains("<title>2026-11-02, abc, version 1: 3, not reproduced</title>"))
    #expect(Sparkline.svg([run(1, nil, .error)]) == nil)
    #expect(Sparkline.svg([run(1, .infinity, .error)]) == nil)
  }
}
