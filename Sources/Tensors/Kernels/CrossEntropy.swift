// The cross-entropy of rows of logits and its gradient, in place: a row passes through the first-level cache once.

extension Kernels {
  /// The cross-entropy −log softmax(x)[target] of one row, whose logits become what else is wanted.
  ///
  /// With `slope` they become the gradient slope · (softmax(x) − onehot(target)); without it they are left as they are,
  /// or as anything else.
  static func crossEntropy(
    _ logits: UnsafeMutablePointer<Float>, classes: Int, target: Int, slope: Float?
  ) -> Float {
    let maximum = largest(logits, classes)
    let distance = maximum - logits[target]
    let total = exponentials(logits, classes, less: maximum, into: logits)
    if let slope {
      let factor = slope / Float(total)
      for index in 0..<classes { logits[index] *= factor }
      logits[target] -= slope
    }
    return distance + Elementary.log(Float(total))
  }
}
