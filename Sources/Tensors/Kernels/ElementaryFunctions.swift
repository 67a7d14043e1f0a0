// exp, log and their kin as branch-free polynomials that the compiler turns into vector code.
//
// Goals, in order: 1. every error bounded in units in the last place (ulp) over the whole range, and relative where it
// matters; 2. the same bits on every processor (no libm, no fused multiply-add); 3. right at ±0, ±∞, NaN, overflow and
// subnormals; 4. speed. Range reductions follow Cephes (exp) and FreeBSD's msun (log, log1p); the polynomials are minimax
// fits. Scalar forms and buffer forms share this file because files of one module do not inline into each other.

/// Elementary functions of one float: inlinable, branch-free, and accurate to a stated number of ulp.
public enum Elementary {
  /// The polynomial (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2.
  @inlinable @inline(__always)
  static func exponentialTail(_ r: Float) -> Float {
    var p: Float = 0.00019918683
    p = p * r + 0.0013946713
    p = p * r + 0.008333264
    p = p * r + 0.04166626
    p = p * r + 0.16666667
    return p * r + 0.5
  }

  /// 2ⁿ for −126 ≤ n ≤ 127.
  @inlinable @inline(__always)
  static func powerOfTwo(_ n: Int32) -> Float { Float(bitPattern: UInt32(bitPattern: (n &+ 127) &<< 23)) }

  /// eˣ; at most 1 ulp from the truth, subnormal results included; 0 below −104, +∞ from 88.73 on.
  @inlinable @inline(__always)
  public static func exp(_ x: Float) -> Float {
    let inside = x > 89 ? 89 : (x < -104 ? -104 : x)
    // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
    let shifted = inside * 1.442695 + 12_582_912
    let n = shifted - 12_582_912
    // r = high + low; adding the low part late saves a rounding.
    let high = inside - n * 0.693359375
    let low = n * 0.00021219444
    let r = high + low
    let mantissa = 1 + (high + (low + r * r * exponentialTail(r)))
    let exponent = Int32(bitPattern: shifted.bitPattern) &- 0x4b40_0000
    let half = exponent &>> 1
    // Far below the smallest result the factor is zero: multiplying into underflow costs a processor trap each time.
    return mantissa * powerOfTwo(half) * (x < -104 ? 0 : powerOfTwo(exponent &- half))
  }

  /// eˣ − 1; at most 1.5 ulp, relative also near zero.
  @inlinable @inline(__always)
  public static func expMinusOne(_ x: Float) -> Float {
    let inside = x > 89 ? 89 : (x < -30 ? -30 : x)
    let shifted = inside * 1.442695 + 12_582_912
    let n = shifted - 12_582_912
    let high = inside - n * 0.693359375
    let low = n * 0.00021219444
    let r = high + low
    let small = high + (low + r * r * exponentialTail(r))
    let exponent = Int32(bitPattern: shifted.bitPattern) &- 0x4b40_0000
    // 2ⁿ(small + 1) − 1 = 2ⁿ(small + (1 − 2⁻ⁿ)), exact in the inner difference.
    let scaled = small + (1 - powerOfTwo(exponent > 126 ? -126 : 0 &- exponent))
    let half = exponent &>> 1
    let result = scaled * powerOfTwo(half) * powerOfTwo(exponent &- half)
    return x == 0 ? x : result
  }

  /// The polynomial part of log(1 + f), with s = f / (2 + f), as in FreeBSD's `k_logf.h`.
  @inlinable @inline(__always)
  static func logarithmTail(_ s: Float) -> Float {
    let z = s * s
    let w = z * z
    return z * (0.6666666 + w * 0.28498787) + w * (0.4000097 + w * 0.24279079)
  }

  /// ln x; at most 1 ulp; −∞ at ±0, NaN below.
  @inlinable @inline(__always)
  public static func log(_ x: Float) -> Float {
    let isSubnormal = x < .leastNormalMagnitude
    let scaled = isSubnormal ? x * 0x1p23 : x
    // Exponent and fraction such that the fraction lies in [√½, √2).
    let bits = Int32(bitPattern: scaled.bitPattern) &+ 0x004a_fb0d
    let k = Float((bits &>> 23) &- 127 &- (isSubnormal ? 23 : 0))
    let f = Float(bitPattern: UInt32(bitPattern: (bits & 0x007f_ffff) &+ 0x3f35_04f3)) - 1
    let s = f / (2 + f)
    let halfSquare = 0.5 * f * f
    let result = s * (halfSquare + logarithmTail(s)) + k * 9.0580006e-06 - halfSquare + f + k * 0.69313812
    return x > 0 ? (x == .infinity ? x : result) : (x == 0 ? -.infinity : .nan)
  }

