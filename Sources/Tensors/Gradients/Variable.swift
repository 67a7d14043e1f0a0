// A tensor that may remember how it was computed.
//
// A variable without a tape is a constant: operations on constants compute and record nothing, so one forward pass
// serves training (parameters on a tape) and analysis (everything constant).

/// A tensor in a computation, on a tape when its gradient may be asked for.
public struct Variable {
  /// What was computed.
  public let value: Tensor

  /// The tape that recorded it; nil for a constant.
  public let tape: Tape?

  /// The position on the tape; `Variable.constantIndex` for a constant.
  let index: Int

  static let constantIndex = -1

  /// Creates a constant: nothing is recorded for it and it takes no gradient.
  public init(_ value: Tensor) {
    self.init(value: value, tape: nil, index: Variable.constantIndex)
  }

  init(value: Tensor, tape: Tape?, index: Int) {
    self.value = value
    self.tape = tape
    self.index = index
  }

  /// The extent of each axis.
  public var shape: [Int] { value.shape }

  /// The number of axes.
  public var rank: Int { value.rank }

  /// The only element of a variable that has one.
  public var scalar: Float { value.scalar }

  /// The same value as a constant: gradients stop here.
  public var detached: Variable { Variable(value) }

  /// The tape that two operands share; nil when both are constants.
  static func tape(of first: Variable, _ second: Variable) -> Tape? {
    guard let tape = first.tape else { return second.tape }
    precondition(second.tape == nil || second.tape === tape, "two operands of one operation are on different tapes")
    return tape
  }

  /// The tape that several operands share; nil when all are constants.
  static func tape(of operands: [Variable]) -> Tape? {
    var tape: Tape?
    for operand in operands {
      guard let other = operand.tape else { continue }
      precondition(tape == nil || tape === other, "the operands of one operation are on different tapes")
      tape = other
    }
    return tape
  }
}
