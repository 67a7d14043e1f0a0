// Jumps between energy levels (Elhage et al. 2022, "Superposition and Learning Dynamics", phenomenon 1).
//
// Twenty features in five dimensions settle into digons, D_i = 1/2. In some models a feature is caught elsewhere, and
// after the loss has come to rest it drops once more while dimensionalities jump. The loss is taken on fixed samples
// every 100 steps; intervals in which it falls by more than 30 times the model's median change make up a drop, which
// lasts until there has been none for 500 steps. The first drop, from the untrained model, is the initial descent and
// does not count. How many models jump at all is reported: it is a minority, larger the longer one waits; twice the
// notebook's rate halves the wait.

import ToyModels

struct LearningDynamics: Experiment {
  let name = "LearningDynamics"
  let claims = ["superposition.dynamics.jumps"]
  let configuration: [String: ConfigurationValue] = [
    "features": 20, "hidden": 5, "density": 0.4, "models": .int(Self.models), "steps": .int(Self.steps),
    "learningRate": 2e-3, "schedule": "constant", "weightDecay": 0.01, "batchSize": 1_024,
    "interval": .int(Self.interval),
    "fixedSamples": .int(Self.fixedSamples),
  ]

  static let models = 16
  static let steps = 5_500
  static let interval = 100
  static let fixedSamples = 10_000
  /// The loss is at rest when it has not fallen suddenly for as many intervals.
  static let rest = 5

  /// One model on its way: the loss on fixed samples and every feature's dimensionality, at multiples of the interval.
  struct Trajectory: Sendable {
    var losses: [Double]
    /// `[time][feature]`.
    var dimensionalities: [[Double]]

    /// The median |change| of the loss over an interval in the second half, when most models are at rest.
    var medianChange: Double {
      let changes = zip(losses, losses.dropFirst()).dropFirst(losses.count / 2).map { abs($1 - $0) }.sorted()
      return changes.isEmpty ? .nan : changes[changes.count / 2]
    }

    /// The sudden drops of the loss after the initial descent, each as the run of intervals over which it falls, up to
    /// where it comes to rest.
    var drops: [Range<Int>] {
      let threshold = 30 * medianChange
      var runs: [Range<Int>] = []
      for interval in 0..<max(losses.count - 1, 0) where losses[interval] - losses[interval + 1] > threshold {
        if let last = runs.last, interval - last.upperBound < rest {
          runs[runs.count - 1] = last.lowerBound..<interval + 1
        } else {
          runs.append(interval..<interval + 1)
        }
      }
      return runs.filter { $0.lowerBound > 0 }
    }

    /// How far each dimensionality moves over a run of intervals and the ones on either side of it.
    func changes(around run: Range<Int>) -> [Double] {
      let (before, after) = (max(run.lowerBound - 1, 0), min(run.upperBound + 1, dimensionalities.count - 1))
      return zip(dimensionalities[before], dimensionalities[after]).map { abs($0 - $1) }
    }

    /// The largest change of a dimensionality over a run of intervals and the ones on either side of it.
    func largestChange(around run: Range<Int>) -> Double { changes(around: run).max() ?? .nan }

    /// For each drop a run of the same length, as far from all drops and from the initial descent as there is room;
    /// none for a drop when every such run would touch one of them.
    var calmRuns: [Range<Int>] {
      let busy = [0..<(losses.count / 4)] + drops
      return drops.compactMap { drop -> Range<Int>? in
        let starts = 0...max(losses.count - 1 - drop.count, 0)
        func distance(_ start: Int) -> Int {
          busy.map { max($0.lowerBound - (start + drop.count), start - $0.upperBound) }.min() ?? 0
        }
        guard let start = starts.max(by: { distance($0) < distance($1) }), distance(start) > 0 else { return nil }
        return start..<start + drop.count
      }
    }
  }

  func observe(_ run: SeedRun) throws -> [Trajectory] {
    let random = run.random("models")
    let distribution = FeatureDistribution(features: 20, density: 0.4)
    let importance = geometricImportance(1, 20)
    let settings = SuperpositionTraining(steps: Self.steps, learningRate: 2e-3)
    let initial = SuperpositionModel(
      .reluOutput(features: 20, hidden: 5), instances: Self.models, initialization: .xavierOfNotebook,
      using: random.derived("initial"))
    var trainer = SuperpositionTrainer(
      initial, distributions: [distribution], importance: importance, settings: settings, using: random)
    let fixed = random.derived("fixed samples")
    var trajectories = Array(repeating: Trajectory(losses: [], dimensionalities: []), count: Self.models)
    for step in stride(from: 0, through: settings.steps, by: Self.interval) {
      let model = try trainer.run(to: step) { (_: Double) in try run.checkCancellation() }
      let losses = model.losses([distribution], importance: importance, samples: Self.fixedSamples, using: fixed)
      for instance in trajectories.indices {
        trajectories[instance].losses.append(losses[instance])
        trajectories[instance].dimensionalities.append(model.geometry(instance).dimensionalities)
      }
      run.report(Double(step) / Double(settings.steps))
    }
    return trajectories
  }

  func readings(_ trajectories: [Trajectory]) -> [Reading] {
    let changes = trajectories.flatMap { trajectory in trajectory.drops.map { trajectory.largestChange(around: $0) } }
    let calm = trajectories.flatMap { trajectory in
      trajectory.calmRuns.map { trajectory.largestChange(around: $0) }
    }
    return [
      Reading(
        claim: "superposition.dynamics.jumps", held: changes.contains(where: Self.isJump),
        controlHeld: calm.contains(where: Self.isJump),
        detail: [
          "models": Double(trajectories.count), "sudden drops": Double(changes.count),
          "drops that are jumps": Double(changes.count(where: Self.isJump)),
          "models that jump": Double(
            trajectories.count { model in model.drops.contains { Self.isJump(model.largestChange(around: $0)) } }),
        ])
    ]
  }

  /// Whether a change of a dimensionality is one from level to level.
  static func isJump(_ change: Double) -> Bool { change >= 0.3 }
}
