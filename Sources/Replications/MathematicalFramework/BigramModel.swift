// A model without layers, W_E·W_U, and how it is trained on bigrams (Elhage et al. 2021, "Zero-Layer Transformers").

import Foundation
import Tensors
import Transformer

/// A model without layers: its vocabulary and its width.
struct BigramModel: Sendable {
  var vocabulary: Int
  var width: Int

  /// The model before training.
  func initialized(from stream: RandomStream) -> HookedTransformer {
    var configuration = TransformerConfiguration(
      nLayers: 0, dModel: width, nHeads: 0, dMLP: 0, dVocab: vocabulary, nContext: vocabulary)
    configuration.normalization = .none
    configuration.positions = .none
    configuration.initializerRange = 1 / Float(width).squareRoot()
    return HookedTransformer(configuration, initializedFrom: stream, biases: false)
  }

  /// Trains on the bigrams of walks; `progress` receives the share that is done and may throw to stop.
  func trained(
    steps: Int, stream: RandomStream, progress: (Double) throws -> Void, walk: (inout RandomStream) -> [Int]
  ) throws -> HookedTransformer {
    var training = TransformerTraining(
      initialized(from: stream.derived("weights")),
      settings: TrainingSettings(
        steps: steps, learningRate: 1e-2, schedule: .halfCosine(over: steps),
        coefficients: AdamCoefficients(weightDecay: 0)),
      stream: stream)
    try training.train(loss: loss) { step, stream in
      try progress(Double(step) / Double(steps))
      return TokenBatch(walk(&stream))
    }
    return training.model
  }

  /// The mean loss on the bigrams of a walk, in nats.
  ///
  /// What a model without layers predicts depends on the present token only, so that it need read each token just once:
  /// the logits of all bigrams are these, and how often each occurs is its weight.
  private func loss(_ model: HookedTransformer, _ walk: TokenBatch, _ parameters: Parameters) -> Variable {
    var shares = Array(repeating: Float(0), count: vocabulary * vocabulary)
    let share = 1 / Float(walk.tokens.count - 1)
    for (present, next) in zip(walk.tokens, walk.tokens.dropFirst()) { shares[present * vocabulary + next] += share }
    let logits = model.logits(TokenBatch(Array(0..<vocabulary)), parameters: parameters)
    let logProbabilities = logits.reshaped([vocabulary, vocabulary]).logSoftmax()
    return -(logProbabilities * Variable(Tensor(shares, [vocabulary, vocabulary]))).sum()
  }

  /// The probability of each next token after each present one, read off the weights: softmax of the rows of W_E·W_U.
  static func predictedBigrams(_ model: HookedTransformer) -> [[Double]] {
    let table = model.W_E.matmul(model.W_U).softmax()
    return (0..<table.shape[0]).map { row in (0..<table.shape[1]).map { Double(table[row, $0]) } }
  }
}
