// GPT-2 small's shape with random weights: forward passes, caches, patching, generation and a training step.

import Tensors
import Transformer

extension Bench {
  /// Rows and positions of each case; the peers' scripts have the same.
  private static let sizes = [(1, 15), (8, 15), (4, 256), (1, 1024)]

  private static let model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 0))

  private static var configuration: TransformerConfiguration {
    var configuration = TransformerConfiguration(
      nLayers: 12, dModel: 768, nHeads: 12, dVocab: 50_257, nContext: 1024)
    configuration.tiesEmbeddings = true
    configuration.initializerRange = 0.02
    return configuration
  }

  static func forwardPasses() {
    for (batch, positions) in sizes {
      let tokens = randomTokens(batch, positions)
      measure("gpt2.swift.fwd_\(batch)x\(positions)", work: flops(batch, positions), unit: "flop") {
        _ = model(tokens)
      }
      measure("gpt2.swift.fwd_cache_\(batch)x\(positions)", work: flops(batch, positions), unit: "flop") {
        _ = try? model.runWithCache(tokens)
      }
    }
  }

  /// One activation at a time from a clean run in a corrupted one, 8 × 15 tokens, a logit difference at the end.
  static func patching() {
    let (clean, corrupted) = (randomTokens(8, 15), randomTokens(8, 15, seed: 2))
    let metric = Metric.logitDifference(
      correct: Array(repeating: 10, count: 8), incorrect: Array(repeating: 20, count: 8))
    for (name, sweep, activation) in [
      ("gpt2.swift.patch_heads_144_8x15", PatchSweep.attnHeadOutAllPos, ActivationName.z),
      ("gpt2.swift.patch_resid_12x15_8x15", PatchSweep.residPre, ActivationName.residPre),
    ] where isWanted(name) {
      guard let cache = try? model.runWithCache(clean, names: .each(activation)).cache else { continue }
      measure(name, work: sweep == .residPre ? 180 : 144, unit: "run") {
        _ = try? model.activationPatch(sweep, corrupted: corrupted, cleanCache: cache, metric: metric)
      }
    }
  }

  /// Path patching at the last position, 8 × 15 tokens: every head to the logits, and 36 heads to three heads' queries.
  static func pathPatching() {
    let (original, new) = (randomTokens(8, 15), randomTokens(8, 15, seed: 2))
    let metric = Metric.logitDifference(
      correct: Array(repeating: 10, count: 8), incorrect: Array(repeating: 20, count: 8))
    let senders = (6..<9).flatMap { layer in (0..<12).map { [Writer.head(layer, $0)] } }
    let receivers: [Reader] = [.q(layer: 9, head: 9), .q(layer: 9, head: 6), .q(layer: 10, head: 0)]
    func patching() throws -> PathPatching {
      try PathPatching(model, original: original, new: new, metric: metric, senderPositions: .last)
    }
    measure("gpt2.swift.paths_144_to_logits_8x15", work: 144, unit: "path") {
      _ = try? patching().sweepHeads(to: [.logits])
    }
    measure("gpt2.swift.paths_36_to_q_8x15", work: 36, unit: "path") {
      _ = try? patching().patch(fromEach: senders, to: receivers)
    }
  }

  /// Fifty tokens after fifteen, greedily, with a key/value cache.
  static func generation() {
    let prompt = randomTokens(1, 15)
    measure("gpt2.swift.gen50_kv", work: 50, unit: "tok") { _ = try? model.generate(prompt, maxNewTokens: 50) }
  }

  /// Forward, backward and AdamW on 4 × 64 tokens.
  static func trainingStep() {
    let tokens = randomTokens(4, 65)
    var training = TransformerTraining(
      model, settings: TrainingSettings(steps: .max, learningRate: 1e-4), stream: RandomStream(seed: 3))
    measure("gpt2.swift.trainstep_4x64", work: 3 * flops(4, 64), unit: "flop") {
      _ = try? training.train(until: training.step + 1) { _, _ in tokens }
    }
  }

  private static func randomTokens(_ batch: Int, _ positions: Int, seed: UInt64 = 1) -> TokenBatch {
    var stream = RandomStream(seed: seed)
    return TokenBatch(
      tokens: (0..<batch * positions).map { _ in stream.integer(below: configuration.dVocab) }, batch: batch,
      positions: positions)
  }

  private static func flops(_ batch: Int, _ positions: Int) -> Double {
    let (d, tokens) = (768.0, Double(batch * positions))
    return tokens * 12 * (2 * 12 * d * d + 4 * Double(positions) * d) + 2 * tokens * d * 50_257
  }
}
