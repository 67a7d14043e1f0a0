import Testing

@testable import Replications

// The reference numbers are SciPy 1.17.1's: stats.t.ppf, stats.binom.sf, special.betainc and
// stats.binomtest(k, n).proportion_ci(.9, "exact"). Quantiles of t at .95 and .975 also stand in every printed table.

@Suite("Distributions") struct DistributionTests {
  @Test(
    "the incomplete beta function agrees with SciPy",
    arguments: [
      (0.2, 2.0, 3.0, 0.18080000000000004), (0.5, 0.5, 0.5, 0.5), (0.9, 10, 2, 0.6973568802),
      (0.001, 0.5, 20, 0.15758381398363844), (0.3, 50, 100, 0.19455183377224644),
      (0.75, 200, 60, 0.2271966663168799),
    ])
  func incompleteBeta(x: Double, a: Double, b: Double, expected: Double) {
    #expect(relativeDifference(regularizedIncompleteBeta(x, a, b), expected) < 1e-12)
    #expect(relativeDifference(1 - regularizedIncompleteBeta(1 - x, b, a), expected) < 1e-12)
  }

  @Test("the incomplete beta function ends at 0 and 1, and its quantile inverts it")
  func incompleteBetaEnds() {
    #expect(regularizedIncompleteBeta(0, 2, 3) == 0)
    #expect(regularizedIncompleteBeta(1, 2, 3) == 1)
    for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
      #expect(relativeDifference(regularizedIncompleteBeta(betaQuantile(p, 2.5, 7), 2.5, 7), p) < 1e-12)
    }
  }

  @Test(
    "Student's t quantiles agree with SciPy",
    arguments: [
      (0.95, 1, 6.313751514675037), (0.95, 2, 2.9199855803537242), (0.95, 4, 2.1318467863266495),
      (0.975, 9, 2.262157162798205), (0.9, 29, 1.311433647301551), (0.6, 3, 0.2766706623326898),
      (0.5005, 7, 0.0012987305550739498), (0.9995, 1, 636.6192487687897), (0.05, 4, -2.131846786326651),
      (0.95, 200, 1.6525081009108769),
    ])
  func studentT(p: Double, degreesOfFreedom: Int, expected: Double) {
    #expect(relativeDifference(StudentT(degreesOfFreedom: degreesOfFreedom).quantile(p), expected) < 1e-9)
  }

  @Test("Student's t is symmetric about 0")
  func studentTSymmetry() {
    #expect(StudentT(degreesOfFreedom: 3).quantile(0.5) == 0)
  }

  @Test(
    "binomial tails agree with SciPy",
    arguments: [
      (5, 5, 0.5, 0.03125), (4, 5, 0.5, 0.1875), (8, 10, 0.5, 0.0546875), (15, 20, 1 / 3.0, 0.00016736595466947536),
      (1, 5, 0.01, 0.04900995010), (60, 100, 0.5, 0.028443966820490444), (0, 7, 0.3, 1),
    ])
  func binomialTail(hits: Int, trials: Int, chance: Double, expected: Double) {
    #expect(relativeDifference(binomialUpperTail(hits: hits, trials: trials, chance: chance), expected) < 1e-12)
  }

  @Test(
    "Clopper–Pearson intervals agree with SciPy",
    arguments: [
      (0, 5, 0.0, 0.4507197283469409), (5, 5, 0.549280271653059, 1), (3, 5, 0.18925537743776988, 0.9235596085876708),
      (9, 10, 0.6058366975630259, 0.9948838031076954), (37, 50, 0.6187364440267683, 0.8388254034692193),
    ])
  func clopperPearson(hits: Int, trials: Int, lower: Double, upper: Double) {
    let interval = ConfidenceInterval.hitRate(hits, of: trials, level: 0.9)
    #expect(abs(interval.lower - lower) < 1e-12)
    #expect(abs(interval.upper - upper) < 1e-12)
  }

  private func relativeDifference(_ found: Double, _ expected: Double) -> Double {
    abs(found - expected) / max(abs(expected), 1e-300)
  }
}

@Suite("Confidence intervals") struct ConfidenceIntervalTests {
  // scipy.stats.t.interval(.9, 4, loc=mean, scale=sem)
  @Test("the interval of a mean agrees with SciPy")
  func mean() throws {
    let interval = try #require(ConfidenceInterval.mean(of: [71.2, 72.5, 71.9, 72.3, 72.1], level: 0.9))
    #expect(abs(interval.lower - 71.52330456681591) < 1e-9)
    #expect(abs(interval.upper - 72.47669543318409) < 1e-9)
  }

  @Test("equal values have an interval of no width, at just their value")
  func noSpread() {
    let interval = ConfidenceInterval.mean(of: Array(repeating: 0.1, count: 7), level: 0.9)
    #expect(interval == ConfidenceInterval(level: 0.9, lower: 0.1, upper: 0.1))
  }

  @Test("fewer than two values have none")
  func tooFew() {
    #expect(ConfidenceInterval.mean(of: [], level: 0.9) == nil)
    #expect(ConfidenceInterval.mean(of: [1], level: 0.9) == nil)
  }
}
