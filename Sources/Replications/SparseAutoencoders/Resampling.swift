// Resampling dead latents (Bricken et al. 2023, appendix on training): latents that have not been active for long restart
// at inputs that are badly reconstructed, drawn by the square of their loss.
//
// At gentle learning rates no latent dies here that is needed, so there is nothing to resample: that is the control. Too
// high a rate kills half of them before it has fallen, and resampling brings some of them back.

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

  struct Observation: Sendable {
    /// Without resampling and with it.
    var fast: [Course]
    var gentle: [Course]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Recovery.known(using: run.random("features"))
    let data = Activations(known, using: run.random("samples"))
    let progress = TrainingProgress(run: run)
    func courses(_ rate: Float, _ progress: TrainingProgress) throws -> [Course] {
      try [false, true].enumerated().map { index, isResampling in
        try Self.course(
          rate, isResampling: isResampling, data, known.directions, run.random("weights"), progress.part(index, of: 2))
      }
    }
    return Observation(
      fast: try courses(0.1, progress.part(0, of: 2)), gentle: try courses(0.01, progress.part(1, of: 2)))
  }

  private static func course(
    _ rate: Float, isResampling: Bool, _ data: Activations, _ truth: Tensor, _ random: RandomStream,
    _ progress: TrainingProgress
  ) throws -> Course {
    var plan = DictionaryPlan(latents: latents, sparsity: .sum(0.2))
    (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
    (plan.learningRate, plan.schedule, plan.steps) = (rate, .linearDecay(over: steps), steps)
    if isResampling { plan.resampling = .init(.bricken(), every: 150, window: window, last: 1_125) }
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
    let (fast, gentle) = (seed.fast, seed.gentle)
    return [
      Reading(
        claim: "autoencoders.resampling.dead", value: fast[0].deadShare - fast[1].deadShare,
        control: gentle[0].deadShare - gentle[1].deadShare,
        detail: [
          "dead without": fast[0].deadShare, "dead with": fast[1].deadShare,
          "resampled": Double(fast[1].resampled), "resampled, gentle": Double(gentle[1].resampled),
        ]),
      Reading(
        claim: "autoencoders.resampling.loss", value: fast[1].loss / fast[0].loss,
        control: gentle[1].loss / gentle[0].loss,
        detail: ["recovery without": fast[0].recovery, "recovery with": fast[1].recovery]),
    ]
  }
}
