import Tensors
import Testing

@testable import Replications

@Suite("Judge") struct JudgeTests {
  static let value = Criterion.value(published: 72, margin: 1)

  @Test(
    "values, bounds, orderings and exact claims are decided by their rules",
    arguments: [
      ([71.9, 72.0, 72.1], value, Verdict.Outcome.reproduced),
      ([75, 75.1, 75.2], value, .notReproduced),
      ([72, 73, 74], value, .inconclusive),
      ([60, 72, 84], value, .inconclusive),
      ([71, 71, 71], value, .reproduced),
      ([72.0], value, .inconclusive),
      ([3.1, 3.2, 3.3], .atLeast(3), .reproduced),
      ([2.1, 2.2, 2.3], .atLeast(3), .notReproduced),
      ([2.9, 3.1, 3.2], .atLeast(3), .inconclusive),
      ([3, 3, 3], .atLeast(3), .reproduced),
      ([0.01, 0.02], .atMost(0.1), .reproduced),
      ([0.3, 0.31, 0.32], .atMost(0.1), .notReproduced),
      ([0.05, 0.15, 0.1], .atMost(0.1), .inconclusive),
      ([0.1, 0.1, 0.1], .atMost(0.1), .reproduced),
      ([0.2], .atMost(0.1), .inconclusive),
      ([1, 1, 1, 1, 1], .ordering(chance: 0.5), .reproduced),
      ([1, 1, 1, 1, 0], .ordering(chance: 0.5), .inconclusive),
      ([1, 1, 1, 1], .ordering(chance: 0.5), .inconclusive),
      ([1, 0, 1, 0], .ordering(chance: 0.5), .notReproduced),
      ([0, 0, 0, 0, 0], .ordering(chance: 0.1), .notReproduced),
      ([1, 1], .ordering(chance: 0.2), .reproduced),
      ([1], .ordering(chance: 0.01), .inconclusive),
      ([2.0], .exact(published: 2, margin: 0), .reproduced),
      ([2.0, 2.0001], .exact(published: 2, margin: 0), .notReproduced),
      ([2.0, 2.0001], .exact(published: 2, margin: 0.001), .reproduced),
      ([2.5], .within(2 ... .infinity), .reproduced),
      ([2.5, 1.9], .within(2 ... .infinity), .notReproduced),
      ([1e9], .within(2 ... .infinity), .reproduced),
      ([-1], .within(-.infinity...0), .reproduced),
      ([0.001], .within(-.infinity...0), .notReproduced),
      ([0.1, 0.4], .within(0.1...0.4), .reproduced),
      ([0.41], .within(0.1...0.4), .notReproduced),
    ])
  func rules(values: [Double], criterion: Criterion, outcome: Verdict.Outcome) {
    #expect(Judge.compare(values, with: criterion).verdict.outcome == outcome)
  }

  @Test(
    "a value that is not finite is an error, never a pass or a failure", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(bad: Double) {
    for criterion in [
      Self.value, .atLeast(3), .atMost(3), .ordering(chance: 0.5), .exact(published: 72, margin: 1),
      .within(3 ... .infinity),
    ] {
      let judgement = Judge.judge([72, bad, 72], controls: [90, 90, 90], by: criterion)
      #expect(judgement.verdict.outcome == .error)
      #expect(judgement.reason.hasPrefix("could not measure"))
      #expect(judgement.measured == nil)
    }
    let control = Judge.judge([72, 72], controls: [90, bad], by: Self.value)
    #expect(control.verdict == .error("control: could not measure: a seed gave \(bad.brief)"))
  }

  @Test("no values and orderings that are neither 0 nor 1 are errors")
  func malformed() {
    #expect(Judge.judge([], controls: [], by: Self.value).verdict.outcome == .error)
    #expect(Judge.judge([0.5, 1], controls: [0, 0], by: .ordering(chance: 0.5)).verdict.outcome == .error)
  }

  @Test("a control must come out as not reproduced")
  func control() {
    let values = [72.0, 72.1, 71.9]
    func verdict(_ controls: [Double?]) -> Verdict { Judge.judge(values, controls: controls, by: Self.value).verdict }
    #expect(verdict([90, 90.1, 89.9]) == .reproduced)
    #expect(
      verdict([72, 72.1, 71.9])
        == .inconclusive(why: "the control did not fail: 90 % interval 71.83 … 72.17 lies inside 71 … 73"))
    #expect(verdict([72, 74, 76]).outcome == .inconclusive)
    #expect(verdict([nil, nil, nil]) == .inconclusive(why: "the control was not measured"))
    #expect(verdict([90, nil, 90]) == .inconclusive(why: "the control was not measured at every seed"))
    #expect(Judge.judge([80, 80, 80], controls: [nil, nil, nil], by: Self.value).verdict == .notReproduced)
  }

