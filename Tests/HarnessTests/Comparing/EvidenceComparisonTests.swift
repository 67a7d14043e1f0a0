import Foundation
import Testing

@testable import Replications

@Suite("Comparing evidence") struct EvidenceComparisonTests {
  private let steady = [71.9, 72.1, 71.95, 72.05, 72]

  /// The change of the one claim that two runs measure.
  private func change(
    _ before: [Double], _ after: [Double], _ criterion: Criterion = .value(published: 72, margin: 1),
    control: Double? = 90, controlAfter: Double? = 90, rootSeedAfter: UInt64 = 0
  ) async throws -> ClaimChange {
    try await withTemporaryFolder { folder in
      let claim = Claim.demo("demo.one", criterion)
      let comparison = EvidenceComparison(
        from: [try await demoRecord(claim, values: before, control: control, in: folder)],
        to: [try await demoRecord(claim, values: after, control: controlAfter, rootSeed: rootSeedAfter, in: folder)])
      return try #require(comparison.changes.first)
    }
  }

  @Test("the same bits are identical, and the same values in another order are equal")
  func identical() async throws {
    #expect(try await change(steady, steady).kind == .identical)
    let shuffled = try await change(steady, steady.reversed())
    #expect(shuffled.kind == .equal && shuffled.reason == "the same mean" && shuffled.difference == 0)
  }

  @Test("a control that changed its bits is not identical")
  func control() async throws {
    #expect(try await change(steady, steady, controlAfter: 91).kind == .equal)
  }

  @Test("the difference is in units of the pooled standard deviation")
  func units() async throws {
    // Deviations of 1 and 2 with five seeds each: the pooled variance is (4 · 1 + 4 · 4) / 8 = 2.5.
    let unit = [-1.0, -1, 0, 1, 1].map { 72 + $0 }
    let twice = [-2.0, -2, 0, 2, 2].map { 72.5 + $0 }
    let found = try await change(unit, twice, .value(published: 72, margin: 9))
    #expect(abs((found.deviation ?? 0) - 2.5.squareRoot()) < 1e-12)
    #expect(abs((found.differenceInDeviations ?? 0) - 0.5 / 2.5.squareRoot()) < 1e-12)
    #expect(found.kind == .equal)
  }

  @Test("the test of the difference of other seeds is Student's at one per cent")
  func threshold() async throws {
    // With eight degrees of freedom t(0.995) = 3.3554 (NIST), and the standard error here is the deviation times √(2/5).
    let unit = [-1.0, -1, 0, 1, 1]
    let limit = 3.3554 * (2.0 / 5).squareRoot()
    let rule = Criterion.atLeast(50)
    let below = try await change(
      unit.map { 72 + $0 }, unit.map { 72 + $0 - limit * 0.999 }, rule, control: 10, controlAfter: 10,
      rootSeedAfter: 1)
    let above = try await change(
      unit.map { 72 + $0 }, unit.map { 72 + $0 - limit * 1.001 }, rule, control: 10, controlAfter: 10,
      rootSeedAfter: 1)
    #expect(below.kind == .equal, "\(below.reason)")
    #expect(above.kind == .regression, "\(above.reason)")
  }

  @Test("three seeds that all moved by eight standard deviations are a change, whatever the number of claims")
  func threeSeeds() async throws {
    let before = [71.0, 72, 73]
    let rule = Criterion.atLeast(50)
    for rootSeed in [0, 1] as [UInt64] {
      let found = try await change(
        before, before.map { $0 - 8 }, rule, control: 10, controlAfter: 10, rootSeedAfter: rootSeed)
      #expect(found.kind == .regression && found.isTested, "\(found.reason)")
    }
  }

  @Test("the same seeds are compared one by one, so that a common shift far below their variation shows")
  func paired() async throws {
    let before = [60.0, 66, 72, 78, 84]
    let shifted = zip(before, [0.5, 0.52, 0.48, 0.51, 0.49]).map { $0 - $1 }
    let rule = Criterion.atLeast(40)
    let same = try await change(before, shifted, rule, control: 10, controlAfter: 10)
    #expect(same.kind == .regression, "\(same.reason)")
    let others = try await change(before, shifted, rule, control: 10, controlAfter: 10, rootSeedAfter: 1)
    #expect(others.kind == .equal, "\(others.reason)")
    // Differences that go either way are no shift: t = 0.2 with four degrees of freedom.
    let swapped = try await change(before, [66, 60, 78, 72, 85], rule, control: 10, controlAfter: 10)
    #expect(swapped.kind == .equal, "\(swapped.reason)")
  }

  @Test("rounding is no change, and one seed that moved beyond it is")
  func rounding() async throws {
    let rule = Criterion.atLeast(40)
    func kind(_ before: [Double], _ after: [Double], rootSeed: UInt64 = 0) async throws -> ClaimChange.Kind {
      try await change(before, after, rule, control: 10, controlAfter: 10, rootSeedAfter: rootSeed).kind
    }
    #expect(try await kind([60, 66, 72], [60.0001, 66.0001, 72.0001]) == .equal)
    #expect(try await kind([60], [60.0001]) == .equal)
    #expect(try await kind([60], [61]) == .improvement)
    #expect(try await kind([60], [61], rootSeed: 1) == .equal)
  }

