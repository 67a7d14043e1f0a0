// erf, the normal distribution function and the two forms of GELU, accurate far into their tails.
//
// All rest on Φ(−u) = e^(−u²/2)·q(u) with a minimax polynomial for q in t = 1 / (1 + 0.375 u). The exponent and the last
// products are formed in double precision: rounding the exponent alone would cost tens of ulp in the tail.

import COpenBLAS

extension Elementary {
  /// eʷ for −113 ≤ w ≤ 0 as a fraction near one and a power of two, so that small results round only once.
  @inlinable @inline(__always)
  static func splitExponential(_ w: Double) -> (fraction: Double, exponent: Int32) {
    let shifted = Float(w) * 1.442695 + 12_582_912
    let n = shifted - 12_582_912
    let r = Float(w - Double(n) * 0.6931471805599453)
    var p: Float = 0.00019918683
    p = p * r + 0.0013946713
    p = p * r + 0.008333264
    p = p * r + 0.04166626
    p = p * r + 0.16666667
    p = p * r + 0.5
    return (1 + Double(r + r * r * p), Int32(bitPattern: shifted.bitPattern) &- 0x4b40_0000)
  }

  /// value · 2ⁿ for −200 ≤ n ≤ 0, and exactly zero from −160 on.
  @inlinable @inline(__always)
  static func scale(_ value: Float, _ n: Int32) -> Float {
    let half = n &>> 1
    let first = Float(bitPattern: UInt32(bitPattern: (half &+ 127) &<< 23))
    let second = Float(bitPattern: UInt32(bitPattern: (n &- half &+ 127) &<< 23))
    return value * first * (n < -160 ? 0 : second)
  }

  /// e^(u²/2)·Φ(−u) for 0.7 ≤ u ≤ 15.
  @inlinable @inline(__always)
  static func farTail(_ u: Float) -> Double {
    let reciprocal = 1 / (1 + 0.375 * Double(u))
    let t = Float(reciprocal)
    var q: Float = -0.04422102
    q = q * t + 0.17846619
    q = q * t - 0.24993522
    q = q * t + 0.10254753
    q = q * t - 0.009073190
    q = q * t + 0.09555377
    q = q * t + 0.1273451
    q = q * t + 0.14969507
    return (Double(q * t) + 0.14960042) * reciprocal
  }

  /// factor · Φ(−u) for 0 ≤ u ≤ 15, where e is e^(−u²/2); near zero from the series of ½ erf.
  @inlinable @inline(__always)
  static func lowerTail(_ u: Float, _ e: (fraction: Double, exponent: Int32), times factor: Float) -> Float {
    let z = u * u
    var p: Float = 0.00010133695
    p = p * z - 0.001179589
    p = p * z + 0.0099717984
    p = p * z - 0.06649024
    p = p * z + 0.3989423
    let far = scale(Float(Double(factor) * farTail(u) * e.fraction), e.exponent)
    return u < 0.75 ? factor * (0.5 - u * p) : far
  }

  /// The error function; at most 1.3 ulp, relative also near zero.
  @inlinable @inline(__always)
  public static func erf(_ x: Float) -> Float {
    let a = x.magnitude > 10 ? 10 : x.magnitude
    let z = a * a
    var p: Float = 0.000078538578
    p = p * z - 0.00080101925
    p = p * z + 0.0051883277
    p = p * z - 0.026853811
    p = p * z + 0.11283585
    p = p * z - 0.37612626
    p = p * z + 0.12837917
    let near = a + a * p
    let e = splitExponential(-Double(a) * Double(a))
    let far = 1 - scale(Float(2 * farTail(1.4142135 * a) * e.fraction), e.exponent)
    let magnitude = a < 1 ? near : far
    return Float(bitPattern: magnitude.bitPattern | (x.bitPattern & 0x8000_0000))
  }

  /// Φ(x), the standard normal distribution function; at most 2.5 ulp, subnormal results included.
  @inlinable @inline(__always)
  public static func normalDistribution(_ x: Float) -> Float {
    let u = x.magnitude > 15 ? 15 : x.magnitude
    let e = splitExponential(-0.5 * Double(u) * Double(u))
    let tail = lowerTail(u, e, times: 1)
    return x < 0 ? tail : 1 - tail
  }

