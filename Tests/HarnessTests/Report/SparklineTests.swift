import Testing

@testable import Replications

@Suite("The trend of a claim") struct SparklineTests {
  @Test("it says in words and in shapes how runs came out")
  func trend() throws {
    func run(_ day: Int, _ mean: Double?, _ verdict: Verdict.Outcome, version: Int = 1) -> History.Run {
      History.Run(
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
