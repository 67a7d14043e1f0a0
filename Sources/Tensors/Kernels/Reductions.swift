// Sums, extremes and their positions over one axis of memory seen as [outer, extent, inner].
//
// Every sum runs in double precision and is rounded once at the end, so a sum of a billion floats keeps all their bits'
// worth; the order is fixed, so the bits are too.

extension Kernels {
  /// The sum of all elements in double precision; zero for none.
  public static func sum(_ input: UnsafeBufferPointer<Float>) -> Double {
    guard let values = input.baseAddress else { return 0 }
    return runTotal(values, input.count) { $0 }
  }

  /// The sum of the squared distances from a centre in double precision; zero for none.
  public static func sumOfSquares(_ input: UnsafeBufferPointer<Float>, from centre: Double = 0) -> Double {
    guard let values = input.baseAddress else { return 0 }
    return runTotal(values, input.count) { ($0 - centre) * ($0 - centre) }
  }

  /// Writes the sums over the middle axis of `[outer, extent, inner]`, each multiplied by a factor.
  static func sums(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, times factor: Double,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    total(input, view, factor, output) { value, _ in value }
  }

  /// Writes the sums of squared distances from centres `[outer, inner]`, each multiplied by a factor.
  static func sumsOfSquares(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, from centres: [Double]?, times factor: Double,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    guard let centres else { return total(input, view, factor, output) { value, _ in value * value } }
    total(input, view, factor, output) { value, cell in (value - centres[cell]) * (value - centres[cell]) }
  }

  /// The means over the middle axis in double precision, `[outer, inner]`.
  static func means(_ input: UnsafeBufferPointer<Float>, _ view: AxisView) -> [Double] {
    var means = [Double](repeating: 0, count: view.outer * view.inner)
    guard let values = input.baseAddress else { return means }
    for outer in 0..<view.outer {
      for position in 0..<view.extent {
        let line = values + (outer * view.extent + position) * view.inner
        for index in 0..<view.inner { means[outer * view.inner + index] += Double(line[index]) }
      }
    }
    for cell in means.indices { means[cell] /= Double(view.extent) }
    return means
  }

  /// Writes the running sums along the middle axis; in place is allowed.
  static func cumulativeSums(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, into output: UnsafeMutableBufferPointer<Float>
  ) {
    for outer in 0..<view.outer {
      for index in 0..<view.inner {
        var total = 0.0
        var place = outer * view.extent * view.inner + index
        for _ in 0..<view.extent {
          total += Double(input[place])
          output[place] = Float(total)
          place += view.inner
        }
      }
    }
  }

  /// Writes the largest elements along the middle axis, or the smallest; NaN where a NaN takes part.
  static func extremes(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, largest: Bool,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    guard let values = input.baseAddress, let best = output.baseAddress else { return }
    for outer in 0..<view.outer {
      let block = values + outer * view.extent * view.inner
      let cells = best + outer * view.inner
      for index in 0..<view.inner { cells[index] = block[index] }
      for position in 1..<view.extent {
        let line = block + position * view.inner
        // The second condition lets a NaN in, the first never lets one out.
        if largest {
          for index in 0..<view.inner where line[index] > cells[index] || line[index] != line[index] {
            cells[index] = cells[index] == cells[index] ? line[index] : cells[index]
          }
        } else {
          for index in 0..<view.inner where line[index] < cells[index] || line[index] != line[index] {
            cells[index] = cells[index] == cells[index] ? line[index] : cells[index]
          }
        }
      }
    }
  }

  /// The positions of the largest elements along the middle axis, the first of equals; of the first NaN if there is one.
  static func positionsOfMaximum(_ input: UnsafeBufferPointer<Float>, _ view: AxisView) -> [Int] {
    var positions = [Int](repeating: 0, count: view.outer * view.inner)
    for outer in 0..<view.outer {
      for index in 0..<view.inner {
        let start = outer * view.extent * view.inner + index
        var (best, bestPosition) = (input[start], 0)
        for position in 1..<view.extent where best == best {
          let value = input[start + position * view.inner]
          if value > best || value != value { (best, bestPosition) = (value, position) }
        }
        positions[outer * view.inner + index] = bestPosition
      }
    }
    return positions
  }

  @inline(__always)
  private static func total(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, _ factor: Double,
    _ output: UnsafeMutableBufferPointer<Float>, _ term: (Double, Int) -> Double
  ) {
    guard let values = input.baseAddress, view.inner > 0 else { return output.update(repeating: Float(0 * factor)) }
    guard view.inner > 1 else {
      for row in 0..<view.outer {
        output[row] = Float(factor * runTotal(values + row * view.extent, view.extent) { term($0, row) })
      }
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: view.inner) { totals in
      for outer in 0..<view.outer {
        totals.initialize(repeating: 0)
        for position in 0..<view.extent {
          let line = values + (outer * view.extent + position) * view.inner
          for index in 0..<view.inner { totals[index] += term(Double(line[index]), outer * view.inner + index) }
        }
        for index in 0..<view.inner { output[outer * view.inner + index] = Float(factor * totals[index]) }
      }
    }
  }

  /// The total of a run in four lanes.
  @inline(__always)
  private static func runTotal(_ values: UnsafePointer<Float>, _ count: Int, _ term: (Double) -> Double) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= count {
      a += term(Double(values[index]))
      b += term(Double(values[index + 1]))
      c += term(Double(values[index + 2]))
      d += term(Double(values[index + 3]))
      index += 4
    }
    while index < count {
      a += term(Double(values[index]))
      index += 1
    }
    return (a + b) + (c + d)
  }
}

/// Memory around one axis: the product of the extents before it, its own, and the product of those after it.
struct AxisView {
  var outer: Int
  var extent: Int
  var inner: Int

  /// The view of a shape around a (non-negative) axis.
  init(_ shape: [Int], axis: Int) {
    outer = Tensor.count(of: Array(shape[..<axis]))
    extent = shape[axis]
    inner = Tensor.count(of: Array(shape[(axis + 1)...]))
  }
}
