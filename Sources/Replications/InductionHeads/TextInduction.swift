// Two layers and one on real text: short stories, as words. Do induction heads form where repetition is only natural?
//
// Prefix matching is measured on random words, four times over, as on synthetic rows; learning in context on held-out
// stories, beyond what one layer learns of it, and for comparison on their words in random order.

import Foundation
import Tensors
import Transformer

struct TextInduction: Experiment {
  let name = "TextInduction"
  let claims = ["induction.text.prefix-matching", "induction.text.in-context-learning"]
  let configuration: [String: ConfigurationValue] = [
    "text": "TinyStories, 2 MiB, the 1,023 most frequent words and marks and one token for all others",
    "architecture": "attention only, positions in queries and keys", "width": 64, "heads": 4, "length": 96,
    "batchSize": 32, "learningRate": 5e-3,
    "optimizer": "AdamW, β 0.9 and 0.98, decay 0.01, norm clipped to 1, 50 steps of warm-up", "steps": 2_000,
    "heldOutRows": 128, "probe": "24 random words × 4, 32 rows",
  ]

  static let vocabulary = 1_024
  static let length = 96
  static let steps = Array(stride(from: 0, through: 2_000, by: 200))

  /// What a model shows after each number of steps.
  struct Curve: Sendable {
    /// The best head of the last layer.
    var prefixMatching: [Double] = []
    var losses: [Double] = []
    /// Late loss less early loss on held-out rows, in nats, and on the same rows in random order.
    var inContextLearning: [Double] = []
    var shuffled: [Double] = []
  }

  struct Observation: Sendable {
    var twoLayers: Curve
    var oneLayer: Curve
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let corpus = try TextCorpus(contentsOf: run.asset("tinystories-2mib"), .words(limit: Self.vocabulary))
    var stream = run.random("held out")
    let held = corpus.heldOutBatch(128, length: Self.length, using: &stream)
    let shuffled = Self.shuffling(held, using: &stream)
    // Of frequent words, which the models have seen often.
    let repeated = RepeatedTokens(
      from: Array(0..<512), bos: corpus.bos, length: 24, repeats: 4, rows: 32, stream: run.random("repeated"))
    func curve(layers: Int, from done: Double, weight: Double) throws -> Curve {
      let model = AttentionOnlyModel(
        layers: layers, heads: 4, width: 64, vocabulary: corpus.names.count, length: Self.length)
      var training = model.training(
        steps: Self.steps.last ?? 0, learningRate: 5e-3, stream: run.random("training"))
      var curve = Curve()
      for step in Self.steps {
        try training.train(until: step) { _, stream in
          try run.checkCancellation()
          return corpus.batch(32, length: Self.length, using: &stream)
        }
        let losses = TokenLosses(training.model(held), held)
        let cache = try training.model.runWithCache(repeated.tokens, names: .each(.pattern)).cache
        curve.prefixMatching.append(try cache.prefixMatchingScores(repeated).rows.last?.max() ?? 0)
        curve.losses.append(losses.mean)
        curve.inContextLearning.append(InductionProbe.inContextLearning(losses))
        curve.shuffled.append(InductionProbe.inContextLearning(TokenLosses(training.model(shuffled), shuffled)))
        run.report(done + weight * Double(step) / Double(Self.steps.last ?? 1))
      }
      return curve
    }
    return Observation(
      twoLayers: try curve(layers: 2, from: 0, weight: 0.6), oneLayer: try curve(layers: 1, from: 0.6, weight: 0.4))
  }

  /// The rows with the tokens of each in random order, but for the first.
  private static func shuffling(_ batch: TokenBatch, using stream: inout RandomStream) -> TokenBatch {
    var tokens: [Int] = []
    for row in 0..<batch.batch {
      let own = Array(batch.tokens[row * batch.positions..<(row + 1) * batch.positions])
      tokens.append(own[0])
      tokens += stream.permutation(own.count - 1).map { own[$0 + 1] }
    }
    return TokenBatch(tokens: tokens, batch: batch.batch, positions: batch.positions)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (two, one) = (seed.twoLayers, seed.oneLayer)
    func beyond(_ curve: KeyPath<Curve, [Double]>) -> Double {
      (two[keyPath: curve].last ?? .nan) - (one[keyPath: curve].last ?? .nan)
    }
    return [
      Reading(
        claim: "induction.text.prefix-matching", value: two.prefixMatching.last ?? .nan,
        control: one.prefixMatching.max() ?? .nan,
        detail: ["loss, two layers": two.losses.last ?? .nan, "loss, one layer": one.losses.last ?? .nan]),
      Reading(
        claim: "induction.text.in-context-learning", value: beyond(\.inContextLearning), control: beyond(\.shuffled),
        detail: [
          "two layers": two.inContextLearning.last ?? .nan, "one layer": one.inContextLearning.last ?? .nan,
        ]),
    ]
  }
}
