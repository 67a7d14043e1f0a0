// Reverse-mode gradients: the forward computation is written down on a tape, and read back from its end.
//
// Operations are coarse (a whole attention block is one entry), so the bookkeeping is small beside the arithmetic. An
// entry keeps the tensors its backward rule reads and the positions of its operands, never the operands themselves:
// the tape owns no reference to itself, and dies with the last variable on it.

/// The record of one computation, from which gradients are taken.
///
/// A tape belongs to one task. Make one per step; it costs next to nothing, and its memory goes back to the pool.
public final class Tape {
  /// Adds, to the operands of one entry, what the gradient of its result makes of theirs.
  ///
  /// The rule owns the gradient it is handed: it may overwrite it or pass it on.
  typealias BackwardRule = (_ gradient: inout Tensor, _ sweep: Sweep) -> Void

  private struct Entry {
    let operation: Operation?
    let shape: [Int]
    var rule: BackwardRule?
  }

  private var entries: [Entry] = []
  private var isReleased = false

  /// Creates an empty tape.
  public init() {}

  /// The operations on the tape, oldest first; the variables that began it have none.
  public var operations: [Operation] { entries.compactMap(\.operation) }

  /// The number of entries, beginnings included.
  public var count: Int { entries.count }

  /// Begins a computation: a variable on this tape whose gradient can be asked for.
  public func variable(_ value: Tensor) -> Variable {
    append(Entry(operation: nil, shape: value.shape, rule: nil), value)
  }

  func record(_ operation: Operation, _ value: Tensor, _ rule: @escaping BackwardRule) -> Variable {
    append(Entry(operation: operation, shape: value.shape, rule: rule), value)
  }

  private func append(_ entry: Entry, _ value: Tensor) -> Variable {
    precondition(!isReleased, "the tape was released when its gradients were taken: record on a new one")
    entries.append(entry)
    return Variable(value: value, tape: self, index: entries.count - 1)
  }

  /// The gradient of a scalar with respect to one variable: a leaf or any intermediate result.
  public func gradient(of output: Variable, with variable: Variable) -> Tensor {
    gradients(of: output, with: [variable])[0]
  }

  /// The gradients of a scalar with respect to several variables, each in the shape of its variable.
  ///
  /// Variables that the output does not depend on get zeros. The sweep goes no further back than the oldest of the
  /// variables. With `seed`, the output may have any shape and the result is the vector-Jacobian product with it.
  /// With `releasing`, each entry is forgotten once it is passed, which halves the peak memory; the tape cannot be
  /// used again.
  public func gradients(
    of output: Variable, with variables: [Variable], seed: Tensor? = nil, releasing: Bool = false
  ) -> [Tensor] {
    precondition(!isReleased, "the tape was released when its gradients were taken: record on a new one")
    for variable in variables {
      precondition(variable.tape === self, "a gradient was asked for with respect to a variable of another tape")
    }
    precondition(output.tape === self, "a gradient was asked for of an output that is not on this tape")
    precondition(
      seed != nil || output.value.count == 1, "the output of shape \(output.shape) is no scalar: it needs a seed")
    precondition(
      seed == nil || seed?.shape == output.shape,
      "the seed of shape \(seed?.shape ?? []) does not match the output of shape \(output.shape)")
    let oldest = variables.reduce(output.index) { min($0, $1.index) }
    let sweep = Sweep(count: output.index + 1, oldest: oldest)
    sweep.add(seed ?? Tensor(ones: output.shape), to: output.index)
    let kept = Set(variables.map(\.index))
    var intermediates: [Int: Tensor] = [:]
    isReleased = releasing
    for index in stride(from: output.index, through: oldest, by: -1) {
      guard let rule = entries[index].rule else { continue }
      if releasing { entries[index].rule = nil }
      guard var gradient = sweep.take(index) else { continue }
      if kept.contains(index) { intermediates[index] = gradient }
      rule(&gradient, sweep)
    }
    return variables.map { variable in
      if variable.index > output.index { return Tensor(zeros: variable.shape) }
      return intermediates[variable.index] ?? sweep.gradient(variable.index) ?? Tensor(zeros: variable.shape)
    }
  }
}
