// What every softmax is made of: the largest element of a row, and exponentials of what lies below it.
//
// Below the maximum there is no overflow, and what is smaller than e⁻⁸⁷ of the largest adds nothing to a sum: without the
// two ends of the range the exponential costs two thirds of `Kernels.exp`. The same bits on every processor.

extension Kernels {
  /// The largest of so many elements, −∞ of none; NaN counts as smaller than everything.
  static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (a, b) = (SIMD4<Float>(repeating: -.infinity), SIMD4<Float>(repeating: -.infinity))
    var index = 0
    while index + 8 <= count {
      let (first, second) = (load(x + index), load(x + index + 4))
      for lane in 0..<4 {
        a[lane] = first[lane] > a[lane] ? first[lane] : a[lane]
        b[lane] = second[lane] > b[lane] ? second[lane] : b[lane]
      }
      index += 8
    }
    for lane in 0..<4 { a[lane] = b[lane] > a[lane] ? b[lane] : a[lane] }
    var largest = a[0]
    for lane in 1..<4 where a[lane] > largest { largest = a[lane] }
    while index < count {
      largest = x[index] > largest ? x[index] : largest
      index += 1
    }
    return largest
  }

  /// Writes e^(x − shift) for each of so many elements, none far above the shift, and returns their sum; in place is
  /// allowed.
  ///
  /// Each is at most 1 ulp from the truth for a difference in −87 ... 88, and 0 below; NaN stays. The sum takes short
  /// stretches in single precision and adds them in double.
  @discardableResult
  static func exponentials(
    _ x: UnsafePointer<Float>, _ count: Int, less shift: Float, into y: UnsafeMutablePointer<Float>
  ) -> Double {
    var total = SIMD4<Double>()
    var index = 0
    while index + 4 <= count {
      let end = min(index + 64, count - 3)
      var sum = SIMD4<Float>()
      while index < end {
        let power = exponential(load(x + index) - shift)
        UnsafeMutableRawPointer(y + index).storeBytes(of: power, as: SIMD4<Float>.self)
        sum += power
        index += 4
      }
      total += SIMD4<Double>(sum)
    }
    if index < count {
      // The last few take their place in a vector, so that an element's bits do not depend on its position.
      var rest = SIMD4<Float>(repeating: -.infinity)
      for lane in 0..<count - index { rest[lane] = x[index + lane] - shift }
      rest = exponential(rest)
      for lane in 0..<count - index { y[index + lane] = rest[lane] }
      total += SIMD4<Double>(rest)
    }
    return (total.x + total.y) + (total.z + total.w)
  }

  /// eˣ in four lanes.
  @inline(__always)
  private static func exponential(_ x: SIMD4<Float>) -> SIMD4<Float> {
    // Masks by hand: `replacing(with:where:)` is not turned into vector code.
    let isFar = unsafeBitCast(x .< SIMD4(repeating: -87), to: SIMD4<UInt32>.self)
    let limit = SIMD4<UInt32>(repeating: Float(-87).bitPattern)
    let inside = unsafeBitCast(
      (unsafeBitCast(x, to: SIMD4<UInt32>.self) & ~isFar) | (limit & isFar), to: SIMD4<Float>.self)
    // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
    let shifted = inside * 1.442695 + 12_582_912
    let n = shifted - 12_582_912
    let r = (inside - n * 0.693359375) + n * 0.00021219444
    let square = r * r
    let high = (r * 0.00019918683 + 0.0013946713) * square + (r * 0.008333264 + 0.04166626)
    let mantissa = 1 + (r + square * (high * square + (r * 0.16666667 + 0.5)))
    let power = ((unsafeBitCast(shifted, to: SIMD4<UInt32>.self) &+ 127) &<< 23) & ~isFar
    return mantissa * unsafeBitCast(power, to: SIMD4<Float>.self)
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
  }
}