  /// GELU in its exact form, x·Φ(x); at most 2.5 ulp, subnormal results included; −0 at −∞.
  @inlinable @inline(__always)
  public static func gelu(_ x: Float) -> Float {
    let u = x.magnitude > 15 ? 15 : x.magnitude
    let e = splitExponential(-0.5 * Double(u) * Double(u))
    return x < 0 ? -lowerTail(u, e, times: u) : x * (1 - lowerTail(u, e, times: 1))
  }

  /// The derivative of the exact GELU, Φ(x) + x·φ(x); absolute error at most 1.5e-7.
  @inlinable @inline(__always)
  public static func geluDerivative(_ x: Float) -> Float {
    let u = x.magnitude > 15 ? 15 : x.magnitude
    let e = splitExponential(-0.5 * Double(u) * Double(u))
    let tail = lowerTail(u, e, times: 1) - scale(0.3989423 * u * Float(e.fraction), e.exponent)
    return x < 0 ? tail : 1 - tail
  }

  /// GELU in its tanh form, ½x(1 + tanh(√(2/π)(x + 0.044715x³))); at most 3.3 ulp, subnormals included; −0 at −∞.
  @inlinable @inline(__always)
  public static func geluTanh(_ x: Float) -> Float {
    // ½(1 + tanh y) is the logistic function of 2y, which keeps its relative accuracy in the tail.
    let u = x.magnitude > 12 ? 12 : x.magnitude
    let d = Double(u)
    let w = -d * (1.5957691216057308 + 0.07135481627260025 * d * d)
    let e = splitExponential(w < -113 ? -113 : w)
    let denominator = 1 + scale(Float(e.fraction), e.exponent)
    return x < 0 ? scale(-u * Float(e.fraction) / denominator, e.exponent) : x / denominator
  }

  /// The derivative of the tanh form of GELU; absolute error at most 1.5e-7.
  @inlinable @inline(__always)
  public static func geluTanhDerivative(_ x: Float) -> Float {
    let u = x.magnitude > 12 ? 12 : x.magnitude
    let d = Double(u)
    let w = -d * (1.5957691216057308 + 0.07135481627260025 * d * d)
    let e = splitExponential(w < -113 ? -113 : w)
    let power = scale(Float(e.fraction), e.exponent)
    let tail = power / (1 + power)
    let slope = u * (1.5957691 + 0.21406444 * u * u)
    let value = tail * (1 - slope / (1 + power))
    return x < 0 ? value : 1 - value
  }
}

extension Kernels {
  /// Writes erf x for each element; see `Elementary.erf(_:)`.
  public static func erf(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.erf($0) }
  }

  /// Writes Φ(x) for each element; see `Elementary.normalDistribution(_:)`.
  public static func normalDistribution(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>
  ) {
    apply(input, output) { Elementary.normalDistribution($0) }
  }

  /// Writes the exact GELU of each element; see `Elementary.gelu(_:)`.
  public static func gelu(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    apply(input, output) { Elementary.gelu($0) }
  }

  /// Writes the derivative of the exact GELU at each element; see `Elementary.geluDerivative(_:)`.
  public static func geluDerivative(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>
  ) {
    apply(input, output) { Elementary.geluDerivative($0) }
  }

  /// Writes the tanh form of GELU of each element; see `Elementary.geluTanh(_:)`.
  public static func geluTanh(_ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
    geluTanh(input, into: output, with: VectorInstructions.chosen)
  }

  /// The same with the loop for one instruction set, or for the plain one; the bits are those of `Elementary.geluTanh(_:)`.
  static func geluTanh(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    with instructions: VectorInstructions?
  ) {
    precondition(input.count == output.count, "\(input.count) inputs for \(output.count) outputs")
    guard let x = input.baseAddress, let y = output.baseAddress else { return }
    #if arch(x86_64)
      switch instructions {
      case .avx512: return row_gelu_tanh_avx512(x, input.count, y)
      case .avx2: return row_gelu_tanh_avx2(x, input.count, y)
      case nil: break
      }
    #endif
    row_gelu_tanh_plain(x, input.count, y)
  }

  /// Writes the derivative of the tanh form of GELU at each element; see `Elementary.geluTanhDerivative(_:)`.
  public static func geluTanhDerivative(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>
  ) {
    apply(input, output) { Elementary.geluTanhDerivative($0) }
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