  /// ln(1 + x); at most 1 ulp, relative also near zero; −∞ at −1, NaN below.
  @inlinable @inline(__always)
  public static func log(onePlus x: Float) -> Float {
    let u = 1 + x
    let bits = Int32(bitPattern: u.bitPattern) &+ 0x004a_fb0d
    let exponent = (bits &>> 23) &- 127
    let isNearOne = exponent == 0
    let k = Float(exponent)
    // What rounding 1 + x lost, relative to u.
    let lost = (exponent > 1 ? 1 - (u - x) : x - (u - 1)) / u
    let correction = isNearOne ? 0 : lost
    let fraction = Float(bitPattern: UInt32(bitPattern: (bits & 0x007f_ffff) &+ 0x3f35_04f3)) - 1
    let f = isNearOne ? x : fraction
    let s = f / (2 + f)
    let halfSquare = 0.5 * f * f
    let result =
      s * (halfSquare + logarithmTail(s)) + (k * 9.0580006e-06 + correction) - halfSquare + f + k * 0.69313812
    let finite = x == 0 || x == .infinity ? x : result
    return x < -1 ? .nan : (x == -1 ? -.infinity : finite)
  }

  /// tanh x; at most 1.4 ulp, relative also near zero.
  @inlinable @inline(__always)
  public static func tanh(_ x: Float) -> Float {
    let a = x.magnitude
    let z = a * a
    var p: Float = -0.005717037
    p = p * z + 0.020650579
    p = p * z - 0.053743497
    p = p * z + 0.1333149
    p = p * z - 0.33333284
    let near = a + a * (z * p)
    let far = 1 - 2 / (exp(2 * a) + 1)
    let magnitude = a < 0.625 ? near : far
    return Float(bitPattern: magnitude.bitPattern | (x.bitPattern & 0x8000_0000))
  }

  /// The logistic function 1 / (1 + e⁻ˣ); at most 1.5 ulp, subnormal results included.
  @inlinable @inline(__always)
  public static func sigmoid(_ x: Float) -> Float {
    // Rounding 1 + e in single precision would cost another ulp.
    let e = Double(exp(-x.magnitude))
    return Float((x < 0 ? e : 1) / (1 + e))
  }

  /// ln(1 + eˣ), the smooth ramp; at most 1.7 ulp, without overflow.
  @inlinable @inline(__always)
  public static func softplus(_ x: Float) -> Float {
    log(onePlus: exp(-x.magnitude)) + (x < 0 ? 0 : x)
  }
}

/// Loops over float buffers, the bodies of tensor operations and of their gradients.
///
/// Every output buffer has the size of its input and may be the same memory, but must not overlap it otherwise.
public enum Kernels {
  /// Writes eˣ for each element; see `Elementary.exp(_:)`.
  public static func exp(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.exp($0) }
  }

  /// Writes eˣ − 1 for each element; see `Elementary.expMinusOne(_:)`.
  public static func expMinusOne(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.expMinusOne($0) }
  }

  /// Writes ln x for each element; see `Elementary.log(_:)`.
  public static func log(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.log($0) }
  }

  /// Writes ln(1 + x) for each element; see `Elementary.log(onePlus:)`.
  public static func logOnePlus(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.log(onePlus: $0) }
  }

  /// Writes tanh x for each element; see `Elementary.tanh(_:)`.
  public static func tanh(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.tanh($0) }
  }

  /// Writes 1 / (1 + e⁻ˣ) for each element; see `Elementary.sigmoid(_:)`.
  public static func sigmoid(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.sigmoid($0) }
  }

  /// Writes ln(1 + eˣ) for each element; see `Elementary.softplus(_:)`.
  public static func softplus(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.softplus($0) }
  }
}

/// Applies a function element by element; the in-place case has a loop of its own, or aliasing would stop vector code.
@inline(__always)
private func apply(
  _ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>, _ function: (Float) -> Float
) {
  precondition(input.count == output.count, "\(input.count) inputs for \(output.count) outputs")
  guard let source = input.baseAddress, let target = output.baseAddress else { return }
  if source == UnsafePointer(target) {
    for index in 0..<input.count { target[index] = function(target[index]) }
  } else {
    for index in 0..<input.count { target[index] = function(source[index]) }
  }
}
