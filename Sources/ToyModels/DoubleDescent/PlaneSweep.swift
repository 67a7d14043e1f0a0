// The loop over all features of all examples in two hidden dimensions, where nearly all time is spent: eight features at a
// time, against each of a block of examples, with the weights and their slopes in registers.

/// The slopes of a model with two hidden dimensions, as if every input were zero.
enum PlaneSweep {
  private static let blockCount = 512

  /// Adds the slopes of W and b to `g` and overwrites those of h, both short of the factor 2/T.
  ///
  /// - Parameters:
  ///   - count: The number of examples.
  ///   - width: The number of features, a multiple of eight.
  ///   - w: W and b, `[3, width]`.
  ///   - h: The hidden vectors, `[2, example]`.
  ///   - g: The slopes of W and b, `[3, width]`.
  ///   - dh: The slopes of the hidden vectors, `[2, example]`.
  static func run(
    count: Int, width: Int, _ w: UnsafePointer<Float>, h: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>,
    dh: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: SIMD4<Float>.self, capacity: 2 * blockCount) { partial in
      guard let partial = partial.baseAddress else { return }
      for start in stride(from: 0, to: count, by: blockCount) {
        let rows = min(blockCount, count - start)
        partial.initialize(repeating: .zero, count: 2 * rows)
        for feature in stride(from: 0, to: width, by: 8) {
          tile(rows, w + feature, width, h + start, h + count + start, g + feature, partial)
        }
        for row in 0..<rows {
          dh[start + row] = partial[2 * row].sum()
          dh[count + start + row] = partial[2 * row + 1].sum()
        }
      }
    }
  }

  /// Eight features against a block of examples.
  @inline(__always)
  private static func tile(
    _ rows: Int, _ w: UnsafePointer<Float>, _ width: Int, _ h0: UnsafePointer<Float>, _ h1: UnsafePointer<Float>,
    _ g: UnsafeMutablePointer<Float>, _ partial: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    let (w0, w1, bias) = (load(w), load(w + width), load(w + 2 * width))
    var (g0, g1, gb) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
    for row in 0..<rows {
      let (a, b) = (SIMD8(repeating: h0[row]), SIMD8(repeating: h1[row]))
      let z = bias + (a * w0 + b * w1)
      let y = z.replacing(with: 0, where: z .< 0)
      g0 += a * y
      g1 += b * y
      gb += y
      let (d0, d1) = (w0 * y, w1 * y)
      partial[2 * row] += d0.lowHalf + d0.highHalf
      partial[2 * row + 1] += d1.lowHalf + d1.highHalf
    }
    store(load(g) + g0, g)
    store(load(g + width) + g1, g + width)
    store(load(g + 2 * width) + gb, g + 2 * width)
  }

  /// Replaces outputs by their positive parts; the count is a multiple of eight, here and below.
  static func rectify(_ y: UnsafeMutablePointer<Float>, count: Int) {
    for index in stride(from: 0, to: count, by: 8) {
      let z = load(y + index)
      store(z.replacing(with: 0, where: z .< 0), y + index)
    }
  }

  /// The sum of squares.
  static func sumOfSquares(_ y: UnsafePointer<Float>, count: Int) -> Double {
    var squares = SIMD8<Float>.zero
    for index in stride(from: 0, to: count, by: 8) {
      let value = load(y + index)
      squares += value * value
    }
    return Double(squares.sum())
  }

  /// target += source.
  static func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    for index in stride(from: 0, to: count, by: 8) {
      store(load(target + index) + load(source + index), target + index)
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func store(_ lanes: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD8<Float>.self)
  }
}
