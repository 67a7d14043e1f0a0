import Foundation
import Testing

@testable import Replications

@Suite("Comparing evidence") struct EvidenceComparisonTests {
  private let steady = [71.9, 72.1, 71.95, 72.05, 72]

  /// The change of the one claim that two runs measure.
  private func change(
    _ before: [Double], _ after: [Double], _ criterion: Criterion = .value(published: 72, margin: 1),
    control: Double? = 90, controlAfter: Double? = 90
  ) async throws -> ClaimChange {
    try await withTemporaryFolder { folder in
      let claim = Claim.demo("demo.one", criterion)
      let comparison = EvidenceComparison(
        from: [try await demoRecord(claim, values: before, control: control, in: folder)],
        to: [try await demoRecord(claim, values: after, control: controlAfter, in: folder)])
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

  @Test("the test of the difference is Student's at one per cent")
  func threshold() async throws {
    // With eight degrees of freedom t(0.995) = 3.3554 (NIST), and the standard error here is the deviation times √(2/5).
    let unit = [-1.0, -1, 0, 1, 1]
    let limit = 3.3554 * (2.0 / 5).squareRoot()
    let rule = Criterion.atLeast(50)
    let below = try await change(
      unit.map { 72 + $0 }, unit.map { 72 + $0 - limit * 0.999 }, rule, control: 10, controlAfter: 10)
    let above = try await change(
      unit.map { 72 + $0 }, unit.map { 72 + $0 - limit * 1.001 }, rule, control: 10, controlAfter: 10)
    #expect(below.kind == .equal, "\(below.reason)")
    #expect(above.kind == .regression, "\(above.reason)")
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
