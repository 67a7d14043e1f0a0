// Means with standard errors.

import Testing

@testable import Replications

@Suite("Estimates") struct EstimateTests {
  @Test("Estimates are means with their standard errors")
  func estimates() {
    let estimate = Estimate([1, 2, 3, 4] as [Float])
    #expect(estimate.mean == 2.5)
    #expect(abs(estimate.standardError - (5.0 / 3 / 4).squareRoot()) < 1e-12)
    #expect(Estimate([2] as [Float]).standardError.isNaN)
  }
}
