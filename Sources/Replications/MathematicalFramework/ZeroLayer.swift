// A model without layers learns bigrams (Elhage et al. 2021, "Zero-Layer Transformers").
//
// Logits are W_E·W_U of the present token alone, so the best that such a model can do is the bigram log-likelihood. The
// "text" is a Markov chain whose bigrams are known. Models narrower than the vocabulary cannot hold the table: the
// narrowest one is the control.

import Foundation
import Tensors
import Transformer

struct ZeroLayer: Experiment {
  let name = "ZeroLayer"
  let claims = ["framework.zero-layer.bigram"]
  let configuration: [String: ConfigurationValue] = [
    "vocabulary": .int(Self.vocabulary), "widths": .array(Self.widths.map { .int($0) }),
    "successors": .int(Self.successors), "steps": .int(Self.steps), "learningRate": 1e-2, "schedule": "cosine",
    "bigramsPerStep": .int(Self.bigrams),
  ]

  static let vocabulary = 64
  static let successors = 8
  /// By rising width; the last one holds the whole table, the first one is the control.
  static let widths = [4, 8, 16, 32, 64]
  static let steps = 400
  private static let bigrams = 4_096

  /// The divergence of each model from the true bigrams, in nats.
  struct Observation: Sendable {
    /// By width.
    var trained: [Double]
    var untrained: Double
    /// Of the tokens' frequencies by themselves.
    var unigram: Double
    /// The true bigrams and those of the widest and the narrowest model, `[present][next]`.
    var bigrams: [[Double]]
    var widest: [[Double]]
    var narrowest: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let chain = MarkovChain.zipfian(states: Self.vocabulary, successors: Self.successors, using: run.random("chain"))
    let models = try Self.widths.enumerated().map { place, width in
      try train(width, on: chain, run) { run.report((Double(place) + $0) / Double(Self.widths.count)) }
    }
    let tables = models.map(Self.predictedBigrams)
    let frequencies = Array(repeating: chain.stationary, count: Self.vocabulary)
    return Observation(
      trained: tables.map(chain.divergence),
      untrained: chain.divergence(
        from: Self.predictedBigrams(Self.initialModel(Self.vocabulary, run.random("untrained")))),
      unigram: chain.divergence(from: frequencies),
      bigrams: (0..<Self.vocabulary).map { present in
        (0..<Self.vocabulary).map { chain.probability(of: $0, after: present) }
      },
      widest: tables[tables.count - 1], narrowest: tables[0])
  }

  func readings(_ seed: Observation) -> [Reading] {
    [
      Reading(
        claim: "framework.zero-layer.bigram", value: seed.trained[seed.trained.count - 1], control: seed.trained[0],
        detail: ["untrained": seed.untrained, "unigram": seed.unigram])
    ]
  }

  // MARK: - Models

  private static func initialModel(_ width: Int, _ stream: RandomStream) -> HookedTransformer {
    var configuration = TransformerConfiguration(
      nLayers: 0, dModel: width, nHeads: 0, dMLP: 0, dVocab: vocabulary, nContext: vocabulary)
    configuration.normalization = .none
    configuration.positions = .none
    configuration.initializerRange = 1 / Float(width).squareRoot()
    return HookedTransformer(configuration, initializedFrom: stream, biases: false)
  }

  private func train(
    _ width: Int, on chain: MarkovChain, _ run: SeedRun, progress: (Double) -> Void
  ) throws -> HookedTransformer {
    let stream = run.random("width").derived("dimensions", width)
    var training = TransformerTraining(
      Self.initialModel(width, stream.derived("weights")),
      settings: TrainingSettings(
        steps: Self.steps, learningRate: 1e-2, schedule: .halfCosine(over: Self.steps),
        coefficients: AdamCoefficients(weightDecay: 0)),
      stream: stream)
    try training.train(loss: Self.bigramLoss) { step, stream in
      try run.checkCancellation()
      progress(Double(step) / Double(Self.steps))
      return TokenBatch(chain.walk(Self.bigrams + 1, using: &stream))
    }
    return training.model
  }

  /// The mean loss on the bigrams of a walk, in nats.
  ///
  /// What a model without layers predicts depends on the present token only, so that it need read each token just once:
  /// the logits of all bigrams are these, and how often each occurs is its weight.
  private static func bigramLoss(_ model: HookedTransformer, _ walk: TokenBatch, _ parameters: Parameters) -> Variable {
    var shares = Array(repeating: Float(0), count: vocabulary * vocabulary)
    for (present, next) in zip(walk.tokens, walk.tokens.dropFirst()) {
      shares[present * vocabulary + next] += 1 / Float(bigrams)
    }
    let logits = model.logits(TokenBatch(Array(0..<vocabulary)), parameters: parameters)
    let logProbabilities = logits.reshaped([vocabulary, vocabulary]).logSoftmax()
    return -(logProbabilities * Variable(Tensor(shares, [vocabulary, vocabulary]))).sum()
  }

  /// The probability of each next token after each present one, read off the weights: softmax of the rows of W_E·W_U.
  static func predictedBigrams(_ model: HookedTransformer) -> [[Double]] {
    let table = model.W_E.matmul(model.W_U).softmax()
    return (0..<table.shape[0]).map { row in (0..<table.shape[1]).map { Double(table[row, $0]) } }
  }
}

extension MarkovChain {
  /// KL(chain ‖ table) of the next token, in nats, over present tokens as often as they occur.
  func divergence(from table: [[Double]]) -> Double {
    (0..<states).reduce(0) { sum, present in
      let rest = (0..<states).reduce(0.0) { sum, next in
        let p = probability(of: next, after: present)
        return p > 0 ? sum + p * (log(p) - log(table[present][next])) : sum
      }
      return sum + stationary[present] * rest
    }
  }
}