  @Test(
    "of what must hold at every seed the control must fail at every seed",
    arguments: [Criterion.exact(published: 2, margin: 0.5), .within(1.5...2.5)])
  func everySeed(criterion: Criterion) {
    func judgement(_ controls: [Double]) -> Judgement {
      Judge.judge([2, 2, 2], controls: controls, by: criterion)
    }
    #expect(judgement([3, 4, 5]).verdict == .reproduced)
    #expect(
      judgement([3, 2.1, 5]).verdict == .inconclusive(why: "the control did not fail at every seed: one gave 2.1"))
  }

  @Test("an ordering's control must hold no more often than chance")
  func orderingControl() {
    let held = [1.0, 1, 1, 1, 1]
    func outcome(_ controls: [Double]) -> Verdict.Outcome {
      Judge.judge(held, controls: controls, by: .ordering(chance: 0.5)).verdict.outcome
    }
    #expect(outcome([0, 1, 0, 1, 0]) == .reproduced)
    #expect(outcome([1, 1, 1, 0, 0]) == .inconclusive)
    #expect(outcome(held) == .inconclusive)
  }

  @Test("the reason carries the numbers that decided")
  func reason() {
    let judgement = Judge.judge([1, 1, 1, 1, 1], controls: [0, 0, 0, 0, 0], by: .ordering(chance: 0.5))
    #expect(
      judgement.reason
        == "held in 5 of 5 seeds against a chance of 0.5, p = 0.03125; control: held in 0 of 5 seeds against a chance of 0.5"
    )
    #expect(judgement.measured?.pValue == binomialUpperTail(hits: 5, trials: 5, chance: 0.5))
    #expect(judgement.measured?.mean == 1 && judgement.control?.mean == 0)
  }

  @Test("the fewest seeds of an ordering are those that can be significant")
  func leastSeeds() {
    for chance in [0.01, 0.05, 0.2, 1 / 3.0, 0.5, 0.9] {
      let least = Judge.leastSeeds(chance: chance)
      #expect(binomialUpperTail(hits: least, trials: least, chance: chance) <= Judge.significance)
      #expect(least == 2 || binomialUpperTail(hits: least - 1, trials: least - 1, chance: chance) > Judge.significance)
    }
  }
}

@Suite("Properties of the judge") struct JudgePropertyTests {
  /// Five values about 72.
  private func sample(_ stream: inout RandomStream, mean: Double = 72, deviation: Double = 1) -> [Double] {
    (0..<5).map { _ in mean + deviation * Double(stream.normal()) }
  }

  @Test("a wider margin never loses a reproduction, and a narrower one never gains it")
  func monotone() {
    var stream = RandomStream(seed: 1)
    for _ in 0..<200 {
      let values = sample(&stream, mean: 72 + 2 * stream.uniformDouble())
      let held = stride(from: 0.1, through: 5, by: 0.1).map { margin in
        Judge.compare(values, with: .value(published: 72, margin: margin)).verdict == .reproduced
      }
      #expect(held == held.sorted { !$0 && $1 })
    }
  }

  @Test("the order of the seeds changes nothing, to the last bit")
  func order() {
    var stream = RandomStream(seed: 2)
    for _ in 0..<200 {
      let values = sample(&stream)
      let controls = sample(&stream, mean: 90)
      let permutation = stream.permutation(values.count)
      for criterion in [Criterion.value(published: 72, margin: 1), .atLeast(72), .exact(published: 72, margin: 3)] {
        let judgement = Judge.judge(values, controls: controls, by: criterion)
        #expect(
          judgement
            == Judge.judge(permutation.map { values[$0] }, controls: permutation.map { controls[$0] }, by: criterion))
      }
    }
  }

  @Test("at the edge of the margin, at most one run in twenty is called a reproduction")
  func falsePositives() {
    // The true mean lies on the edge: each of the two one-sided tests has size 5 %. Three standard errors of the rate
    // over 4000 runs are 1 %.
    var stream = RandomStream(seed: 3)
    let runs = 4000
    var hits = (value: 0, bound: 0)
    for _ in 0..<runs {
      let values = sample(&stream, mean: 73, deviation: 0.3)
      if Judge.compare(values, with: .value(published: 72, margin: 1)).verdict == .reproduced { hits.value += 1 }
      if Judge.compare(values, with: .atMost(73)).verdict == .notReproduced { hits.bound += 1 }
    }
    #expect((0.03...0.06).contains(Double(hits.value) / Double(runs)))
    #expect((0.03...0.06).contains(Double(hits.bound) / Double(runs)))
  }

  @Test("an ordering that holds by chance is called a reproduction at most one time in twenty")
  func falseOrderings() {
    var stream = RandomStream(seed: 4)
    let runs = 4000
    let hits = (0..<runs).count { _ in
      let values = (0..<8).map { _ in stream.uniformDouble() < 0.5 ? 1.0 : 0 }
      return Judge.compare(values, with: .ordering(chance: 0.5)).verdict == .reproduced
    }
    #expect((0.02...0.06).contains(Double(hits) / Double(runs)))
  }
}
