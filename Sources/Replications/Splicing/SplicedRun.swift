// One hook point of a transformer where activations can be replaced, and what the model predicts then.
//
// The run is computed up to the block of that point once; each intervention goes on from there. What replaces the activations
// is all that the rest of the model sees: nothing is added back here. Whether what an autoencoder leaves out is added back is
// said by a `FeatureSplice`.

import Tensors
import Transformer

/// A run of a model over some rows, with one hook point in it where activations can be replaced.
///
///     let run = try SplicedRun(model, tokens, at: HookPoint(.post, layer: 3))
///     let splice = FeatureSplice(autoencoder, error: .dropped)
///     let scores = try SpliceScores(run, replacing: splice.reconstruction(of: run.activations))
public struct SplicedRun: Sendable {
  /// The model.
  public let model: HookedTransformer
  /// The rows that it reads.
  public let tokens: TokenBatch
  /// Where activations can be replaced.
  public let point: HookPoint
  /// The first position that is replaced, 1 where rows begin with a token that is no word; those before it always stay.
  public let firstPosition: Int
  /// The activations, `[word, width]`: positions from the first one on, row after row; heads side by side.
  public let activations: Tensor
  /// The log-probabilities of what follows each word, `[word, dVocabOut]`, without intervention.
  public let predictions: Tensor

  /// The activations as the model has them, `[row, position, …]`.
  private let whole: Tensor
  /// From where runs go on; nil for the tokens.
  private let start: Start?

  private struct Start: Sendable {
    let residual: Tensor
    let layer: Int
    let stage: RunStart.Stage
    /// The place that the stream belongs to.
    let point: HookPoint
  }

  /// Runs the model.
  ///
  /// Throws a `HookError` where the model has no such hook point. Attention scores and patterns, which lie between two
  /// positions, cannot be spliced.
  public init(
    _ model: HookedTransformer, _ tokens: TokenBatch, at point: HookPoint, from firstPosition: Int = 1
  ) throws {
    precondition(!point.activation.isBetweenPositions, "\(point) lies between positions and has no words")
    precondition(tokens.mask == nil, "padding is no word: splice rows of equal length")
    precondition(
      0..<tokens.positions ~= firstPosition, "no position \(firstPosition) in rows of \(tokens.positions)")
    let from = Self.start(of: point, in: model.configuration)
    let points = [point] + (from.map { [$0.point] } ?? [])
    let (logits, cache) = try model.runWithCache(tokens, names: HookFilter(points))
    self.model = model
    self.tokens = tokens
    self.point = point
    self.firstPosition = firstPosition
    whole = cache[point]
    start = from.map { Start(residual: cache[$0.point], layer: $0.layer, stage: $0.stage, point: $0.point) }
    activations = whole.words(from: firstPosition)
    predictions = logits.words(from: firstPosition).logSoftmax()
  }

  /// The log-probabilities of what follows each word, `[word, dVocabOut]`, when exactly these are the activations.
  public func predictions(with activations: Tensor) throws -> Tensor {
    precondition(
      activations.shape == self.activations.shape,
      "activations of shape \(activations.shape) for \(self.activations.shape)")
    let replaced = whole.replacingWords(from: firstPosition, with: activations)
    var options = RunOptions()
    if let start, start.point == point {
      options.start = RunStart(replaced, layer: start.layer, stage: start.stage)
    } else {
      options.start = start.map { RunStart($0.residual, layer: $0.layer, stage: $0.stage) }
      options.hooks = [.replacing(HookFilter([point]), with: replaced)]
    }
    guard let logits = try model.run(tokens, options).logits else { preconditionFailure("a run to the end has logits") }
    return logits.value.words(from: firstPosition).logSoftmax()
  }

  /// The mean cross-entropy of predictions on the words that follow, in nats.
  public func loss(of predictions: Tensor) -> Double {
    let (words, width) = (tokens.positions - firstPosition, predictions.shape[1])
    return predictions.withUnsafeElements { logarithms in
      var sum = 0.0
      for row in 0..<tokens.batch {
        for word in 0..<words - 1 {
          let next = tokens.tokens[row * tokens.positions + firstPosition + word + 1]
          sum -= Double(logarithms[(row * words + word) * width + next])
        }
      }
      return sum / Double(tokens.batch * (words - 1))
    }
  }

  /// The mean of KL(without intervention ‖ with it) over words, in nats.
  public func divergence(to predictions: Tensor) -> Double {
    let terms = self.predictions.exp() * (self.predictions - predictions)
    return Double(terms.sum()) / Double(terms.shape[0])
  }

  /// The last place before a hook point, or the hook point itself, from which a run can go on.
  private static func start(
    of point: HookPoint, in configuration: TransformerConfiguration
  ) -> (point: HookPoint, layer: Int, stage: RunStart.Stage)? {
    guard let layer = point.layer ?? (point.isAfterBlocks ? configuration.nLayers - 1 : nil) else { return nil }
    let middle = HookPoint(.residMid, layer: layer)
    let points = configuration.hookPoints
    guard let own = points.firstIndex(of: point), let mid = points.firstIndex(of: middle), own >= mid else {
      return (HookPoint(.residPre, layer: layer), layer, .residPre)
    }
    return (middle, layer, .residMid)
  }
}

extension HookPoint {
  /// Whether it lies behind the last block.
  fileprivate var isAfterBlocks: Bool { activation == .lnFinalScale || activation == .lnFinalNormalized }
}

extension Tensor {
  /// The words of `[row, position, …]`, positions before the first one left out: `[word, width]`.
  func words(from first: Int) -> Tensor {
    let width = shape[2...].reduce(1, *)
    return slice(axis: 1, first..<shape[1]).reshaped([shape[0] * (shape[1] - first), width])
  }

  /// The same with other words, `[word, width]`; positions before the first one stay.
  func replacingWords(from first: Int, with words: Tensor) -> Tensor {
    let rows = words.reshaped([shape[0], shape[1] - first] + shape[2...])
    return first == 0 ? rows : Tensor.concatenated([slice(axis: 1, 0..<first), rows], axis: 1)
  }
}
