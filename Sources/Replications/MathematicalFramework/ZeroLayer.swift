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
    let tables = models.map(BigramModel.predictedBigrams)
    let frequencies = Array(repeating: chain.stationary, count: Self.vocabulary)
    return Observation(
      trained: tables.map(chain.divergence),
      untrained: chain.divergence(
        from: BigramModel.predictedBigrams(
          BigramModel(vocabulary: Self.vocabulary, width: Self.vocabulary).initialized(from: run.random("untrained")))),
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

  private func train(
    _ width: Int, on chain: MarkovChain, _ run: SeedRun, progress: (Double) -> Void
  ) throws -> HookedTransformer {
    try BigramModel(vocabulary: Self.vocabulary, width: width).trained(
      steps: Self.steps, stream: run.random("width").derived("dimensions", width),
      progress: {
        try run.checkCancellation()
        progress($0)
      },
      walk: { chain.walk(Self.bigrams + 1, using: &$0) })
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
