import Testing

@testable import Replications

@Suite("Correlation coefficients")
struct CorrelationTests {
  @Test("Pearson's is the known value, wherever zero lies and whatever the unit")
  func pearsonOfKnownNumbers() {
    let (x, y) = ([1.0, 2, 3, 4, 5], [2.0, 1, 4, 3, 5])
    #expect(abs(pearson(x, y) - 0.8) < 1e-12)
    #expect(abs(pearson(x.map { 100 + 7 * $0 }, y) - 0.8) < 1e-12)
    #expect(abs(pearson(x, y.map { -$0 }) + 0.8) < 1e-12)
  }

  @Test("Pearson's is 1 on a rising line and less on a rising curve, Spearman's is 1 on both")
  func curves() {
    let x = [1.0, 2, 3, 4]
    let powers = x.map { $0 * $0 * $0 * $0 }
    #expect(abs(pearson(x, x.map { 3 * $0 - 1 }) - 1) < 1e-12)
    #expect(pearson(x, powers) < 0.96)
    #expect(abs(spearman(x, powers) - 1) < 1e-12)
    #expect(abs(spearman(x, powers.reversed()) + 1) < 1e-12)
  }

  @Test("tied numbers share the mean of their ranks")
  func ties() {
    #expect(ranks([30, 10, 20, 10]) == [4, 1.5, 3, 1.5])
    #expect(ranks([5, 5, 5]) == [2, 2, 2])
    #expect(ranks([]).isEmpty)
    #expect(ranks([2, .nan, 1]).count == 3)
    #expect(spearman([2, .nan, 1], [1, 2, 3]).isNaN)
    #expect(abs(spearman([1, 2, 3, 4], [1, 2, 2, 4]) - (0.9).squareRoot()) < 1e-12)
  }

  @Test("neither is a number when one side does not vary")
  func noVariation() {
    #expect(pearson([1, 2, 3], [4, 4, 4]).isNaN)
    #expect(spearman([7, 7], [1, 2]).isNaN)
  }
}
