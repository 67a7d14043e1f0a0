// How many heads of a one-layer model copy when it has learned real text (Elhage et al. 2021, "Detecting Copying": "10 out
// of 12 heads are significantly copying").
//
// Twelve heads, as published, on words of short stories; and the same on a text of the reader's own, the file that
// REPLICATIONS_TEXT names.

import Tensors
import Transformer

struct TextCopying: Experiment {
  let name: String
  let claims: [String]
  /// The text, by the name under which claims need it.
  let asset: String

  static let stories = TextCopying(
    name: "TextCopying", claims: ["framework.text.copying", "framework.text.copying-share"], asset: "tinystories-2mib")
  static let ownText = TextCopying(
    name: "OwnTextCopying", claims: ["framework.own-text.copying"], asset: Assets.ownText)

  var configuration: [String: ConfigurationValue] {
    [
      "text": .string(asset), "words": .int(Self.words), "layers": 1, "heads": .int(Self.heads),
      "width": .int(Self.width), "length": .int(Self.length), "steps": .int(Self.steps), "batchSize": .int(Self.rows),
      "learningRate": 5e-3, "shuffles": .int(Self.shuffles),
    ]
  }

  /// The most frequent words and marks, and one token for all others.
  static let words = 512
  static let heads = 12
  static let width = 96
  static let length = 64
  static let steps = 1_000
  private static let rows = 32
  private static let shuffles = 8

  struct Observation: Sendable {
    var trained: OneLayerCopying.Circuits
    var initial: OneLayerCopying.Circuits
    /// The trained heads after each shuffle of the outputs' names.
    var shuffled: [OneLayerCopying.Circuits]
    /// The loss in training at its end, in nats.
    var loss: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let corpus = try TextCorpus(contentsOf: run.asset(asset), .words(limit: Self.words))
    try corpus.checkRows(of: Self.length)
    var training = AttentionOnlyModel(
      layers: 1, heads: Self.heads, width: Self.width, vocabulary: corpus.names.count, length: Self.length
    ).training(steps: Self.steps, learningRate: 5e-3, stream: run.random("training"))
    let initial = training.model
    let losses = try training.train { step, stream in
      try run.checkCancellation()
      run.report(Double(step) / Double(Self.steps))
      return corpus.batch(Self.rows, length: Self.length, using: &stream)
    }
    let model = training.model
    return Observation(
      trained: try OneLayerCopying.circuits(of: model), initial: try OneLayerCopying.circuits(of: initial),
      shuffled: try (0..<Self.shuffles).map { index in
        var stream = run.random("shuffle").derived("order", index)
        return try OneLayerCopying.circuits(of: model.permutingOutputs(stream.permutation(corpus.names.count)))
      },
      loss: mean(losses.suffix(50).map(Double.init)))
  }

  func readings(_ seed: Observation) -> [Reading] {
    claims.map { claim in
      Reading(
        claim: claim, value: seed.trained.copyingShare,
        control: max(seed.initial.copyingShare, mean(seed.shuffled.map(\.copyingShare))),
        detail: [
          "least score": seed.trained.scores.min() ?? .nan, "mean score": mean(seed.trained.scores),
          "mean score before training": mean(seed.initial.scores), "loss": seed.loss,
        ])
    }
  }
}
