// The loop over all features of all examples in two hidden dimensions, where nearly all time is spent: eight features at a
// time, against each of a block of examples, with the weights and their slopes in registers.

/// Outputs, loss and slopes of a model with two hidden dimensions, as if every input were zero.
enum PlaneSweep {
  private static let blockCount = 512

  /// Returns Σ y² over examples and features, adds the slopes of W and b to `g` and overwrites those of h.
  ///
  /// - Parameters:
  ///   - count: The number of examples.
  ///   - width: The number of features, a multiple of eight.
  ///   - w: W and b, `[3, width]`.
  ///   - h: The hidden vectors, `[2, example]`.
  ///   - g: The slopes of W and b, half of T times ∂L/∂W and ∂L/∂b, `[3, width]`.
  ///   - dh: The slopes of the hidden vectors, `[2, example]`.
  static func run(
    count: Int, width: Int, _ w: UnsafePointer<Float>, h: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>,
    dh: UnsafeMutablePointer<Float>
  ) -> Double {
    withUnsafeTemporaryAllocation(of: SIMD4<Float>.self, capacity: 2 * blockCount) { partial in
      guard let partial = partial.baseAddress else { return 0 }
      var loss = 0.0
      for start in stride(from: 0, to: count, by: blockCount) {
        let rows = min(blockCount, count - start)
        partial.initialize(repeating: .zero, count: 2 * rows)
        for feature in stride(from: 0, to: width, by: 8) {
          loss += tile(
            rows, w + feature, width, h + start, h + count + start, g + feature, partial)
        }
        for row in 0..<rows {
          dh[start + row] = partial[2 * row].sum()
          dh[count + start + row] = partial[2 * row + 1].sum()
        }
      }
      return loss
    }
  }

  /// Eight features against a block of examples.
  @inline(__always)
  private static func tile(
    _ rows: Int, _ w: UnsafePointer<Float>, _ width: Int, _ h0: UnsafePointer<Float>, _ h1: UnsafePointer<Float>,
    _ g: UnsafeMutablePointer<Float>, _ partial: UnsafeMutablePointer<SIMD4<Float>>
  ) -> Double {
    let (w0, w1, bias) = (load(w), load(w + width), load(w + 2 * width))
    var (g0, g1, gb, squares) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
    for row in 0..<rows {
      let (a, b) = (SIMD8(repeating: h0[row]), SIMD8(repeating: h1[row]))
      let z = bias + (a * w0 + b * w1)
      let y = z.replacing(with: 0, where: z .< 0)
      squares += y * y
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
    return Double(squares.sum())
  }

  /// The output before the ReLU, rounded as in the sweep, so that both agree on what is active.
  @inline(__always)
  static func output(_ bias: Float, _ first: Float, _ second: Float) -> Float { bias + (first + second) }

  /// Replaces outputs by their positive parts and returns the sum of their squares.
  static func rectify(_ y: UnsafeMutablePointer<Float>, count: Int) -> Double {
    var squares = SIMD8<Float>.zero
    for index in stride(from: 0, to: count, by: 8) {
      let z = load(y + index)
      let output = z.replacing(with: 0, where: z .< 0)
      squares += output * output
      store(output, y + index)
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
