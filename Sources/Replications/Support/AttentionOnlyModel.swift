// The models of Elhage et al. 2021 and Olsson et al. 2022 at a size that trains in seconds: attention only, no MLPs, no
// normalisation, no biases. Position vectors are added to what queries and keys read and to nothing else, as in the
// first paper (its footnote 15), so that no head can move positions about and every circuit is one of tokens.

import Tensors
import Transformer

/// An attention-only transformer and how it is trained.
struct AttentionOnlyModel: Sendable {
  /// The number of layers.
  var layers: Int
  /// The number of heads in each layer.
  var heads = 2
  /// The width of the residual stream; heads share it.
  var width: Int
  /// The number of tokens that can be predicted; the beginning-of-sequence token is one more, which can only be read.
  var vocabulary: Int
  /// The number of tokens in a row, without the beginning-of-sequence token.
  var length: Int

  /// The architecture.
  var configuration: TransformerConfiguration {
    var configuration = TransformerConfiguration(
      nLayers: layers, dModel: width, nHeads: heads, dMLP: 0, dVocab: vocabulary + 1, dVocabOut: vocabulary,
      nContext: length + 1)
    configuration.normalization = .none
    configuration.positions = .shortformer
    configuration.initializerRange = 1 / Float(width).squareRoot()
    return configuration
  }

  /// The model before training: all weights normal with variance 1/width, but W_O with a quarter of that.
  ///
  /// Models of one stream share the weights of the layers that they have in common.
  func initialized(from stream: RandomStream) -> HookedTransformer {
    var model = HookedTransformer(configuration, initializedFrom: stream, biases: false)
    for layer in model.blocks.indices {
      model.blocks[layer].attn.W_O = model.blocks[layer].attn.W_O * 0.5
    }
    return model
  }

  /// AdamW with β = (0.9, 0.98) and weight decay 0.01, 50 steps of warm-up, gradients clipped to a norm of 1.
  static func settings(steps: Int, learningRate: Float) -> TrainingSettings {
    TrainingSettings(
      steps: steps, learningRate: learningRate, schedule: .warmUp(over: 50), clipping: .globalNorm(1),
      coefficients: AdamCoefficients(beta1: 0.9, beta2: 0.98, weightDecay: 0.01), decayed: .all)
  }

  /// A run from random weights, before its first step.
  func training(steps: Int, learningRate: Float, stream: RandomStream) -> TransformerTraining {
    TransformerTraining(
      initialized(from: stream.derived("weights")),
      settings: Self.settings(steps: steps, learningRate: learningRate), stream: stream)
  }
}
