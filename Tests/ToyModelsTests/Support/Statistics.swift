// What the tests of random draws compare with. Seeds are fixed, so a bound is met always or never; bounds are set where
// a right sampler would miss them about once in a hundred thousand seeds.

import Foundation

/// Whether a count of successes is within 4.5 standard deviations, and one, of its mean.
func isPlausible(_ successes: Int, of trials: Int, probability: Double) -> Bool {
  let mean = Double(trials) * probability
  return abs(Double(successes) - mean) <= 4.5 * (mean * (1 - probability)).squareRoot() + 1
}

/// Kolmogorov and Smirnov's √N·sup|F_N − F| for values uniform in a range; above 2.5 once in 130,000 right samples.
func uniformityStatistic(_ values: [Float], in range: Range<Float>) -> Double {
  let (count, width) = (Double(values.count), Double(range.upperBound - range.lowerBound))
  var largest = 0.0
  for (rank, value) in values.sorted().enumerated() {
    let expected = Double(value - range.lowerBound) / width
    largest = max(largest, abs(Double(rank) / count - expected), abs(Double(rank + 1) / count - expected))
  }
  return largest * count.squareRoot()
}

/// The same statistic for gaps 0, 1, 2, … between successes of probability p: F(k) = 1 − (1 − p)^(k+1).
func geometricStatistic(_ gaps: [Int], probability: Double) -> Double {
  let count = Double(gaps.count)
  let sorted = gaps.sorted()
  var largest = 0.0
  for (index, gap) in sorted.enumerated() where index + 1 == sorted.count || sorted[index + 1] != gap {
    largest = max(largest, abs(Double(index + 1) / count + expm1(Double(gap + 1) * log1p(-probability))))
  }
  return largest * count.squareRoot()
}

/// Pearson's correlation of two series of equal length.
func correlation(_ a: [Double], _ b: [Double]) -> Double {
  let count = Double(a.count)
  let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
  var (ab, aa, bb) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    ab += (x - meanA) * (y - meanB)
    aa += (x - meanA) * (x - meanA)
    bb += (y - meanB) * (y - meanB)
  }
  return ab / (aa * bb).squareRoot()
}
