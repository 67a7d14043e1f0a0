// Correlation coefficients over paired numbers.

import Tensors  // preconditions that say their sentence

/// Pearson's correlation; NaN when either side does not vary.
func pearson(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "correlation needs pairs, got \(x.count) and \(y.count) numbers")
  let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
  let products = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
  let (squaresX, squaresY) = (
    x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }, y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
  )
  return products / (squaresX * squaresY).squareRoot()
}

/// Spearman's correlation: Pearson's over ranks, ties sharing their mean rank; NaN when a number has no rank.
func spearman(_ x: [Double], _ y: [Double]) -> Double {
  guard !(x + y).contains(where: \.isNaN) else { return .nan }
  return pearson(ranks(x), ranks(y))
}

/// The rank of each number from 1; equal numbers share the mean of their ranks. NaN is equal to nothing.
func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for position in start..<end { ranks[order[position]] = Double(start + end + 1) / 2 }
    start = end
  }
  return ranks
}
