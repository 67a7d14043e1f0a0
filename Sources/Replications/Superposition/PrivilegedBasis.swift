// A ReLU on the hidden layer gives it a privileged basis (Elhage et al. 2022, "Superposition in a Privileged Basis").
//
// x′ = ReLU(Wᵀ ReLU(W x) + b) with ten features of importance 0.75^i in five neurons. Dense: every neuron is a feature.
// Sparse: every neuron is shared. The paper trains 1,000 models for each sparsity and shows the best; here it is the
// best of a dozen when dense and of 128 when sparse.

import ToyModels

struct PrivilegedBasis: Experiment {
  let name = "PrivilegedBasis"
  let claims = ["superposition.privileged.dense", "superposition.privileged.sparse"]
  let configuration: [String: ConfigurationValue] = [
    "features": 10, "hidden": 5, "importance": "0.75^i", "densities": [0.75, 0.03], "restarts": .int(Self.restarts),
    "denseRestarts": .int(Self.denseRestarts), "controlRestarts": .int(Self.controlRestarts),
    "steps": 2_000,
    "learningRate": 1e-2, "schedule": "cosine", "batchSize": "1,024, when sparse 256",
    "monosemantic": "no second |W| of 1/5 of the largest",
  ]

  /// How many models the best is chosen from when features are sparse.
  static let restarts = 128
  /// The same when they are dense and two models of three have five monosemantic neurons.
  static let denseRestarts = 12
  static let controlRestarts = 8

  struct Observation: Sendable {
    var dense: TrainedModels
    var sparse: TrainedModels
    /// The dense model without the hidden ReLU.
    var unprivileged: TrainedModels
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 3)
    var plan = TrainingPlan(
      architecture: .reluHidden(features: 10, hidden: 5),
      distribution: FeatureDistribution(features: 10, density: 0.75), importance: geometricImportance(0.75, 10),
      restarts: Self.denseRestarts, settings: SuperpositionTraining(steps: 2_000, learningRate: 1e-2, schedule: .cosine)
    )
    let dense = try plan.train(&stages, "dense")
    plan.distribution = FeatureDistribution(features: 10, density: 0.03)
    plan.restarts = Self.restarts
    plan.settings.batchSize = 256
    let sparse = try plan.train(&stages, "sparse")
    plan.distribution = FeatureDistribution(features: 10, density: 0.75)
    plan.architecture = .reluOutput(features: 10, hidden: 5)
    plan.restarts = Self.controlRestarts
    plan.settings.batchSize = 1_024
    return Observation(dense: dense, sparse: sparse, unprivileged: try plan.train(&stages, "unprivileged"))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func count(_ models: TrainedModels) -> Double { Double(monosemanticNeurons(models.bestGeometry.directions)) }
    return [
      Reading(
        claim: "superposition.privileged.dense", value: count(seed.dense), control: count(seed.unprivileged),
        detail: ["hit rate": seed.dense.rate { monosemanticNeurons($0.directions) == 5 }]),
      Reading(
        claim: "superposition.privileged.sparse", value: count(seed.sparse), control: count(seed.dense),
        detail: ["hit rate": seed.sparse.rate { monosemanticNeurons($0.directions) == 0 }]),
    ]
  }
}

/// The number of neurons that read a single feature: no second |W| reaches a fifth of the largest.
///
/// A neuron without weights reads nothing and does not count.
func monosemanticNeurons(_ directions: [[Double]]) -> Int {
  let neurons = directions.first?.count ?? 0
  return (0..<neurons).count { neuron in
    let weights = directions.map { abs($0[neuron]) }.sorted(by: >)
    return weights[0] > 0.05 && (weights.count < 2 || weights[1] < 0.2 * weights[0])
  }
}
