// Five features in two dimensions (Elhage et al. 2022, Introduction and "Perturbing a Single Feature").
//
// With equal importance and a density of 0.05 the best model is a regular pentagon: gaps of 72°, D = 2/5, negative
// biases and norms above one. With importances 0.9^i the number of features represented goes from two over four to five
// as density falls from 1 over 0.2 to 0.1.

import ToyModels

struct Pentagon: Experiment {
  let name = "Pentagon"
  let claims = [
    "superposition.pentagon.gaps", "superposition.pentagon.dimensionality", "superposition.pentagon.norm",
    "superposition.pentagon.negative-bias", "superposition.pentagon.sequence",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": 5, "hidden": 2, "density": 0.05, "restarts": 20, "steps": 3_000, "learningRate": 5e-3,
    "schedule": "cosine", "batchSize": "1,024, in the sequence 512",
    "control": "8 linear models, in the sequence 4, 1,000 steps",
    "sequenceDensities": [1.0, 0.2, 0.1], "sequenceImportance": "0.9^i",
  ]

  struct Observation: Sendable {
    var uniform: TrainedModels
    var linear: TrainedModels
    /// By falling density: 1, 0.2, 0.1.
    var sequence: [TrainedModels]
    var linearSequence: [TrainedModels]
  }

  static let densities: [Float] = [1, 0.2, 0.1]

  private func plan(density: Float, importance: [Float]) -> TrainingPlan {
    TrainingPlan(
      architecture: .reluOutput(features: 5, hidden: 2),
      distribution: FeatureDistribution(features: 5, density: density), importance: importance, restarts: 20,
      settings: SuperpositionTraining(steps: 3_000, learningRate: 5e-3, schedule: .cosine))
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 2 + 2 * Self.densities.count)
    let equal = plan(density: 0.05, importance: geometricImportance(1, 5))
    // Linear models of one density have all the same loss: a few are as good as many.
    var linear = equal.linear
    linear.restarts = 8
    linear.settings.steps = 1_000
    let falling = Self.densities.map { density in
      var plan = plan(density: density, importance: geometricImportance(0.9, 5))
      plan.settings.batchSize = 512
      return plan
    }
    return Observation(
      uniform: try equal.train(&stages, "uniform"),
      linear: try linear.train(&stages, "linear"),
      sequence: try falling.enumerated().map { try $1.train(&stages, "sequence \($0)") },
      linearSequence: try falling.enumerated().map { level, plan in
        var linear = plan.linear
        linear.restarts = 4
        linear.settings.steps = 1_000
        return try linear.train(&stages, "linear sequence \(level)")
      })
  }

  func readings(_ seed: Observation) -> [Reading] {
    let pentagon = seed.uniform.bestGeometry
    let biases = seed.uniform.model.bias(seed.uniform.best)
    // No linear model is better than another: the control is their mean.
    let controls = seed.linear.geometries
    let controlBiases = controls.indices.map { seed.linear.model.bias($0).max() ?? .nan }
    let counts = seed.sequence.map { $0.bestGeometry.represented().count }
    let controlCounts = seed.linearSequence.map { $0.bestGeometry.represented().count }
    return [
      Reading(
        claim: "superposition.pentagon.gaps", value: Self.gapError(pentagon),
        control: mean(controls.map(Self.gapError)),
        detail: ["hit rate": seed.uniform.rate { Self.gapError($0) <= 1 }, "loss": seed.uniform.bestLoss]),
      Reading(
        claim: "superposition.pentagon.dimensionality", value: Self.dimensionalityError(pentagon),
        control: mean(controls.map(Self.dimensionalityError))),
      Reading(
        claim: "superposition.pentagon.norm", value: pentagon.norms.min() ?? .nan,
        control: mean(controls.map { $0.norms.min() ?? .nan })),
      Reading(
        claim: "superposition.pentagon.negative-bias", value: biases.max() ?? .nan, control: mean(controlBiases)),
      Reading(
        claim: "superposition.pentagon.sequence", held: counts == [2, 4, 5], controlHeld: controlCounts == [2, 4, 5],
        detail: [
          "features at density 1": Double(counts[0]), "features at density 0.2": Double(counts[1]),
          "features at density 0.1": Double(counts[2]),
        ]),
    ]
  }

  /// The largest distance of a gap between neighbours from 72°.
  static func gapError(_ geometry: SuperpositionGeometry) -> Double {
    geometry.gaps(between: Array(0..<5)).map { abs($0 - 72) }.max() ?? .nan
  }

  /// The largest distance of a dimensionality from 2/5.
  static func dimensionalityError(_ geometry: SuperpositionGeometry) -> Double {
    geometry.dimensionalities.map { abs($0 - 0.4) }.max() ?? .nan
  }
}
