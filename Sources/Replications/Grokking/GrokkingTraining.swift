// One training of a modular-addition model, kept as the models at regular steps: what the progress measures need, since
// the key frequencies are those of the last of them.

import Tensors
import ToyModels

/// What is trained and how.
struct GrokkingSettings: Sendable {
  var shape: ModularAdditionShape
  /// The share of the pairs that is trained on.
  var share: Double
  var training: ModularAdditionTraining
  /// The number of steps; fixed, whatever comes of them.
  var steps: Int
  /// Steps between two models that are kept.
  var interval: Int
  /// Steps of the control without weight decay; none where the untrained model is the control.
  var controlSteps: Int
  /// Steps of the control that is trained on most pairs; none where no delay is measured.
  var plentySteps = 0

  /// The share of the pairs that is trained on where data are plenty.
  static let plentyShare = 0.8

  /// The same with most pairs to train on.
  var withPlenty: GrokkingSettings {
    var settings = self
    settings.share = Self.plentyShare
    settings.steps = plentySteps
    return settings
  }

  /// The same without weight decay; the models that are kept are further apart, for little happens.
  var withoutDecay: GrokkingSettings {
    var settings = self
    settings.training.weightDecay = 0
    settings.steps = controlSteps
    settings.interval *= 4
    return settings
  }

  /// The random split into pairs that are trained on and pairs that are held out.
  func split(using random: RandomStream) -> (training: ModularAdditionPairs, heldOut: ModularAdditionPairs) {
    ModularAdditionPairs.split(prime: shape.prime, trainingShare: share, using: random)
  }

  /// Trains, and calls `keep` with the model at every interval, the untrained one included.
  func train(
    _ model: ModularAdditionModel, on pairs: ModularAdditionPairs, progress: (Int) throws -> Void
  ) throws -> [GrokkingSnapshot] {
    var trainer = ModularAdditionTrainer(model, on: pairs, settings: training)
    var snapshots = [GrokkingSnapshot(step: 0, model: model)]
    while trainer.step < steps {
      trainer.advance()
      try progress(trainer.step)
      if trainer.step % interval == 0 || trainer.step == steps {
        snapshots.append(GrokkingSnapshot(step: trainer.step, model: trainer.model))
      }
    }
    return snapshots
  }
}

/// A model in training.
struct GrokkingSnapshot: Sendable {
  let step: Int
  let model: ModularAdditionModel
}
