// The training step of the ReLU output model, drawing of the data included: AdamW, batch 1024, S = 0.99, I_i = 0.9^i.

import Tensors
import ToyModels

extension Bench {
  /// Instances, features and hidden dimensions of each case; the peers' scripts have the same.
  private static let sizes = [(10, 5, 2), (8, 20, 5), (20, 80, 20)]
  private static let densities: [Float] = [0.01, 0.1, 1]

  static func superpositionSteps() {
    for (instances, features, hidden) in sizes {
      for density in densities {
        var trainer = trainer(instances: instances, features: features, hidden: hidden, density: density)
        let name =
          "tms.swift.I\(instances)_F\(features)_h\(hidden)_B1024_step" + (density == 0.01 ? "" : ".p\(density)")
        measure(name, work: Double(12 * instances * 1024 * features * hidden), unit: "flop") {
          for instance in 0..<instances { trainer.step(instance) }
        }
      }
    }
  }

  /// Trains every case for a number of steps of a small batch.
  static func takeSteps(_ count: Int) {
    for (instances, features, hidden) in sizes {
      for density in densities {
        var trainer = trainer(instances: instances, features: features, hidden: hidden, density: density, batch: 64)
        for _ in 0..<count { for instance in 0..<instances { trainer.step(instance) } }
      }
    }
  }

  private static func trainer(
    instances: Int, features: Int, hidden: Int, density: Float, batch: Int = 1024
  ) -> SuperpositionTrainer {
    let random = RandomStream(seed: 0)
    let model = SuperpositionModel(
      .reluOutput(features: features, hidden: hidden), instances: instances,
      initialization: .normal(standardDeviation: 0.3), using: random)
    var importance: [Float] = [1]
    while importance.count < features { importance.append(importance[importance.count - 1] * 0.9) }
    return SuperpositionTrainer(
      model, distributions: [FeatureDistribution(features: features, density: density)], importance: importance,
      settings: SuperpositionTraining(steps: .max, batchSize: batch), using: random)
  }
}
