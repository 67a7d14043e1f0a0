// LayerNorm and RMSNorm over the rows of a matrix, with the statistics that gradients and caches want.
//
// Mean and variance are two passes in double precision: the one-pass formula loses everything when the mean is large.
// A row of no columns writes nothing; NaN or an infinity anywhere in a row makes the whole row NaN.

extension Kernels {
  /// Writes (x − mean) / √(variance + ε) · weight + bias for each row of `[rows, columns]`; in place is allowed.
  ///
  /// The variance divides by the number of columns (Ba, Kiros and Hinton 2016). `weight` and `bias` are `[columns]` or
  /// absent; `means` and `scales`, the square root above, are `[rows]` or not wanted.
  public static func layerNorm(
    _ input: UnsafeBufferPointer<Float>, columns: Int, epsilon: Float, weight: UnsafeBufferPointer<Float>? = nil,
    bias: UnsafeBufferPointer<Float>? = nil, into output: UnsafeMutableBufferPointer<Float>,
    means: UnsafeMutableBufferPointer<Float>? = nil, scales: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    let rows = rowCount(input.count, output.count, columns: columns, weight: weight, bias: bias)
    precondition(means.map { $0.count == rows } ?? true, "one mean for each of \(rows) rows")
    precondition(scales.map { $0.count == rows } ?? true, "one scale for each of \(rows) rows")
    guard let source = input.baseAddress, let target = output.baseAddress else { return }
    Parallelism.forEachRange(rows, grain: 1 + (1 << 14) / columns) { rows in
      for row in rows {
        let (from, to) = (source + row * columns, target + row * columns)
        let mean = sum(from, columns) / Double(columns)
        for column in 0..<columns { to[column] = Float(Double(from[column]) - mean) }
        let scale = Float((sumOfSquares(to, columns) / Double(columns) + Double(epsilon)).squareRoot())
        finish(to, columns, 1 / scale, weight, bias)
        means?[row] = Float(mean)
        scales?[row] = scale
      }
    }
  }

  /// Writes x / √(mean square + ε) · weight for each row of `[rows, columns]`; in place is allowed.
  ///
  /// As in Zhang and Sennrich 2019. `weight` is `[columns]` or absent; `scales`, the root, is `[rows]` or not wanted.
  public static func rmsNorm(
    _ input: UnsafeBufferPointer<Float>, columns: Int, epsilon: Float, weight: UnsafeBufferPointer<Float>? = nil,
    into output: UnsafeMutableBufferPointer<Float>, scales: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    let rows = rowCount(input.count, output.count, columns: columns, weight: weight, bias: nil)
    precondition(scales.map { $0.count == rows } ?? true, "one scale for each of \(rows) rows")
    guard let source = input.baseAddress, let target = output.baseAddress else { return }
    Parallelism.forEachRange(rows, grain: 1 + (1 << 14) / columns) { rows in
      for row in rows {
        let (from, to) = (source + row * columns, target + row * columns)
        let scale = Float((sumOfSquares(from, columns) / Double(columns) + Double(epsilon)).squareRoot())
        for column in 0..<columns { to[column] = from[column] }
        finish(to, columns, 1 / scale, weight, nil)
        scales?[row] = scale
      }
    }
  }

  private static func rowCount(
    _ count: Int, _ outputCount: Int, columns: Int, weight: UnsafeBufferPointer<Float>?,
    bias: UnsafeBufferPointer<Float>?
  ) -> Int {
    precondition(count == outputCount, "\(count) inputs for \(outputCount) outputs")
    precondition(weight.map { $0.count == columns } ?? true, "a weight for each of \(columns) columns")
    precondition(bias.map { $0.count == columns } ?? true, "a bias for each of \(columns) columns")
    guard count > 0 else { return 0 }
    precondition(columns > 0 && count % columns == 0, "\(count) elements are not rows of \(columns)")
    return count / columns
  }

  /// Scales a row and applies weight and bias.
  @inline(__always)
  private static func finish(
    _ row: UnsafeMutablePointer<Float>, _ columns: Int, _ factor: Float, _ weight: UnsafeBufferPointer<Float>?,
    _ bias: UnsafeBufferPointer<Float>?
  ) {
    switch (weight?.baseAddress, bias?.baseAddress) {
    case (let weight?, let bias?):
      for column in 0..<columns { row[column] = row[column] * factor * weight[column] + bias[column] }
    case (let weight?, nil):
      for column in 0..<columns { row[column] = row[column] * factor * weight[column] }
    case (nil, let bias?):
      for column in 0..<columns { row[column] = row[column] * factor + bias[column] }
    case (nil, nil):
      for column in 0..<columns { row[column] *= factor }
    }
  }

  @inline(__always)
  private static func sum(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= count {
      a += Double(values[index])
      b += Double(values[index + 1])
      c += Double(values[index + 2])
      d += Double(values[index + 3])
      index += 4
    }
    while index < count {
      a += Double(values[index])
      index += 1
    }
    return (a + b) + (c + d)
  }

  @inline(__always)
  private static func sumOfSquares(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= count {
      let (x, y) = (Double(values[index]), Double(values[index + 1]))
      let (z, w) = (Double(values[index + 2]), Double(values[index + 3]))
      a += x * x
      b += y * y
      c += z * z
      d += w * w
      index += 4
    }
    while index < count {
      let x = Double(values[index])
      a += x * x
      index += 1
    }
    return (a + b) + (c + d)
  }
}
