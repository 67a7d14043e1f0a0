// GPT-2 small's shape with random weights: forward passes, caches, patching, and one training step.

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

  private static func randomTokens(_ batch: Int, _ positions: Int) -> TokenBatch {
    var stream = RandomStream(seed: 1)
    return TokenBatch(
      tokens: (0..<batch * positions).map { _ in stream.integer(below: configuration.dVocab) }, batch: batch,
      positions: positions)
  }

  private static func flops(_ batch: Int, _ positions: Int) -> Double {
    let (d, tokens) = (768.0, Double(batch * positions))
    return tokens * 12 * (2 * 12 * d * d + 4 * Double(positions) * d) + 2 * tokens * d * 50_257
  }
}
