// The transformer whose activations are taken apart: one layer with an MLP, as in Bricken et al. 2023, trained on the
// language of nested clauses.
//
// With a second layer the model learns no more (0.008 nats above the language's entropy instead of 0.010) and leaves its
// last MLP with next to nothing to do (0.05 nats without it instead of 0.4), so that little could be explained there.

import Foundation
import Tensors
import Transformer

/// A transformer for ``AgreementLanguage`` and how it is trained.
struct LanguageTransformer: Sendable {
  let language = AgreementLanguage()
  /// The number of words in a row.
  var length = 40
  /// The number of rows of a step.
  var rows = 24
  /// The number of steps.
  var steps = 1_000
  /// The highest learning rate.
  var learningRate: Float = 8e-3

  /// One layer of width 32 with four heads and 64 ReLU neurons, LayerNorm, learned positions, nothing tied.
  var configuration: TransformerConfiguration {
    var configuration = TransformerConfiguration(
      nLayers: 1, dModel: 32, nHeads: 4, dMLP: 64, dVocab: language.words.count + 1,
      dVocabOut: language.words.count, nContext: length + 1)
    configuration.activation = .relu
    return configuration
  }

  /// AdamW with β = (0.9, 0.98) and weight decay 0.01, warm-up and half a cosine, gradients clipped to a norm of 1.
  var settings: TrainingSettings {
    TrainingSettings(
      steps: steps, learningRate: learningRate,
      schedule: .warmUpThenCosine(warmUp: steps / 20, steps: steps, floor: 0.02),
      clipping: .globalNorm(1), coefficients: AdamCoefficients(beta1: 0.9, beta2: 0.98, weightDecay: 0.01))
  }

  /// A run from random weights, before its first step.
  func training(stream: RandomStream) -> TransformerTraining {
    TransformerTraining(configuration, settings: settings, stream: stream)
  }

  /// A batch of one step.
  func batch(using stream: inout RandomStream) -> TokenBatch { language.batch(rows, length: length, using: &stream) }

  /// What a model loses on the words of some rows, and what the language itself costs there, both in nats per word.
  ///
  /// The excess is KL(language ‖ model), averaged over the words read; it is zero for a model that knows the language.
  func losses(of model: HookedTransformer, on tokens: TokenBatch) -> (entropy: Double, excess: Double) {
    let logarithms = model(tokens).logSoftmax()
    let width = language.words.count
    var (entropies, divergences, count) = (0.0, 0.0, 0)
    logarithms.withUnsafeElements { logarithms in
      for row in 0..<tokens.batch {
        // What follows the last word is not part of the row.
        for (position, state) in language.states(of: tokens[row]).dropLast().enumerated() {
          let start = (row * tokens.positions + position) * width
          let probabilities = language.probabilities(in: state)
          let own = entropy(of: probabilities)
          entropies += own
          divergences -= own
          for word in 0..<width where probabilities[word] > 0 {
            divergences -= probabilities[word] * Double(logarithms[start + word])
          }
          count += 1
        }
      }
    }
    return (entropies / Double(count), divergences / Double(count))
  }
}
