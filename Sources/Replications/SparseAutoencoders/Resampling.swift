// Resampling dead latents (Bricken et al. 2023, appendix on training): latents that have not been active for long restart
// at inputs that are badly reconstructed, drawn by the square of their loss.
//
// At gentle learning rates no latent dies here that is needed. Too high a rate kills half of them before it has fallen, and
// resampling brings some of them back. The control restarts as many latents at the same times in the same way, but drawn
// from all of them, whether dead or alive.

import Tensors
import ToyModels

struct Resampling: Experiment {
  let name = "Resampling"
  let claims = ["autoencoders.resampling.dead", "autoencoders.resampling.loss"]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Recovery.features), "inputs": .int(Recovery.inputs), "latents": .int(Self.latents),
    "penalty": 0.2, "steps": .int(Self.steps), "batchSize": 256, "learningRates": [0.1, 0.01],
    "schedule": "linear to zero", "every": 150, "window": 75, "last": 1_125, "decoderBias": "pre-encoder",
  ]

  static let latents = 64
  static let steps = 1_500
  static let window = 75
  /// Training is looked at in intervals of so many steps.
  static let interval = 25

  /// One training, with its dead latents along the way.
  struct Course: Sendable {
    /// Latents that were not active in the last 75 steps, as a share, every 25 steps.
    var dead: [Double]
    var deadShare: Double
    var loss: Double
    var recovery: Double
    var resampled: Int
  }

  /// What becomes of latents on the way.
  enum Arm: Int, CaseIterable, Sendable {
    /// Nothing.
    case none
    /// The dead restart at inputs drawn by the square of their loss.
    case dead
    /// As many as are dead, drawn from all, restart there.
    case any
    /// The dead restart at random directions, as long as the others.
    case deadAnywhere
  }

  struct Observation: Sendable {
    /// By arm, at the high rate.
    var fast: [Course]
    /// At the gentle rate, without resampling.
    var gentle: Course
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Recovery.known(using: run.random("features"))
    let data = Activations(known, using: run.random("samples"))
    let progress = TrainingProgress(run: run)
    let count = Arm.allCases.count + 1
    return Observation(
      fast: try Arm.allCases.map { arm in
        try Self.course(0.1, arm, data, known.directions, run.random("weights"), progress.part(arm.rawValue, of: count))
      },
      gentle: try Self.course(
        0.01, .none, data, known.directions, run.random("weights"), progress.part(count - 1, of: count)))
  }

  private static func course(
    _ rate: Float, _ arm: Arm, _ data: Activations, _ truth: Tensor, _ random: RandomStream,
    _ progress: TrainingProgress
  ) throws -> Course {
    var plan = DictionaryPlan(latents: latents, sparsity: .sum(0.2))
    (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
    (plan.learningRate, plan.schedule, plan.steps) = (rate, .linearDecay(over: steps), steps)
    if arm != .none {
      let scheme: SparseAutoencoderTraining.Resampling.Scheme =
        arm == .deadAnywhere ? .randomDirection(encoderScale: 0.2) : .bricken()
      plan.resampling = .init(scheme, every: 150, window: window, last: 1_125)
      plan.resamplesAnyLatents = arm == .any
    }
    var dead: [Double] = []
    var resampled = 0
    let trained = try plan.train(on: data, using: random, progress: progress) { step, trainer in
      guard (step + 1) % interval == 0 else { return }
      dead.append(Double(trainer.deadLatents(window: window).count) / Double(latents))
      resampled = trainer.resampledLatents
    }
    return Course(
      dead: dead, deadShare: trained.metrics.deadFraction, loss: trained.loss,
      recovery: mean(largestCosines(of: truth, in: trained.vectors)), resampled: resampled)
  }

  func readings(_ seed: Observation) -> [Reading] {
    func course(_ arm: Arm) -> Course { seed.fast[arm.rawValue] }
    let (none, dead, any) = (course(.none), course(.dead), course(.any))
    return [
      Reading(
        claim: "autoencoders.resampling.dead", value: none.deadShare - dead.deadShare,
        control: none.deadShare - any.deadShare,
        detail: [
          "dead without": none.deadShare, "dead with": dead.deadShare, "resampled": Double(dead.resampled),
          "dead with any resampled": any.deadShare, "dead with random directions": course(.deadAnywhere).deadShare,
          "dead at the gentle rate": seed.gentle.deadShare,
        ]),
      Reading(
        claim: "autoencoders.resampling.loss", value: dead.loss / none.loss, control: any.loss / none.loss,
        detail: [
          "recovery without": none.recovery, "recovery with": dead.recovery,
          "with random directions": course(.deadAnywhere).loss / none.loss,
          "recovery at the gentle rate": seed.gentle.recovery, "at the gentle rate": seed.gentle.loss / none.loss,
        ]),
    ]
  }
}
