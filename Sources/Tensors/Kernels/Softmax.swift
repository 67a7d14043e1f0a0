// Softmax, its logarithm and log-sum-exp over the rows of a matrix.
//
// Each subtracts the row's maximum first, so nothing overflows; sums are in double precision. Rows are taken in blocks
// that fit in the first-level cache, so that one call of the exponential serves many short rows.
//
// Edges, as in PyTorch: a row of only −∞ (all masked) has softmax NaN and log-sum-exp −∞; a row with +∞ or NaN has
// softmax NaN; rows of no columns write nothing and have log-sum-exp −∞.

extension Kernels {
  /// Elements that one block of rows holds at most.
  private static let blockElements = 4096

  /// Writes the softmax of each row of `[rows, columns]`; in place is allowed.
  public static func softmax(
    _ input: UnsafeBufferPointer<Float>, columns: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    forEachBlock(input.count, columns: columns, output.count) { range, rows in
      let source = UnsafeBufferPointer(rebasing: input[range])
      let target = UnsafeMutableBufferPointer(rebasing: output[range])
      for row in 0..<rows { subtractMaximum(source, target, row * columns..<(row + 1) * columns) }
      exponentials(of: target, into: target)
      for row in 0..<rows {
        let slice = row * columns..<(row + 1) * columns
        let factor = Float(1 / sum(UnsafeBufferPointer(target), slice))
        for index in slice { target[index] *= factor }
      }
    }
  }

  /// Writes the logarithm of the softmax of each row of `[rows, columns]`; in place is allowed.
  public static func logSoftmax(
    _ input: UnsafeBufferPointer<Float>, columns: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(columns, blockElements)) { scratch in
      forEachBlock(input.count, columns: columns, output.count) { range, rows in
        let source = UnsafeBufferPointer(rebasing: input[range])
        let target = UnsafeMutableBufferPointer(rebasing: output[range])
        let powers = UnsafeMutableBufferPointer(rebasing: scratch[..<range.count])
        for row in 0..<rows { subtractMaximum(source, target, row * columns..<(row + 1) * columns) }
        exponentials(of: target, into: powers)
        for row in 0..<rows {
          let slice = row * columns..<(row + 1) * columns
          let shift = Elementary.log(Float(sum(UnsafeBufferPointer(powers), slice)))
          for index in slice { target[index] -= shift }
        }
      }
    }
  }

  /// Writes ln Σ eˣ of each row of `[rows, columns]` into `[rows]`.
  public static func logSumExp(
    _ input: UnsafeBufferPointer<Float>, columns: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    guard columns > 0 else { return output.update(repeating: -.infinity) }
    precondition(input.count == output.count * columns, "\(input.count) elements are not \(output.count) × \(columns)")
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(columns, blockElements)) { scratch in
      forEachBlock(input.count, columns: columns, input.count) { range, rows in
        let source = UnsafeBufferPointer(rebasing: input[range])
        let powers = UnsafeMutableBufferPointer(rebasing: scratch[..<range.count])
        let first = range.lowerBound / columns
        for row in 0..<rows {
          output[first + row] = subtractMaximum(source, powers, row * columns..<(row + 1) * columns)
        }
        exponentials(of: powers, into: powers)
        for row in 0..<rows {
          let maximum = output[first + row]
          let total = sum(UnsafeBufferPointer(powers), row * columns..<(row + 1) * columns)
          // An infinite maximum is the answer itself; the differences from it are not numbers.
          output[first + row] = maximum.isInfinite ? maximum : maximum + Elementary.log(Float(total))
        }
      }
    }
  }

  /// Writes eˣ of elements that are at most zero.
  private static func exponentials(
    of source: UnsafeMutableBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    exponentials(from, source.count, less: 0, into: to)
  }

  /// Calls a closure for blocks of whole rows with their range of elements and their number.
  @inline(__always)
  private static func forEachBlock(
    _ count: Int, columns: Int, _ outputCount: Int, _ body: (_ range: Range<Int>, _ rows: Int) -> Void
  ) {
    precondition(count == outputCount, "\(count) inputs for \(outputCount) outputs")
    guard count > 0 else { return }
    precondition(columns > 0 && count % columns == 0, "\(count) elements are not rows of \(columns)")
    let step = max(1, blockElements / columns) * columns
    var start = 0
    while start < count {
      let end = min(start + step, count)
      body(start..<end, (end - start) / columns)
      start = end
    }
  }

  /// Writes a row less its maximum and returns the maximum; NaN when the row holds one.
  @discardableResult @inline(__always)
  private static func subtractMaximum(
    _ source: UnsafeBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<Float>, _ row: Range<Int>
  ) -> Float {
    var lanes = SIMD8<Float>(repeating: -.infinity)
    var index = row.lowerBound
    while index + 8 <= row.upperBound {
      for lane in 0..<8 { lanes[lane] = source[index + lane] > lanes[lane] ? source[index + lane] : lanes[lane] }
      index += 8
    }
    var maximum = -Float.infinity
    for lane in 0..<8 where lanes[lane] > maximum { maximum = lanes[lane] }
    while index < row.upperBound {
      maximum = source[index] > maximum ? source[index] : maximum
      index += 1
    }
    for index in row { target[index] = source[index] - maximum }
    return maximum
  }

  /// The sum of a range in four double-precision lanes.
  @inline(__always)
  private static func sum(_ values: UnsafeBufferPointer<Float>, _ range: Range<Int>) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = range.lowerBound
    while index + 4 <= range.upperBound {
      a += Double(values[index])
      b += Double(values[index + 1])
      c += Double(values[index + 2])
      d += Double(values[index + 3])
      index += 4
    }
    while index < range.upperBound {
      a += Double(values[index])
      index += 1
    }
    return (a + b) + (c + d)
  }
}
