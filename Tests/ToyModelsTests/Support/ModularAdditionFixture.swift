// What PyTorch computed, as fixtures/scripts/make_modular_addition.py wrote it.

import Foundation
import Tensors

@testable import ToyModels

/// The file of `fixtures/modular-addition`: a small model, some pairs, and what came of them in double precision.
struct ModularAdditionFixture: Decodable {
  typealias Numbers = SuperpositionFixture.Numbers

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
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures")
    let data = try Data(contentsOf: root.appending(path: "modular-addition/small.json").standardizedFileURL)
    self = try JSONDecoder().decode(Self.self, from: data)
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
