// Training steps of attention-only transformers: forward, backward and AdamW on one batch that stays the same.
//
// The first three cases are those of the peers' scripts, LayerNorm and untied unembedding included, no biases. The small
// ones are of the size that suites train hundreds of steps of: shortformer positions, no normalisation.

import Tensors
import Transformer

extension Bench {
  /// One model and the batch that it is trained on.
  private struct Case {
    let width, heads, vocabulary, context, batch: Int
    var isPlain = false

    var name: String {
      "attnonly.swift.d\(width)_h\(heads)_V\(vocabulary)_T\(context)_B\(batch)_step" + (isPlain ? ".plain" : "")
    }

    var configuration: TransformerConfiguration {
      // One position more than is computed: the last token is only predicted.
      var configuration = TransformerConfiguration(
        nLayers: 2, dModel: width, nHeads: heads, dMLP: 0, dVocab: vocabulary, nContext: context + 1)
      if isPlain {
        configuration.normalization = .none
        configuration.positions = .shortformer
      }
      return configuration
    }

    /// What the peers' scripts count: full attention, a backward pass of twice the forward pass.
    var work: Double {
      let (d, tokens) = (Double(width), Double(batch * context))
      return 3 * tokens * (2 * (8 * d * d + 4 * Double(context) * d) + 2 * d * Double(vocabulary))
    }
  }

  private static let cases = [
    Case(width: 128, heads: 4, vocabulary: 512, context: 64, batch: 32),
    Case(width: 128, heads: 8, vocabulary: 5000, context: 128, batch: 32),
    Case(width: 256, heads: 8, vocabulary: 5000, context: 128, batch: 64),
    Case(width: 32, heads: 2, vocabulary: 32, context: 48, batch: 32, isPlain: true),
    Case(width: 64, heads: 2, vocabulary: 64, context: 64, batch: 32, isPlain: true),
  ]

  static func attentionOnlySteps() {
    for model in cases where isWanted(model.name) {
      var training = training(of: model)
      var stream = RandomStream(seed: 1)
      let tokens = TokenBatch(
        tokens: (0..<model.batch * (model.context + 1)).map { _ in stream.integer(below: model.vocabulary) },
        batch: model.batch, positions: model.context + 1)
      measure(model.name, work: model.work, unit: "flop") {
        _ = try? training.train(until: training.step + 1) { _, _ in tokens }
      }
    }
  }

  private static func training(of model: Case) -> TransformerTraining {
    TransformerTraining(
      HookedTransformer(model.configuration, initializedFrom: RandomStream(seed: 0), biases: false),
      settings: TrainingSettings(steps: .max, learningRate: 1e-3), stream: RandomStream(seed: 3))
  }
}
