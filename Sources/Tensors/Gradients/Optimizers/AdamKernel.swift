// The one loop of Adam and AdamW, over raw memory: the optimisers and the specialised training steps share it.
//
// Source: Kingma and Ba 2015, algorithm 1; decoupled decay from Loshchilov and Hutter 2019, algorithm 2. The order of
// the roundings follows PyTorch: the bias corrections are computed in double precision, ε is added after them.

import COpenBLAS

/// The coefficients of Adam's update.
public struct AdamCoefficients: Sendable, Equatable, Codable {
  /// The share of the first moment that survives a step.
  public var beta1: Float
  /// The share of the second moment that survives a step.
  public var beta2: Float
  /// What keeps the division finite.
  public var epsilon: Float
  /// The coefficient of weight decay.
  public var weightDecay: Float
  /// Whether the decay shrinks the parameters themselves (AdamW) or joins the gradient (Adam with L2).
  public var isDecoupled: Bool

  /// Creates coefficients; the defaults are the paper's.
  public init(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0, isDecoupled: Bool = true
  ) {
    precondition(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "betas lie in [0, 1), got \(beta1) and \(beta2)")
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
  }
}

/// Adam's fused single-pass update.
public enum AdamKernel {
  /// Moves parameters and both moments in place by one step; all four buffers have the same count.
  ///
  /// `step` counts from 1: it is the number of updates with this one included. A moment too small for a normal number
  /// becomes zero: where a slope has died for good, the first moment would shrink into the subnormal numbers and stay
  /// there, each later step would take many times as long, and ε hides both in the quotient.
  public static func update(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeBufferPointer<Float>,
    first: UnsafeMutableBufferPointer<Float>, second: UnsafeMutableBufferPointer<Float>,
    step: Int, learningRate: Float, coefficients: AdamCoefficients
  ) {
    let count = parameters.count
    precondition(
      gradients.count == count && first.count == count && second.count == count,
      "Adam needs four buffers of one length, got \(count), \(gradients.count), \(first.count), \(second.count)")
    precondition(step > 0, "Adam counts its steps from 1, got \(step)")
    let (beta1, beta2, epsilon) = (coefficients.beta1, coefficients.beta2, coefficients.epsilon)
    let correction1 = 1 - power(Double(beta1), step)
    let correction2 = (1 - power(Double(beta2), step)).squareRoot()
    let rate = Float(Double(learningRate) / correction1)
    let scale = Float(1 / correction2)
    let (fresh1, fresh2) = (1 - beta1, 1 - beta2)
    let decay = coefficients.weightDecay
    let penalty = coefficients.isDecoupled ? 0 : decay
    let shrink = coefficients.isDecoupled ? 1 - learningRate * decay : 1
    guard let p = parameters.baseAddress, let g = gradients.baseAddress, let m = first.baseAddress,
      let v = second.baseAddress
    else { return }
    // Eight lanes by hand: with three buffers written in one loop the compiler does not vectorise by itself. A lane
    // rounds as the remainder below does, so an element's bits do not depend on its position.
    var index = 0
    while index + 8 <= count {
      let parameter = load(p + index)
      let slope = load(g + index) + penalty * parameter
      let oldMean = load(m + index)
      let mean = eight_normal_or_zero(oldMean + fresh1 * (slope - oldMean))
      let variance = eight_normal_or_zero(beta2 * load(v + index) + fresh2 * slope * slope)
      store(mean, m + index)
      store(variance, v + index)
      store(shrink * parameter - rate * mean / (eight_square_roots(variance) * scale + epsilon), p + index)
      index += 8
    }
    while index < count {
      let slope = g[index] + penalty * p[index]
      let mean = normal(m[index] + fresh1 * (slope - m[index]))
      let variance = normal(beta2 * v[index] + fresh2 * slope * slope)
      m[index] = mean
      v[index] = variance
      p[index] = shrink * p[index] - rate * mean / (variance.squareRoot() * scale + epsilon)
      index += 1
    }
  }

  /// The number, or zero in place of a subnormal one.
  @inline(__always)
  private static func normal(_ value: Float) -> Float { value.bitPattern & 0x7F80_0000 == 0 ? 0 : value }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func store(_ lanes: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD8<Float>.self)
  }

  /// A whole power by repeated squaring: the same bits on every machine, unlike the C library's.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
