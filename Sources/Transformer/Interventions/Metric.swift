// One number for each example, read from the logits of one position: what interventions are measured by.
//
// A metric says where it reads, so that nothing else is unembedded, and logit differences multiply with the two columns
// of W_U that they need. It is a value, evaluated on any run.

import Tensors

/// One number for each example of a batch, read from logits.
public struct Metric: Sendable {
  /// Which position of each example is read.
  public enum Positions: Sendable, Equatable {
    /// The last that is not padding.
    case last
    /// One of each example.
    case each([Int])
  }

  enum Reading: Sendable {
    case logitDifference(correct: [Int], incorrect: [Int])
    case logit([Int])
    case logProbability([Int])
    case custom(@Sendable (Tensor) -> [Float])
    case differentiable(@Sendable (Variable, Range<Int>) -> Variable)
  }

  /// Which position of each example is read.
  public let positions: Positions
  let reading: Reading

  /// The logit of one token less that of another, a pair for each example.
  public static func logitDifference(
    correct: [Int], incorrect: [Int], positions: Positions = .last
  ) -> Metric {
    precondition(
      correct.count == incorrect.count, "\(correct.count) correct tokens and \(incorrect.count) incorrect ones")
    return Metric(positions: positions, reading: .logitDifference(correct: correct, incorrect: incorrect))
  }

  /// The logit of one token for each example.
  public static func logit(_ tokens: [Int], positions: Positions = .last) -> Metric {
    Metric(positions: positions, reading: .logit(tokens))
  }

  /// The logarithm of the probability of one token for each example, in nats.
  public static func logProbability(_ tokens: [Int], positions: Positions = .last) -> Metric {
    Metric(positions: positions, reading: .logProbability(tokens))
  }

  /// Any function of the logits `[batch, dVocabOut]` of the whole batch that gives a number for each example.
  ///
  /// It has no gradient; attribution needs `differentiable`.
  public static func custom(
    positions: Positions = .last, _ function: @escaping @Sendable (_ logits: Tensor) -> [Float]
  ) -> Metric {
    Metric(positions: positions, reading: .custom(function))
  }

  /// Any differentiable function of the logits `[example, dVocabOut]` of some examples, `[example]`.
  ///
  /// Each number may depend on its own example only.
  public static func differentiable(
    positions: Positions = .last,
    _ function: @escaping @Sendable (_ logits: Variable, _ examples: Range<Int>) -> Variable
  ) -> Metric {
    Metric(positions: positions, reading: .differentiable(function))
  }

  /// Whether it has a gradient.
  var isDifferentiable: Bool { if case .custom = reading { false } else { true } }

  /// The same metric of some of its examples.
  func of(_ examples: Range<Int>) -> Metric {
    func own(_ list: [Int]) -> [Int] { Array(list[examples]) }
    var positions = positions
    if case .each(let places) = positions { positions = .each(own(places)) }
    let reading: Reading =
      switch reading {
      case .logitDifference(let correct, let incorrect):
        .logitDifference(correct: own(correct), incorrect: own(incorrect))
      case .logit(let tokens): .logit(own(tokens))
      case .logProbability(let tokens): .logProbability(own(tokens))
      case .custom(let function): .custom(function)
      case .differentiable(let function):
        .differentiable { logits, rows in
          function(logits, rows.lowerBound + examples.lowerBound..<rows.upperBound + examples.lowerBound)
        }
      }
    return Metric(positions: positions, reading: reading)
  }

  /// The number of examples it has answers for; nil where any will do.
  private var exampleCount: Int? {
    switch reading {
    case .logitDifference(let correct, _): correct.count
    case .logit(let tokens), .logProbability(let tokens): tokens.count
    case .custom, .differentiable: nil
    }
  }

  /// The position that is read of each example.
  func places(in tokens: TokenBatch) -> [Int] {
    if let exampleCount {
      precondition(
        exampleCount == tokens.batch, "a metric with answers to \(exampleCount) examples for \(tokens.batch) of them")
    }
    switch positions {
    case .each(let places):
      precondition(places.count == tokens.batch, "a metric of \(places.count) positions for \(tokens.batch) examples")
      return places
    case .last:
      guard let mask = tokens.mask else { return Array(repeating: tokens.positions - 1, count: tokens.batch) }
      return (0..<tokens.batch).map { row in
        mask[row * tokens.positions..<(row + 1) * tokens.positions].lastIndex(of: true)
          .map { $0 - row * tokens.positions } ?? tokens.positions - 1
      }
    }
  }
}

extension HookedTransformer {
  /// A metric of each example in a run, with interventions or without.
  public func evaluate(_ metric: Metric, on tokens: TokenBatch, hooks: [Hook] = []) throws -> [Float] {
    var options = RunOptions(hooks: hooks)
    options.logits = .none
    return metric.values(ofResidual: try run(tokens, options).residual.value, tokens, of: self)
  }
}
