// Student's t distribution, exact for any number of seeds.

import Tensors  // preconditions that say their sentence

/// Student's t distribution with a number of degrees of freedom.
struct StudentT {
  let degreesOfFreedom: Double

  /// Creates the distribution for a positive number of degrees of freedom.
  init(degreesOfFreedom: Int) {
    precondition(degreesOfFreedom > 0, "Student's t needs a degree of freedom, got \(degreesOfFreedom)")
    self.degreesOfFreedom = Double(degreesOfFreedom)
  }

  /// The value below which the distribution has the probability p, which lies strictly between 0 and 1.
  func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1, "a quantile of Student's t needs 0 < p < 1, got \(p)")
    // T² / (ν + T²) is Beta(1/2, ν/2), and its complement Beta(ν/2, 1/2): solve for the smaller, to lose no digits.
    let center = abs(2 * p - 1)
    let ratio: Double
    if center < 0.5 {
      let near = betaQuantile(center, 0.5, degreesOfFreedom / 2)
      ratio = near / (1 - near)
    } else {
      let far = betaQuantile(2 * min(p, 1 - p), degreesOfFreedom / 2, 0.5)
      ratio = (1 - far) / far
    }
    let magnitude = (degreesOfFreedom * ratio).squareRoot()
    return p < 0.5 ? -magnitude : magnitude
  }
}
