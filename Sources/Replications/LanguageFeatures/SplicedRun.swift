// One place in the transformer where activations can be replaced, and what the model predicts then.
//
// A run is computed up to that place once; each intervention goes on from there. Nothing is added back: what replaces the
// activations is all that the rest of the model sees. The beginning of a row is no word and always stays.

import Tensors
import ToyModels
import Transformer

/// A place whose activations are taken apart.
enum SplicedPlace: String, Sendable, CaseIterable {
  /// The neurons of the MLP, after the ReLU.
  case neurons = "MLP neurons"
  /// The residual stream in the middle, between attention and the MLP.
  case residual = "residual stream"

  var point: HookPoint {
    switch self {
    case .neurons: HookPoint(.post, layer: 0)
    case .residual: HookPoint(.residMid, layer: 0)
    }
  }
}

/// A run of the model over some rows with a place in it where it can be changed.
struct SplicedRun: Sendable {
  let model: HookedTransformer
  let tokens: TokenBatch
  let place: SplicedPlace
  /// The activations at the place, `[word, dimension]`; beginnings of rows are left out.
  let activations: Tensor
  /// The log-probabilities of what follows each word, `[word, word of the vocabulary]`, without intervention.
  let predictions: Tensor

  /// The activations at the place with the beginnings of rows, `[row, position, dimension]`.
  private let whole: Tensor
  /// The residual stream in the middle, from which runs go on.
  private let residual: Tensor

  /// Runs the model.
  init(_ model: HookedTransformer, _ tokens: TokenBatch, at place: SplicedPlace) throws {
    let (logits, cache) = try model.runWithCache(
      tokens, names: HookFilter(SplicedPlace.allCases.map(\.point)))
    self.model = model
    self.tokens = tokens
    self.place = place
    whole = cache[place.point]
    residual = cache[SplicedPlace.residual.point]
    activations = whole.words
    predictions = logits.words.logSoftmax()
  }

  /// The log-probabilities of what follows each word, `[word, word of the vocabulary]`, when these are the activations.
  func predictions(with activations: Tensor) throws -> Tensor {
    let replaced = whole.replacingWords(with: activations)
    var options = RunOptions()
    switch place {
    case .neurons:
      options.start = RunStart(residual, layer: 0, stage: .residMid)
      options.hooks = [.replacing(HookFilter([place.point]), with: replaced)]
    case .residual: options.start = RunStart(replaced, layer: 0, stage: .residMid)
    }
    guard let logits = try model.run(tokens, options).logits else { preconditionFailure("a run to the end has logits") }
    return logits.value.words.logSoftmax()
  }

  /// For each word the word at the same place of the next row; of the first row for those of the last.
  var wordsOfNextRow: [Int] {
    let (count, length) = (activations.shape[0], tokens.positions - 1)
    return (0..<count).map { ($0 + length) % count }
  }

  /// The mean loss of predictions on the words that follow, in nats.
  func loss(of predictions: Tensor) -> Double {
    let (words, width) = (tokens.positions - 1, predictions.shape[1])
    return predictions.withUnsafeElements { logarithms in
      var sum = 0.0
      for row in 0..<tokens.batch {
        for word in 0..<words - 1 {
          // Word `word` of a row stands at position `word + 1`.
          let next = tokens.tokens[row * tokens.positions + word + 2]
          sum -= Double(logarithms[(row * words + word) * width + next])
        }
      }
      return sum / Double(tokens.batch * (words - 1))
    }
  }

  /// The mean of KL(without intervention ‖ with it) over words, in nats.
  func divergence(to predictions: Tensor) -> Double {
    let terms = self.predictions.exp() * (self.predictions - predictions)
    return Double(terms.sum()) / Double(terms.shape[0])
  }
}

/// How much of what activations do for a model a replacement of them still does: SAELens's scores.
struct SpliceScores: Sendable, Hashable {
  /// The loss without intervention, in nats.
  var loss: Double
  /// The loss with the replacement.
  var splicedLoss: Double
  /// The loss with zeros.
  var zeroLoss: Double
  /// KL from the model to the model with the replacement, and with zeros.
  var divergence, zeroDivergence: Double

  /// Puts activations into a run and compares with zeros.
  init(_ run: SplicedRun, replacing activations: Tensor) throws {
    let spliced = try run.predictions(with: activations)
    let zero = try run.predictions(with: Tensor(zeros: run.activations.shape))
    loss = run.loss(of: run.predictions)
    splicedLoss = run.loss(of: spliced)
    zeroLoss = run.loss(of: zero)
    divergence = run.divergence(to: spliced)
    zeroDivergence = run.divergence(to: zero)
  }

  /// The share of the loss that zeros cost and the replacement does not: 1 if it costs nothing.
  var lossScore: Double { ceLossScore(clean: loss, spliced: splicedLoss, ablated: zeroLoss) }
  /// The same of the divergence.
  var divergenceScore: Double { klDivScore(spliced: divergence, ablated: zeroDivergence) }
}

extension Tensor {
  /// The rows of words of `[row, position, width]`, beginnings of rows left out: `[word, width]`.
  var words: Tensor { slice(axis: 1, 1..<shape[1]).reshaped([shape[0] * (shape[1] - 1), shape[2]]) }

  /// The same with other words, `[word, width]`; the beginnings of rows stay.
  func replacingWords(with words: Tensor) -> Tensor {
    let rows = words.reshaped([shape[0], shape[1] - 1, shape[2]])
    return Tensor.concatenated([slice(axis: 1, 0..<1), rows], axis: 1)
  }
}
