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
    total(input, view, output, { value, _ in value }, { factor * $0 })
  }

  /// Writes the sums of squared distances from centres `[outer, inner]`, each multiplied by a factor.
  static func sumsOfSquares(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, from centres: [Double], times factor: Double,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    total(
      input, view, output, { value, cell in (value - centres[cell]) * (value - centres[cell]) }, { factor * $0 })
  }

  /// Writes the Euclidean norms over the middle axis.
  static func norms(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, into output: UnsafeMutableBufferPointer<Float>
  ) {
    total(input, view, output, { value, _ in value * value }, { $0.squareRoot() })
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
    // A NaN on the left stays; one on the right comes in because no comparison with it holds.
    if largest {
      extremes(input, view, output) { $0 > $1 || $0 != $0 ? $0 : $1 }
    } else {
      extremes(input, view, output) { $0 < $1 || $0 != $0 ? $0 : $1 }
    }
  }

  /// The positions of the largest elements along the middle axis, the first of equals; of the first NaN if there is one.
  static func positionsOfMaximum(_ input: UnsafeBufferPointer<Float>, _ view: AxisView) -> [Int] {
    var positions = [Int](repeating: 0, count: view.outer * view.inner)
    guard let values = input.baseAddress, !positions.isEmpty else { return positions }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: positions.count) { maxima in
      extremes(input, view, largest: true, into: maxima)
      for cell in positions.indices {
        var place = values + cell / view.inner * view.extent * view.inner + cell % view.inner
        let maximum = maxima[cell]
        var position = 0
        while place.pointee != maximum && (maximum == maximum || place.pointee == place.pointee) {
          place += view.inner
          position += 1
        }
        positions[cell] = position
      }
    }
    return positions
  }

  @inline(__always)
  private static func extremes(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, _ output: UnsafeMutableBufferPointer<Float>,
    _ better: (Float, Float) -> Float
  ) {
    guard let values = input.baseAddress, let best = output.baseAddress else { return }
    let (extent, inner) = (view.extent, view.inner)
    for outer in 0..<view.outer {
      let block = values + outer * extent * inner
      if inner == 1 {
        // Eight lanes, then the lanes among themselves and what is left over.
        var lanes = SIMD8<Float>(repeating: block[0])
        var position = 0
        while position + 8 <= extent {
          for lane in 0..<8 { lanes[lane] = better(lanes[lane], block[position + lane]) }
          position += 8
        }
        var extreme = lanes[0]
        for lane in 1..<8 { extreme = better(extreme, lanes[lane]) }
        while position < extent {
          extreme = better(extreme, block[position])
          position += 1
        }
        best[outer] = extreme
      } else {
        let cells = best + outer * inner
        for index in 0..<inner { cells[index] = block[index] }
        for position in 1..<extent {
          let line = block + position * inner
          for index in 0..<inner { cells[index] = better(cells[index], line[index]) }
        }
      }
    }
  }

  /// Adds up a term of each element over the middle axis and writes the finished totals.
  @inline(__always)
  private static func total(
    _ input: UnsafeBufferPointer<Float>, _ view: AxisView, _ output: UnsafeMutableBufferPointer<Float>,
    _ term: (_ value: Double, _ cell: Int) -> Double, _ finish: (Double) -> Double
  ) {
    guard let values = input.baseAddress else { return output.update(repeating: Float(finish(0))) }
    guard view.inner > 1 else {
      for row in 0..<view.outer {
        output[row] = Float(finish(runTotal(values + row * view.extent, view.extent) { term($0, row) }))
      }
      return
    }
    // Columns in blocks of 1 KiB of totals: they stay in the first-level cache, and on the stack, where the compiler
    // inlines the term; for a larger allocation it would be called for each element.
    let widest = min(view.inner, 128)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: widest) { totals in
      guard let totals = totals.baseAddress else { return }
      for outer in 0..<view.outer {
        for first in stride(from: 0, to: view.inner, by: widest) {
          let (cell, width) = (outer * view.inner + first, min(widest, view.inner - first))
          totals.initialize(repeating: 0, count: width)
          for position in 0..<view.extent {
            let line = values + (outer * view.extent + position) * view.inner + first
            for index in 0..<width { totals[index] += term(Double(line[index]), cell + index) }
          }
          for index in 0..<width { output[cell + index] = Float(finish(totals[index])) }
        }
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
