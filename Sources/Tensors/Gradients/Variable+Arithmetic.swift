// Arithmetic between variables, with NumPy's broadcasting, and with plain numbers.
//
// What broadcasting repeats in the forward direction is summed on the way back: `reduced(to:)`.

extension Variable {
  /// The sum, element by element.
  public static func + (left: Variable, right: Variable) -> Variable {
    let result = left.value + right.value
    guard let tape = Variable.tape(of: left, right) else { return Variable(result) }
    let (a, b) = (Operand(left), Operand(right))
    return tape.record(.add, result) { gradient, sweep in
      if sweep.wants(a.index) { sweep.add(gradient.reduced(to: a.shape), to: a.index) }
      if sweep.wants(b.index) { sweep.add(gradient.reduced(to: b.shape), to: b.index) }
    }
  }

  /// The difference, element by element.
  public static func - (left: Variable, right: Variable) -> Variable {
    let result = left.value - right.value
    guard let tape = Variable.tape(of: left, right) else { return Variable(result) }
    let (a, b) = (Operand(left), Operand(right))
    return tape.record(.subtract, result) { gradient, sweep in
      if sweep.wants(b.index) { sweep.add(-gradient.reduced(to: b.shape), to: b.index) }
      if sweep.wants(a.index) { sweep.add(gradient.reduced(to: a.shape), to: a.index) }
    }
  }

  /// The product, element by element.
  public static func * (left: Variable, right: Variable) -> Variable {
    let result = left.value * right.value
    guard let tape = Variable.tape(of: left, right) else { return Variable(result) }
    let (a, b) = (Operand(left), Operand(right))
    let (aValue, bValue) = (left.value, right.value)
    return tape.record(.multiply, result) { gradient, sweep in
      if sweep.wants(a.index) { sweep.add((gradient * bValue).reduced(to: a.shape), to: a.index) }
      if sweep.wants(b.index) {
        gradient *= aValue
        sweep.add(gradient.reduced(to: b.shape), to: b.index)
      }
    }
  }

  /// The quotient, element by element.
  public static func / (left: Variable, right: Variable) -> Variable {
    let result = left.value / right.value
    guard let tape = Variable.tape(of: left, right) else { return Variable(result) }
    let (a, b, divisor) = (Operand(left), Operand(right), right.value)
    return tape.record(.divide, result) { gradient, sweep in
      gradient /= divisor
      if sweep.wants(a.index) { sweep.add(gradient.reduced(to: a.shape), to: a.index) }
      if sweep.wants(b.index) { sweep.add(-(gradient * result).reduced(to: b.shape), to: b.index) }
    }
  }

  /// The negative of each element.
  public static prefix func - (operand: Variable) -> Variable { operand.recordLine(-operand.value, slope: -1) }

  /// Adds a number to each element.
  public static func + (left: Variable, right: Float) -> Variable { left.recordLine(left.value + right, slope: 1) }

  /// Adds each element to a number.
  public static func + (left: Float, right: Variable) -> Variable { right.recordLine(left + right.value, slope: 1) }

  /// Subtracts a number from each element.
  public static func - (left: Variable, right: Float) -> Variable { left.recordLine(left.value - right, slope: 1) }

  /// Subtracts each element from a number.
  public static func - (left: Float, right: Variable) -> Variable { right.recordLine(left - right.value, slope: -1) }

  /// Multiplies each element by a number.
  public static func * (left: Variable, right: Float) -> Variable { left.recordLine(left.value * right, slope: right) }

  /// Multiplies a number by each element.
  public static func * (left: Float, right: Variable) -> Variable { right.recordLine(left * right.value, slope: left) }

  /// Divides each element by a number.
  public static func / (left: Variable, right: Float) -> Variable {
    left.recordLine(left.value / right, slope: 1 / right)
  }

  /// Divides a number by each element.
  public static func / (left: Float, right: Variable) -> Variable { left * right.reciprocal() }

  /// Records a result that is a line of slope `slope` in each element.
  private func recordLine(_ result: Tensor, slope: Float) -> Variable {
    guard let tape else { return Variable(result) }
    let index = index
    return tape.record(.scaleAndShift, result) { gradient, sweep in
      if slope != 1 { gradient *= slope }
      sweep.add(gradient, to: index)
    }
  }

  /// The elements of one operand where the mask is not zero, and of the other elsewhere.
  ///
  /// The mask and both operands broadcast together. An operand takes no gradient, not even NaN, where it is not chosen.
  public static func select(where mask: Tensor, _ chosen: Variable, otherwise other: Variable) -> Variable {
    let shapes = [chosen.shape, other.shape, mask.shape]
    guard
      let pair = Tensor.broadcastShape(shapes[0], shapes[1]), let shape = Tensor.broadcastShape(pair, shapes[2])
    else { preconditionFailure("the operands and the mask do not broadcast together: \(shapes)") }
    let full = mask.broadcast(to: shape)
    let result = chosen.value.broadcast(to: shape).replacing(where: full, isZero: true, with: other.value)
    guard let tape = Variable.tape(of: chosen, other) else { return Variable(result) }
    let (a, b, zero) = (Operand(chosen), Operand(other), Tensor(0))
    return tape.record(.select, result) { gradient, sweep in
      if sweep.wants(a.index) {
        let part = gradient.replacing(where: full, isZero: true, with: zero)
        sweep.add(part.reduced(to: a.shape), to: a.index)
      }
      if sweep.wants(b.index) {
        let part = gradient.replacing(where: full, isZero: false, with: zero)
        sweep.add(part.reduced(to: b.shape), to: b.index)
      }
    }
  }

  /// What a backward rule remembers of an operand.
  private struct Operand {
    let index: Int
    let shape: [Int]

    init(_ variable: Variable) {
      index = variable.index
      shape = variable.shape
    }
  }
}

extension Tensor {
  /// This tensor with other elements where a mask of its shape is zero, or where it is not.
  fileprivate func replacing(where mask: Tensor, isZero: Bool, with other: Tensor) -> Tensor {
    var result = self
    let plan = BroadcastPlan(shape, shape, other.shape)
    guard count > 0 else { return result }
    let step = plan.rightVaries ? 1 : 0
    result.withUnsafeMutableElements { result in
      mask.withUnsafeElements { mask in
        other.withUnsafeElements { other in
          var runs = plan.runs()
          while let run = runs.next() {
            for position in 0..<plan.innerCount where (mask[run.output + position] == 0) == isZero {
              result[run.output + position] = other[run.right + step * position]
            }
          }
        }
      }
    }
    return result
  }
}
