// The door for operations that this module does not know, such as straight-through estimators.

extension Variable {
  /// Records a result that the caller computed, with the caller's own backward rule.
  ///
  /// The rule turns the gradient of the result into one gradient for each operand, in its shape; nil stands for zero.
  /// A rule need not be the derivative: a straight-through estimator passes on what a step function would stop.
  ///
  ///     let step = Variable.custom([x], result: x.value.mask { $0 > 0 }) { [$0] }
  public static func custom(
    _ operands: [Variable], result: Tensor, gradients rule: @escaping (_ gradient: Tensor) -> [Tensor?]
  ) -> Variable {
    guard let tape = Variable.tape(of: operands) else { return Variable(result) }
    let (indices, shapes) = (operands.map(\.index), operands.map(\.shape))
    return tape.record(.custom, result) { gradient, sweep in
      let contributions = rule(gradient)
      precondition(
        contributions.count == indices.count, "\(contributions.count) gradients for \(indices.count) operands")
      for (position, contribution) in contributions.enumerated() {
        guard let contribution else { continue }
        precondition(
          contribution.shape == shapes[position],
          "a gradient of shape \(contribution.shape) for an operand of shape \(shapes[position])")
        sweep.add(contribution, to: indices[position])
      }
    }
  }
}