  @Test(
    "a shift beyond the seeds is told by its direction",
    arguments: [
      (Criterion.value(published: 72, margin: 9), 1.0, ClaimChange.Kind.regression),
      (.value(published: 73, margin: 9), 1.0, .improvement), (.atLeast(50), 1.0, .improvement),
      (.atLeast(50), -1.0, .regression), (.atMost(80), 1.0, .regression), (.atMost(80), -1.0, .improvement),
    ])
  func direction(rule: Criterion, shift: Double, kind: ClaimChange.Kind) async throws {
    var isBound = false
    if case .atLeast = rule { isBound = true }
    let control = isBound ? 10.0 : 90
    let found = try await change(
      steady, steady.map { $0 + shift }, rule, control: control, controlAfter: control)
    #expect(found.kind == kind, "\(found.reason)")
  }

  @Test("a changed verdict decides, whatever the distance")
  func verdict() async throws {
    let worse = try await change(steady, steady.map { $0 + 5 })
    #expect(worse.kind == .regression && worse.reason == "reproduced, now not reproduced")
    let better = try await change(steady.map { $0 + 5 }, steady)
    #expect(better.kind == .improvement && better.reason == "not reproduced, now reproduced")
    let uncontrolled = try await change(steady, steady, controlAfter: nil)
    #expect(uncontrolled.kind == .regression && uncontrolled.reason == "reproduced, now inconclusive")
    let broken = try await change(steady, [72, .nan, 72, 72, 72])
    #expect(broken.kind == .regression && broken.after?.outcome == .error && broken.difference == nil)
  }

  @Test("a verdict that other root seeds change within their variation is equal, and counts as tested")
  func verdictOfOtherSeeds() async throws {
    let near = [71.2, 72.8, 71.4, 72.6, 72], far = [71, 73.4, 71.2, 73.2, 72.4]
    let other = try await change(near, far, rootSeedAfter: 1)
    #expect(other.kind == .equal && other.isTested, "\(other.reason)")
    #expect(other.reason == "reproduced, now inconclusive, within what seeds allow")
    #expect(try await change(near, far).kind == .regression, "at the same seeds it is one")
    #expect(try await change(steady, steady.map { $0 + 5 }, rootSeedAfter: 1).kind == .regression)
  }

  @Test("an exact claim may move within its margin")
  func exact() async throws {
    let rule = Criterion.exact(published: 2, margin: 0.1)
    #expect(try await change([2], [2.05], rule).kind == .equal)
    let strict = Criterion.exact(published: 2, margin: 0)
    #expect(try await change([2], [2.05], strict).reason == "reproduced, now not reproduced")
  }

  @Test("claims that came, went or were redefined are told apart, and the exit code is the worst of all")
  func sets() async throws {
    try await withTemporaryFolder { folder in
      let one = try await demoRecord(.demo("demo.one"), in: folder)
      let two = try await demoRecord(.demo("demo.two"), in: folder)
      let other = try await demoRecord(.demo("demo.two", .atLeast(50)), control: 10, in: folder)
      let better = try await demoRecord(.demo("demo.two"), values: [60, 61, 60, 61], in: folder)
      func compare(_ before: [Record], _ after: [Record]) -> EvidenceComparison {
        EvidenceComparison(from: before, to: after)
      }
      #expect(compare([one], [one]).exitCode == 0)
      #expect(compare([one], [one, two]).changes.map(\.kind) == [.added, .identical])
      #expect(compare([one], [one, two]).exitCode == 0)
      #expect(compare([one, two], [one]).changes.first?.reason == "there is no record of it now")
      #expect(compare([one, two], [one]).exitCode == 1)
      let redefined = compare([two], [other])
      #expect(redefined.changes.map(\.kind) == [.redefined] && redefined.exitCode == 0)
      #expect(
        redefined.changes[0].reason == "version 1 asks for 72 ± 1, version 1 for at least 50")
      #expect(compare([one, better], [one, two]).exitCode == 4)
      #expect(compare([one, better], [two]).exitCode == 1)
      #expect(compare([one], [two]).exitCode == 3 && compare([], [one]).exitCode == 3)
    }
  }

  @Test("how many false alarms the tests are expected to give is said")
  func falseAlarms() async throws {
    try await withTemporaryFolder { folder in
      var sets: ([Record], [Record]) = ([], [])
      for id in ["demo.one", "demo.two", "demo.three"] {
        sets.0.append(try await demoRecord(.demo(id), in: folder))
        sets.1.append(try await demoRecord(.demo(id), values: [71.9, 72.1, 72.1, 72, 72], rootSeed: 1, in: folder))
      }
      let comparison = EvidenceComparison(from: sets.0, to: sets.1)
      let words = "3 claims were tested against chance at 1 %: 0.03 false alarms are to be expected if nothing changed"
      #expect(comparison.tested == 3 && comparison.falseAlarms == words)
      #expect(comparison.markdown.contains("\n\(words).\n"))
      #expect(EvidenceComparison(from: sets.0, to: sets.0).falseAlarms == nil)
    }
  }

  @Test("what the sets were made with is compared too, and the Markdown names all that differs")
  func origins() async throws {
    try await withTemporaryFolder { folder in
      let before = try await demoRecord(in: folder) { $0.blas.kernel = "Haswell" }
      let after = try await demoRecord(values: [80, 80.1, 80], rootSeed: 7, in: folder) { $0.blas.kernel = "Zen|2" }
      let comparison = EvidenceComparison(from: [before], to: [after])
      #expect(comparison.differences.map(\.name) == ["OpenBLAS", "root seed"])
      let lines = comparison.markdown.split(separator: "\n").map(String.init)
      #expect(lines[1].hasSuffix("Haswell → \(after.environment.blas.version) Zen\\|2"))
      #expect(lines[3] == "1 regression")
      #expect(lines.last?.hasPrefix("| regression | `demo.pentagon.gaps` | 72 | 80.03 | ") == true)
      #expect(lines.last?.hasSuffix(" | reproduced, now not reproduced |") == true)
    }
  }
}
