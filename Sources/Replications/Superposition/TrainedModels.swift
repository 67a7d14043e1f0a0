// How every experiment here trains: many models at once, and the best of them by loss.
//
// Selection is part of the published method (ten models a point of the phase diagram, "fitting each model multiple
// times and taking the solution with the lowest loss", the best of 1,000). It looks at the loss on held-out samples and
// at nothing else; how many restarts came out alike is reported as a hit rate.

import Tensors
import ToyModels

/// Models that were trained under the same settings, and their losses on common held-out samples.
struct TrainedModels: Sendable {
  let model: SuperpositionModel
  /// The paper's loss of each instance, E Σ_i I_i (t_i − y_i)², on samples that training never saw.
  let losses: [Double]

  /// The instance with the lowest held-out loss; one whose training diverged is never the best while another did not.
  var best: Int { losses.indices.filter { losses[$0].isFinite }.min { losses[$0] < losses[$1] } ?? 0 }

  /// The lowest held-out loss.
  var bestLoss: Double { losses[best] }

  /// The geometry of the best instance.
  var bestGeometry: SuperpositionGeometry { model.geometry(best) }

  /// The geometries of all instances.
  var geometries: [SuperpositionGeometry] { (0..<model.instances).map { model.geometry($0) } }

  /// The fraction of instances for which a condition holds.
  func rate(_ holds: (SuperpositionGeometry) -> Bool) -> Double {
    Double(geometries.count(where: holds)) / Double(model.instances)
  }
}

/// What a set of models is trained on and how.
struct TrainingPlan: Sendable {
  var architecture: SuperpositionArchitecture
  var distribution: FeatureDistribution
  var importance: [Float]
  var restarts: Int
  var settings: SuperpositionTraining
  var initialization = SuperpositionModel.Initialization.xavier
  /// Held-out samples that decide which restart is the best.
  var heldOut = 20_000

  /// The same plan with the linear model in place of the ReLU output model: the usual control.
  var linear: TrainingPlan {
    var plan = self
    plan.architecture = .linear(features: architecture.features, hidden: architecture.hidden)
    return plan
  }

  /// Trains the models; the label names their random streams within the seed.
  func train(_ stages: inout Stages, _ label: String) throws -> TrainedModels {
    let random = stages.run.random(label)
    let initial = SuperpositionModel(
      architecture, instances: restarts, initialization: initialization, using: random.derived("initial"))
    var trainer = SuperpositionTrainer(
      initial, distributions: [distribution], importance: importance, settings: settings, using: random)
    let model = try trainer.run { fraction in try stages.progress(fraction) }
    stages.finish()
    return TrainedModels(
      model: model,
      losses: model.losses(
        [distribution], importance: importance, samples: heldOut, using: random.derived("held out")))
  }
}

/// Progress through the trainings of one seed, each counted alike.
struct Stages {
  let run: SeedRun
  private let count: Int
  private var done = 0

  init(_ run: SeedRun, count: Int) {
    self.run = run
    self.count = count
  }

  /// Reports how far the present training is, and ends it when the run has been cancelled.
  func progress(_ fraction: Double) throws {
    try run.checkCancellation()
    run.report((Double(done) + fraction) / Double(count))
  }

  /// Marks the present training as done.
  mutating func finish() { done += 1 }
}

/// The importances base^0, base^1, … of `count` features.
func geometricImportance(_ base: Float, _ count: Int) -> [Float] {
  var importance: [Float] = []
  var next: Float = 1
  for _ in 0..<count {
    importance.append(next)
    next *= base
  }
  return importance
}
