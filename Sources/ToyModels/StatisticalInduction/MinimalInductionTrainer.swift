// Gradient descent on the minimal model of Edelman et al. 2024, with the rates of the authors' code: the first layer learns
// a hundred times as fast as the second.

import Tensors

/// The minimal model under training.
public struct MinimalInductionTrainer: Sendable {
  /// The model as it is now.
  public private(set) var model: MinimalInductionModel
  /// The learning rate of the distances; zero keeps the first layer as it is.
  public let distanceRate: Float
  /// The learning rate of the weights over symbols.
  public let weightRate: Float

  /// Prepares training; the rates are those of the authors' code.
  public init(_ model: MinimalInductionModel, distanceRate: Float = 1, weightRate: Float = 0.01) {
    self.model = model
    self.distanceRate = distanceRate
    self.weightRate = weightRate
  }

  /// Takes a step of gradient descent on some chains and returns the loss before it.
  @discardableResult
  public mutating func step(_ chains: MarkovChains) -> Double {
    let (loss, distances, weights) = model.gradient(chains)
    model.distances.withUnsafeMutableElements { elements in
      for index in elements.indices { elements[index] -= distanceRate * distances[index] }
    }
    model.weights.withUnsafeMutableElements { elements in
      let gradient = weights.elements
      for index in elements.indices { elements[index] -= weightRate * gradient[index] }
    }
    return loss
  }
}
