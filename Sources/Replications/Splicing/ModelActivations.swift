// A model as a source of activations: text runs through it a few rows at a time, and only their activations at one hook point
// are in memory. An `ActivationStream` mixes them, a `SparseAutoencoderTrainer` learns from them.

import Tensors
import ToyModels
import Transformer

/// The activations of a model at one hook point, some rows of text at a time, for as many rounds as are asked for.
public struct ModelActivations: ActivationSource {
  /// What running the model can throw, a `HookError` for instance.
  public typealias Failure = any Error

  private let model: HookedTransformer
  private let tokens: TokenBatch
  private let point: HookPoint
  private let firstPosition: Int
  private let rows: Int
  private var roundsLeft: Int
  private var row = 0

  /// Creates a source over rows of tokens.
  ///
  /// - Parameters:
  ///   - model: The model that reads them.
  ///   - tokens: The rows.
  ///   - point: Where activations are taken.
  ///   - firstPosition: The first position that counts, 1 where rows begin with a token that is no word.
  ///   - rows: The rows of one run of the model.
  ///   - rounds: How often all rows are read.
  public init(
    of model: HookedTransformer, on tokens: TokenBatch, at point: HookPoint, from firstPosition: Int = 1,
    rows: Int = 64, rounds: Int = 1
  ) {
    precondition(!point.activation.isBetweenPositions, "\(point) lies between positions and has no words")
    precondition(rows > 0 && rounds >= 0, "\(rows) rows a run, \(rounds) rounds")
    precondition(tokens.mask == nil, "padding is no word: splice rows of equal length")
    precondition(
      0..<tokens.positions ~= firstPosition, "no position \(firstPosition) in rows of \(tokens.positions)")
    self.model = model
    self.tokens = tokens
    self.point = point
    self.firstPosition = firstPosition
    self.rows = rows
    roundsLeft = tokens.batch > 0 ? rounds : 0
  }

  /// The activations of the next rows, `[word, width]`; nil when all rounds are over.
  ///
  /// Throws a `HookError` where the model has no such hook point.
  public mutating func nextActivations() throws -> Tensor? {
    guard roundsLeft > 0 else { return nil }
    let range = row..<min(row + rows, tokens.batch)
    var options = RunOptions(cached: HookFilter([point]))
    options.logits = .none
    let activations = try model.run(tokens.rows(range), options).cache[point]
    row = range.upperBound
    if row == tokens.batch { (row, roundsLeft) = (0, roundsLeft - 1) }
    return activations.words(from: firstPosition)
  }
}
