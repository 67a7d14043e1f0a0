// Temporary twin of the optimiser kernel in Tensors.

enum AdamKernel {
  static func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>,
    first: UnsafeMutableBufferPointer<Float>, second: UnsafeMutableBufferPointer<Float>, step: Int,
    learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float
  ) {
    var power1 = 1.0
    var power2 = 1.0
    func power(_ base: Double, _ exponent: Int) -> Double {
      var (result, base, exponent) = (1.0, base, exponent)
      while exponent > 0 {
        if exponent & 1 == 1 { result *= base }
        base *= base
        exponent >>= 1
      }
      return result
    }
    power1 = power(Double(beta1), step)
    power2 = power(Double(beta2), step)
    let rate = Float(Double(learningRate) / (1 - power1))
    let root = Float((1 - power2).squareRoot())
    let decay = 1 - learningRate * weightDecay
    let count = parameters.count
    guard let p = parameters.baseAddress, let g = gradient.baseAddress, let m = first.baseAddress,
      let v = second.baseAddress
    else { return }
    for index in 0..<count {
      let slope = g[index]
      let average = beta1 * m[index] + (1 - beta1) * slope
      let square = beta2 * v[index] + (1 - beta2) * slope * slope
      m[index] = average
      v[index] = square
      p[index] = p[index] * decay - rate * average / (square.squareRoot() / root + epsilon)
    }
  }
}
