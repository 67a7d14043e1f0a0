// The training step of the modular-addition transformer: p = 113, all 3,830 pairs of 30 % at once, AdamW.

import Tensors
import ToyModels

extension Bench {
  static func modularAdditionSteps() {
    let shape = ModularAdditionShape()
    let pairs = ModularAdditionPairs.split(
      prime: shape.prime, trainingShare: 0.3, using: RandomStream(seed: 0)
    ).training
    var trainer = ModularAdditionTrainer(
      ModularAdditionModel(shape, initializedFrom: RandomStream(seed: 1)), on: pairs,
      settings: ModularAdditionTraining())
    // The work of the plain computation, which attends and multiplies at all three positions.
    let (d, m, tokens) = (shape.dModel, shape.dMLP, shape.dVocab)
    let work = 3 * pairs.count * (3 * (8 * d * d + 4 * d * m + 2 * d * tokens) + 36 * d)
    measure("grok.swift.p113_fullbatch_f64loss_step", work: Double(work), unit: "flop") { trainer.advance() }
  }
}
