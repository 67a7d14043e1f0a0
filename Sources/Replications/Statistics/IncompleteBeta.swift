// The regularized incomplete beta function, from which Student's t, the binomial tail and the Clopper–Pearson interval
// all follow exactly: no tables, no normal approximations, because five seeds are no large sample.

import Foundation
import Tensors  // preconditions that say their sentence

/// The distribution function of Beta(a, b) at x, which is the regularized incomplete beta function.
///
/// The continued fraction is DLMF 8.17.22, evaluated by the method of Lentz as modified by Thompson and Barnett (1986);
/// where it converges slowly, the symmetry of DLMF 8.17.4 is used. The relative error is about 1e-13.
func regularizedIncompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "an incomplete beta function needs positive parameters, got \(a) and \(b)")
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  let logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
  if x < (a + 1) / (a + b + 2) {
    return exp(logFront) * betaContinuedFraction(x, a, b) / a
  }
  return 1 - exp(logFront) * betaContinuedFraction(1 - x, b, a) / b
}

/// The x at which Beta(a, b) has the cumulative probability p, by bisection to the last bit.
func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
  precondition((0...1).contains(p), "a probability lies between 0 and 1, got \(p)")
  var lower = 0.0
  var upper = 1.0
  while true {
    let middle = (lower + upper) / 2
    guard middle > lower, middle < upper else { return middle }
    if regularizedIncompleteBeta(middle, a, b) < p { lower = middle } else { upper = middle }
  }
}

private func betaContinuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func awayFromZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }

  var c = 1.0
  var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
  var result = d
  for step in 1...10_000 {
    let m = Double(step)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    result *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    result *= d * c
    if abs(d * c - 1) < 1e-16 { break }
  }
  return result
}

private func logGamma(_ x: Double) -> Double {
  let (value, _): (Double, Int) = lgamma(x)
  return value
}
