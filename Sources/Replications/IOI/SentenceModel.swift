// A transformer of three layers with MLPs that learns the paper's sentences here, in seconds.

import Tensors
import Transformer

/// How the model of sentences is made and trained.
enum SentenceModel {
  static let layers = 3
  static let heads = 4
  static let width = 64
  static let neurons = 128
  static let steps = 1_000
  static let rows = 48

  private static var settings: TrainingSettings {
    TrainingSettings(
      steps: steps, learningRate: 5e-3, schedule: .warmUpThenCosine(warmUp: 100, steps: steps),
      clipping: .globalNorm(1), coefficients: AdamCoefficients(beta1: 0.9, beta2: 0.98, weightDecay: 0.01))
  }

  /// Trains on a mixture; `watching` sees the model every 50 steps.
  static func train(
    on mixture: SentenceMixture, _ run: SeedRun, watching: (Int, HookedTransformer) throws -> Void
  ) throws -> HookedTransformer {
    var configuration = TransformerConfiguration(
      nLayers: layers, dModel: width, nHeads: heads, dMLP: neurons, dVocab: mixture.vocabulary.count,
      nContext: mixture.width)
    configuration.initializerRange = 1 / Float(width).squareRoot()
    var training = TransformerTraining(configuration, settings: settings, stream: run.random("sentences"))
    try training.train(
      checkpoints: .every(50), keep: { try watching($0.step, $0.model) },
      loss: { mixture.loss(of: $0, $1, $2) },
      batch: { step, stream in
        try run.checkCancellation()
        run.report(0.8 * Double(step) / Double(steps))
        return mixture.batch(rows, using: &stream)
      })
    return training.model
  }
}
