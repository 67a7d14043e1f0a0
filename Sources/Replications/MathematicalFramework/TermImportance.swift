// How much each order of terms matters (Elhage et al. 2021, "Term Importance Analysis"): the direct path, single heads,
// and virtual heads made of two.
//
// The paper's algorithm: run the model and keep its attention patterns; then run it again and again with these patterns
// in place, each time keeping what heads write but passing on what they wrote the time before, at first nothing. The
// n-th run has all terms up to order n. The differences of their losses are the importance of each order.

import Foundation
import Tensors
import Transformer

struct TermImportance: Experiment {
  let name = "TermImportance"
  let claims = ["framework.terms.virtual", "framework.terms.second-layer"]
  let configuration: [String: ConfigurationValue] = [
    "layers": 2, "heads": .int(Self.model.heads), "width": .int(Self.model.width),
    "vocabulary": .int(Self.model.vocabulary), "length": .int(Self.model.length), "data": "copied spans",
    "copyRate": .double(Self.copyRate), "background": "Markov chain, 4 Zipfian successors, 60 % uniform",
    "steps": .int(Self.steps), "learningRate": 1e-2, "batchSize": .int(Self.rows), "heldOutRows": 64,
  ]

  static let model = AttentionOnlyModel(layers: 2, width: 32, vocabulary: 32, length: 48)
  private static let copyRate = 0.3
  private static let steps = 700
  private static let rows = 32

  /// Losses on held-out rows in nats.
  struct Observation: Sendable {
    /// Of the uniform prediction, then of the sum of terms up to order 0, 1 and 2.
    var byOrder: [Double]
    /// Of the direct path and single heads without those of one layer, by layer.
    var withoutLayer: [Double]
    /// Of the model itself.
    var model: Double

    /// What all terms take off the loss.
    var reduction: Double { byOrder[0] - byOrder[3] }
    /// What the terms of one order take off the loss, as a share of what all do.
    func share(ofOrder order: Int) -> Double { (byOrder[order] - byOrder[order + 1]) / reduction }
    /// What taking away the single heads of a layer costs, as a share of what all terms take off.
    func cost(ofLayer layer: Int) -> Double { (withoutLayer[layer] - byOrder[2]) / reduction }
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let data = CopiedSpans(
      vocabulary: Self.model.vocabulary, length: Self.model.length, rate: Self.copyRate,
      background: .markov(
        .zipfian(
          states: Self.model.vocabulary, successors: 4, uniformShare: 0.6, using: run.random("chain"))))
    var training = Self.model.training(steps: Self.steps, learningRate: 1e-2, stream: run.random("training"))
    try training.train { step, stream in
      try run.checkCancellation()
      run.report(Double(step) / Double(Self.steps))
      return data.batch(Self.rows, using: &stream)
    }
    let model = training.model
    var held = run.random("held out")
    let tokens = data.batch(64, using: &held)
    let patterns = try model.runWithCache(tokens, names: .each(.pattern)).cache
    let expansion = PathExpansion(of: model, tokens, patterns: patterns)
    func loss(_ logits: Tensor) -> Double {
      Double(HookedTransformer.nextTokenLoss(Variable(logits), tokens).scalar)
    }
    return Observation(
      byOrder: [log(Double(Self.model.vocabulary))]
        + (try Self.logitsByOrder(of: model, tokens, patterns: patterns)).map(loss),
      withoutLayer: (0..<model.configuration.nLayers).map { layer in
        loss(expansion.sum { $0.order == 0 || ($0.order == 1 && $0.heads[0].layer != layer) })
      },
      model: loss(model(tokens)))
  }

  func readings(_ seed: Observation) -> [Reading] {
    [
      Reading(
        claim: "framework.terms.virtual", value: seed.share(ofOrder: 2), control: seed.share(ofOrder: 1),
        detail: [
          "direct path": seed.share(ofOrder: 0), "loss of all terms": seed.byOrder[3], "loss of the model": seed.model,
        ]),
      Reading(claim: "framework.terms.second-layer", value: seed.cost(ofLayer: 1), control: seed.cost(ofLayer: 0)),
    ]
  }

  /// The logits of all terms up to order 0, 1, …, by the paper's algorithm, each `[batch, position, dVocabOut]`.
  static func logitsByOrder(
    of model: HookedTransformer, _ tokens: TokenBatch, patterns: ActivationCache
  ) throws -> [Tensor] {
    var written: [HookPoint: Tensor] = [:]
    return try (0...model.configuration.nLayers).map { _ in
      var writing: [HookPoint: Tensor] = [:]
      let frozen = patterns.points.map { Hook.replacing(HookFilter([$0]), with: patterns[$0]) }
      let holdBack = Hook(.each(.attnOut)) { output, point in
        writing[point] = output
        output = written[point] ?? Tensor(zeros: output.shape)
      }
      let logits = try model.runWithHooks(tokens, hooks: frozen + [holdBack])
      written = writing
      return logits
    }
  }
}
