import Foundation
import Tensors
import Testing

/// A float kernel, the double-precision truth, and the bound that its documentation states.
struct ElementaryCase: Sendable, CustomTestStringConvertible {
  let name: String
  let kernel: @Sendable (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  let truth: @Sendable (Double) -> Double
  /// In ulp, or absolute when `isAbsolute`.
  let bound: Double
  var isAbsolute = false

  var testDescription: String { name }

  static let all: [ElementaryCase] = [
    ElementaryCase(name: "exp", kernel: Kernels.exp, truth: { exp($0) }, bound: 1),
    ElementaryCase(name: "expMinusOne", kernel: Kernels.expMinusOne, truth: { expm1($0) }, bound: 1.5),
    ElementaryCase(name: "log", kernel: Kernels.log, truth: { log($0) }, bound: 1),
    ElementaryCase(name: "logOnePlus", kernel: Kernels.logOnePlus, truth: { log1p($0) }, bound: 1),
    ElementaryCase(name: "tanh", kernel: Kernels.tanh, truth: { tanh($0) }, bound: 1.4),
    ElementaryCase(name: "sigmoid", kernel: Kernels.sigmoid, truth: { 1 / (1 + exp(-$0)) }, bound: 1.5),
    ElementaryCase(
      name: "softplus", kernel: Kernels.softplus, truth: { max($0, 0) + log1p(exp(-abs($0))) + 0 * nan($0) },
      bound: 1.7),
    ElementaryCase(name: "erf", kernel: Kernels.erf, truth: { erf($0) }, bound: 1.3),
    ElementaryCase(name: "normalDistribution", kernel: Kernels.normalDistribution, truth: { normal($0) }, bound: 2.5),
    ElementaryCase(name: "gelu", kernel: Kernels.gelu, truth: { gelu($0) }, bound: 2.5),
    ElementaryCase(name: "geluTanh", kernel: Kernels.geluTanh, truth: { geluTanh($0) }, bound: 3.3),
    ElementaryCase(
      name: "geluDerivative", kernel: Kernels.geluDerivative, truth: { geluDerivative($0) }, bound: 1.5e-7,
      isAbsolute: true),
    ElementaryCase(
      name: "geluTanhDerivative", kernel: Kernels.geluTanhDerivative, truth: { geluTanhDerivative($0) }, bound: 1.5e-7,
      isAbsolute: true),
  ]

  private static func nan(_ x: Double) -> Double { x.isNaN ? x : 0 }
  private static func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
  private static func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  // Beyond ±40 the limits: ∞ · 0 has no value of its own.
  private static func limited(_ x: Double) -> Double { max(min(x, 40), -40) + nan(x) }
  private static func gelu(_ x: Double) -> Double { (x > 40 ? x : limited(x)) * normal(x) }
  private static func geluDerivative(_ x: Double) -> Double { normal(x) + limited(x) * density(limited(x)) }
  private static let root = (2 / Double.pi).squareRoot()
  private static func twice(_ x: Double) -> Double { 2 * root * (limited(x) + 0.044715 * pow(limited(x), 3)) }
  private static func geluTanh(_ x: Double) -> Double { (x > 40 ? x : limited(x)) / (1 + exp(-twice(x))) }
  private static func geluTanhDerivative(_ x: Double) -> Double {
    let sigmoid = 1 / (1 + exp(-twice(x)))
    let slope = 2 * root * (1 + 3 * 0.044715 * limited(x) * limited(x))
    return sigmoid + limited(x) * sigmoid * (1 / (1 + exp(twice(x)))) * slope
  }
}

@Suite("Elementary functions")
struct ElementaryFunctionsTests {
  @Test("the documented error holds over all exponents, both signs, infinities and NaN", arguments: ElementaryCase.all)
  func error(of function: ElementaryCase) {
    // Every 499th bit pattern, a prime: about 8.6 million arguments that share no pattern with powers of two.
    let chunk = 1 << 14
    var (input, output) = ([Float](repeating: 0, count: chunk), [Float](repeating: 0, count: chunk))
    var (worst, worstArgument) = (0.0, Float.nan)
    var (mismatches, firstMismatch) = (0, Float.nan)
    var pattern: UInt64 = 0
    while pattern < 1 << 32 {
      for index in 0..<chunk {
        input[index] = Float(bitPattern: UInt32(truncatingIfNeeded: pattern))
        pattern += 499
      }
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in function.kernel(input, output) }
      }
      for index in 0..<chunk {
        let (truth, result) = (function.truth(Double(input[index])), output[index])
        let rounded = Float(truth)
        guard rounded.isFinite, result.isFinite else {
          // At the edge of overflow one side may round to infinity and the other to the largest number.
          let isEdge = rounded.magnitude > 3.4028e38 && result.magnitude > 3.4028e38 && rounded.sign == result.sign
          if !isEdge && !(rounded.isNaN && result.isNaN) {
            (mismatches, firstMismatch) = (mismatches + 1, input[index])
          }
          continue
        }
        let error = (Double(result) - truth).magnitude / (function.isAbsolute ? 1 : spacing(at: truth))
        if error > worst { (worst, worstArgument) = (error, input[index]) }
      }
    }
    #expect(worst <= function.bound, "worst at \(worstArgument)")
    #expect(worst > function.bound / 4, "the stated bound is far too wide")
    #expect(mismatches == 0, "NaN or infinity where none belongs, for instance at \(firstMismatch)")
  }

  @Test("the values at zero, one, infinity and NaN are exact")
  func specialValues() {
    let infinity = Float.infinity
    #expect(Elementary.exp(0) == 1 && Elementary.exp(-infinity) == 0 && Elementary.exp(infinity) == infinity)
    #expect(Elementary.exp(88.72283) < infinity && Elementary.exp(88.72284) == infinity)
    #expect(Elementary.exp(-103.97) == .leastNonzeroMagnitude && Elementary.exp(-104) == 0)
    #expect(Elementary.log(1) == 0 && Elementary.log(0) == -infinity && Elementary.log(infinity) == infinity)
    #expect(Elementary.log(-0.0) == -infinity && Elementary.log(-1).isNaN)
    #expect(Elementary.log(onePlus: -1) == -infinity && Elementary.log(onePlus: -2).isNaN)
    #expect(Elementary.expMinusOne(-infinity) == -1 && Elementary.expMinusOne(infinity) == infinity)
    #expect(Elementary.tanh(infinity) == 1 && Elementary.tanh(-infinity) == -1)
    #expect(Elementary.sigmoid(0) == 0.5 && Elementary.sigmoid(-infinity) == 0 && Elementary.sigmoid(infinity) == 1)
    #expect(Elementary.softplus(-infinity) == 0 && Elementary.softplus(infinity) == infinity)
    #expect(Elementary.erf(infinity) == 1 && Elementary.erf(-infinity) == -1)
    #expect(Elementary.normalDistribution(0) == 0.5)
    #expect(Elementary.gelu(infinity) == infinity && Elementary.gelu(-infinity) == 0 && Elementary.gelu(0) == 0)
    #expect(Elementary.geluTanh(infinity) == infinity && Elementary.geluTanh(-infinity) == 0)
  }

  @Test("odd functions keep the sign of zero")
  func signedZero() {
    for function in [Elementary.tanh, Elementary.erf, Elementary.expMinusOne, { Elementary.log(onePlus: $0) }] {
      #expect(function(-0.0).sign == .minus && function(-0.0) == 0)
      #expect(function(0.0).sign == .plus && function(0.0) == 0)
    }
  }

  @Test("in place, out of place and one by one give the same bits", arguments: ElementaryCase.all)
  func inPlace(_ function: ElementaryCase) {
    let input = Tensor.normal([1003]).elements
    var (apart, together) = ([Float](repeating: 0, count: input.count), input)
    input.withUnsafeBufferPointer { input in apart.withUnsafeMutableBufferPointer { function.kernel(input, $0) } }
    together.withUnsafeMutableBufferPointer { function.kernel(UnsafeBufferPointer($0), $0) }
    #expect(apart.map(\.bitPattern) == together.map(\.bitPattern))
    for index in [0, 500, 1002] {
      var single: [Float] = [0]
      [input[index]].withUnsafeBufferPointer { input in
        single.withUnsafeMutableBufferPointer { function.kernel(input, $0) }
      }
      #expect(single[0].bitPattern == apart[index].bitPattern)
    }
  }

  @Test("empty buffers are fine")
  func empty() {
    for function in ElementaryCase.all {
      function.kernel(UnsafeBufferPointer(start: nil, count: 0), UnsafeMutableBufferPointer(start: nil, count: 0))
    }
    #expect(Tensor(zeros: [0, 3]).exp().shape == [0, 3])
  }
}
