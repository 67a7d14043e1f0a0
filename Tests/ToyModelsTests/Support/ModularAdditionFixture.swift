// What PyTorch computed, as fixtures/scripts/make_modular_addition.py wrote it.

import Tensors

@testable import ToyModels

/// The file of `fixtures/modular-addition`: a small model, some pairs, and what came of them in double precision.
struct ModularAdditionFixture: Decodable {
  typealias Numbers = ReferenceArray

  struct Optimizer: Decodable {
    var learningRate, weightDecay: Float
    var warmUp: Int
  }

  var prime, dModel, nHeads, dHead, dMLP: Int
  var codes: [Int]
  var optimizer: Optimizer
  var parameters: [String: Numbers]
  var neurons, logits, loss, losses, accuracy, gradient, trajectory: Numbers

  init() throws {
    self = try ReferenceNumbers.read("modular-addition/small", as: Self.self)
  }

  var pairs: ModularAdditionPairs { ModularAdditionPairs(prime: prime, codes: codes) }

  var model: ModularAdditionModel {
    let shape = ModularAdditionShape(prime: prime, dModel: dModel, nHeads: nHeads, dHead: dHead, dMLP: dMLP)
    var weights: [ModularAdditionShape.Weight: Tensor] = [:]
    for weight in ModularAdditionShape.Weight.allCases { weights[weight] = parameters[weight.rawValue]?.tensor }
    return ModularAdditionModel(shape, weights: weights)
  }

  var trainer: ModularAdditionTrainer {
    ModularAdditionTrainer(
      model, on: pairs,
      settings: ModularAdditionTraining(
        learningRate: optimizer.learningRate, weightDecay: optimizer.weightDecay, warmUp: optimizer.warmUp))
  }
}
