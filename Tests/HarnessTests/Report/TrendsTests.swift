import Foundation
import Testing

@testable import Replications

@Suite("Trends") struct TrendsTests {
  private func run(
    _ day: Int, _ mean: Double?, _ verdict: Verdict.Outcome = .reproduced, version: Int = 1,
    claim: String = "demo.order", rootSeed: UInt64 = 0, tier: Tier = .standard
  ) -> Trends.Run {
    Trends.Run(
      date: "2026-11-0\(day)T00:00:00Z", commit: "abc", rootSeed: rootSeed, tier: tier, claim: claim, version: version,
      mean: mean, verdict: verdict)
  }

  @Test("runs come by claim and in the order of time, equal times in the order in which they were written")
  func order() {
    let trends = Trends(runs: [run(2, 0.5), run(3, 1, claim: "demo.bound"), run(1, 0.25), run(2, 0.75)])
    #expect(trends.runs(of: "demo.order").map(\.mean) == [0.25, 0.5, 0.75])
    #expect(trends.runs(of: "demo.bound").map(\.mean) == [1])
    #expect(trends.runs(of: "demo.unknown") == [])
  }

  @Test("a history is taken apart by claim")
  func history() async throws {
    try await withTemporaryFolder { folder in
      let record = try await demoRecord(rootSeed: 3, in: folder) { $0.commit = "c0ffee" }
      var history = try History(contentsOf: folder.appending(path: "history.jsonl"))
      _ = try history.append(try #require(try HistoryEntry([record])))
      let runs = Trends(history).runs(of: record.claim.id)
      #expect(runs.map(\.commit) == ["c0ffee"] && runs.map(\.mean) == [72] && runs.map(\.verdict) == [.reproduced])
      #expect(runs.map(\.rootSeed) == [3] && runs.map(\.tier) == [.standard])
    }
  }

  @Test("the trend says in words and in shapes how runs came out")
  func trend() throws {
    let runs = [
      run(1, 1, .reproduced), run(2, 3, .notReproduced), run(3, 2, .reproduced, version: 2), run(4, nil, .error),
    ]
    #expect(Sparkline.words(runs) == "4 recorded runs: 2 reproduced, 1 not reproduced, 1 error; means from 1 to 3")
    let svg = try #require(Sparkline.svg(runs))
    #expect(tagProblems(in: svg) == [])
    // One line joins the two runs of the first version; the run without a mean has no mark.
    #expect(svg.matches(of: #/<line /#).count == 1 && svg.matches(of: #/<path /#).count == 3)
    #expect(svg.contains("<title>2026-11-02, abc, root seed 0, standard, version 1: 3, not reproduced</title>"))
    #expect(Sparkline.svg([run(1, nil, .error)]) == nil)
    #expect(Sparkline.svg([run(1, .infinity, .error)]) == nil)
  }

  @Test("a line joins runs of one root seed and one tier alone, also past runs of others")
  func series() throws {
    func lines(_ runs: [Trends.Run]) throws -> Int {
      try #require(Sparkline.svg(runs)).matches(of: #/<line /#).count
    }
    #expect(try lines([run(1, 1), run(2, 2), run(3, 3)]) == 2)
    #expect(try lines([run(1, 1), run(2, 2, rootSeed: 9), run(3, 3)]) == 1)
    #expect(try lines([run(1, 1), run(2, 2, tier: .long)]) == 0)
    #expect(try lines([run(1, 1, rootSeed: 1), run(2, 2, rootSeed: 2), run(3, 2, rootSeed: 3)]) == 0)
  }
}
