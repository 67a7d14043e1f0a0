// Jumps between energy levels (Elhage et al. 2022, "Superposition and Learning Dynamics", phenomenon 1).
//
// Twenty features in five dimensions settle into digons, D_i = 1/2. In some models a feature is caught elsewhere, and late
// in training the loss drops while dimensionalities jump. The loss is taken on fixed samples every 100 steps; a drop above
// 30 times the model's median change counts as sudden. How many models jump at all is reported: it is a minority.

import ToyModels

struct LearningDynamics: Experiment {
  let name = "LearningDynamics"
  let claims = ["superposition.dynamics.jumps"]
  let configuration: [String: ConfigurationValue] = [
    "features": 20, "hidden": 5, "density": 0.4, "models": 10, "steps": 10_000, "learningRate": 1e-3,
    "schedule": "constant", "weightDecay": 0.01, "batchSize": 1_024, "interval": 100, "fixedSamples": 20_000,
  ]

  static let interval = 100
  /// Training before this step is the initial descent, in which everything moves.
  static let settled = 1_000

  /// One model on its way: the loss on fixed samples and every feature's dimensionality, at multiples of the interval.
  struct Trajectory: Sendable {
    var losses: [Double]
    /// `[time][feature]`.
    var dimensionalities: [[Double]]

    /// The median |change| of the loss over an interval, once settled.
    var medianChange: Double {
      let start = settled / interval
      let changes = zip(losses, losses.dropFirst()).dropFirst(start).map { abs($1 - $0) }.sorted()
      return changes.isEmpty ? .nan : changes[changes.count / 2]
    }

    /// The intervals, once settled, in which the loss drops suddenly.
    var drops: [Int] {
      let threshold = 30 * medianChange
      return (settled / interval..<losses.count - 1).filter { losses[$0] - losses[$0 + 1] > threshold }
    }

    /// The largest change of a dimensionality around an interval: from the time before it to the time after it.
    func largestChange(around interval: Int) -> Double {
      let (before, after) = (max(interval - 1, 0), min(interval + 2, dimensionalities.count - 1))
      return zip(dimensionalities[before], dimensionalities[after]).map { abs($0 - $1) }.max() ?? .nan
    }
  }

  func observe(_ run: SeedRun) throws -> [Trajectory] {
    let random = run.random("models")
    let distribution = FeatureDistribution(features: 20, density: 0.4)
    let importance = geometricImportance(1, 20)
    let settings = SuperpositionTraining(steps: 10_000)
    let initial = SuperpositionModel(
      .reluOutput(features: 20, hidden: 5), instances: 10, initialization: .xavierOfNotebook,
      using: random.derived("initial"))
    var trainer = SuperpositionTrainer(
      initial, distributions: [distribution], importance: importance, settings: settings, using: random)
    let fixed = random.derived("fixed samples")
    var trajectories = Array(repeating: Trajectory(losses: [], dimensionalities: []), count: 10)
    for step in stride(from: 0, through: settings.steps, by: Self.interval) {
      let model = try trainer.run(to: step) { (_: Double) in try run.checkCancellation() }
      let losses = model.losses([distribution], importance: importance, samples: 20_000, using: fixed)
      for instance in trajectories.indices {
        trajectories[instance].losses.append(losses[instance])
        trajectories[instance].dimensionalities.append(model.geometry(instance).dimensionalities)
      }
      run.report(Double(step) / Double(settings.steps))
    }
    return trajectories
  }

  func readings(_ trajectories: [Trajectory]) -> [Reading] {
    let jumping = trajectories.filter { !$0.drops.isEmpty }
    let changes = trajectories.flatMap { trajectory in trajectory.drops.map { trajectory.largestChange(around: $0) } }
    // The control looks at the same models, at as many intervals as far as possible from a drop.
    let calm = jumping.flatMap { trajectory in
      Self.calmIntervals(trajectory, count: trajectory.drops.count).map { trajectory.largestChange(around: $0) }
    }
    return [
      Reading(
        claim: "superposition.dynamics.jumps", value: Self.fractionOfJumps(changes),
        control: Self.fractionOfJumps(calm),
        detail: [
          "models that jump": Double(jumping.count), "models": Double(trajectories.count),
          "sudden drops": Double(changes.count),
        ])
    ]
  }

  /// The fraction of changes that are jumps; NaN, not measured, when there is none to look at.
  static func fractionOfJumps(_ changes: [Double]) -> Double {
    Double(changes.count { $0 >= 0.2 }) / Double(changes.count)
  }

  /// Intervals once settled that are far from every drop, the farthest first.
  static func calmIntervals(_ trajectory: Trajectory, count: Int) -> [Int] {
    let drops = trajectory.drops
    func distance(_ interval: Int) -> Int { drops.map { abs($0 - interval) }.min() ?? .max }
    return (settled / interval..<trajectory.losses.count - 1)
      .sorted { (distance($0), $1) > (distance($1), $0) }
      .prefix(count).sorted()
  }
}
