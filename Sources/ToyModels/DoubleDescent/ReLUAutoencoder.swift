// The model of Henighan et al. 2023: the ReLU output model of Elhage et al. 2022, x′ = ReLU(WᵀWx + b), a single one, with W
// laid out as it is written, `[hidden, feature]`. All parameters lie side by side for the optimiser: W, then b.

import Tensors

/// A tied autoencoder with a linear hidden layer, x′ = ReLU(WᵀWx + b).
public struct ReLUAutoencoder: Sendable {
  /// The number n of features.
  public let features: Int
  /// The number m of hidden dimensions.
  public let hidden: Int
  /// W, `[hidden, feature]`, followed by b, `[feature]`.
  public internal(set) var parameters: Tensor

  /// Creates a model from W `[hidden, feature]` and b `[feature]`.
  public init(weights: Tensor, bias: Tensor) {
    precondition(weights.rank == 2, "the weights are [hidden, feature], not \(weights.shape)")
    precondition(bias.shape == [weights.shape[1]], "the bias has shape \(bias.shape), the weights \(weights.shape)")
    (hidden, features) = (weights.shape[0], weights.shape[1])
    parameters = Tensor(weights.elements + bias.elements, [(hidden + 1) * features])
  }

  /// Creates an untrained model: Xavier's normal weights, of deviation √(2/(n + m)), and no bias.
  public init(features: Int, hidden: Int, using random: RandomStream) {
    var random = random
    let deviation = (2 / Float(features + hidden)).squareRoot()
    self.init(
      weights: random.normal([hidden, features], standardDeviation: deviation), bias: Tensor(zeros: [features]))
  }

  /// The hidden vectors h = Wx of examples, `[example][hidden]`.
  public func hiddenVectors(_ examples: SparseExamples) -> [[Double]] {
    precondition(examples.features == features, "\(examples.features) features for a model of \(features)")
    return parameters.withUnsafeElements { w in
      (0..<examples.count).map { example in
        (0..<hidden).map { dimension in
          (examples.starts[example]..<examples.starts[example + 1]).reduce(0.0) { sum, entry in
            sum + Double(w[dimension * features + Int(examples.indices[entry])]) * Double(examples.values[entry])
          }
        }
      }
    }
  }

  /// The columns of W, the directions of the features, `[feature][hidden]`.
  public var featureVectors: [[Double]] {
    parameters.withUnsafeElements { w in
      (0..<features).map { feature in (0..<hidden).map { Double(w[$0 * features + feature]) } }
    }
  }

  /// ‖W‖_F.
  public var weightNorm: Double {
    parameters.withUnsafeElements { w in
      w[..<(hidden * features)].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }

  /// The loss of the article on given examples: the mean over examples of Σ_i (x_i − x′_i)².
  public func loss(_ examples: SparseExamples) -> Double {
    var step = FullBatchStep(examples, hidden: hidden)
    return step.loss(self)
  }
}
