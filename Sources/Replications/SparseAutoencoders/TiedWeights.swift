// Tied weights (Cunningham et al. 2023, section 2): the encoder is the decoder's transpose, c = ReLU(Mx + b), x̂ = Mᵀc.
//
// On data whose features are known a tied autoencoder finds them as well as an untied one does, in a narrower band of
// penalties, and finds more of them than principal components can.

import Tensors

struct TiedWeights: Experiment {
  let name = "TiedWeights"
  let claims = ["autoencoders.tied.recovery", "autoencoders.tied.untied"]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Recovery.features), "inputs": .int(Recovery.inputs), "latents": .int(Self.latents),
    "penalties": [0.1, 0.3, 1.0, 3.0], "steps": 1_000, "batchSize": 256, "learningRate": 1e-2, "schedule": "cosine",
  ]

  static let latents = 128
  static let penalties: [Float] = [0.1, 0.3, 1, 3]

  /// What an autoencoder found, and how it reconstructs.
  struct Outcome: Sendable {
    var cosines: [Double]
    var unexplained: Double
    var l0: Double
    var recovery: Double { mean(cosines) }
  }

  struct Observation: Sendable {
    /// By penalty.
    var tied: [Outcome]
    var untied: [Outcome]
    var components: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Recovery.known(using: run.random("features"))
    let data = Activations(known, using: run.random("samples"))
    let progress = TrainingProgress(run: run)
    func outcomes(isTied: Bool, _ progress: TrainingProgress) throws -> [Outcome] {
      try Self.penalties.enumerated().map { index, penalty in
        var plan = Recovery.plan(Self.latents, penalty)
        plan.isTied = isTied
        let trained = try plan.train(
          on: data, using: run.random("weights"), progress: progress.part(index, of: Self.penalties.count))
        return Outcome(
          cosines: largestCosines(of: known.directions, in: trained.vectors),
          unexplained: trained.metrics.fvu, l0: trained.metrics.l0)
      }
    }
    return Observation(
      tied: try outcomes(isTied: true, progress.part(0, of: 2)),
      untied: try outcomes(isTied: false, progress.part(1, of: 2)),
      components: largestCosines(of: known.directions, in: try data.components()))
  }

  func readings(_ seed: Observation) -> [Reading] {
    // α = 1, and a tenth of it.
    let (tied, untied, weak) = (seed.tied[2], seed.untied[2], seed.tied[0])
    return [
      Reading(
        claim: "autoencoders.tied.recovery", value: tied.recovery, control: mean(seed.components),
        detail: [
          "smallest": tied.cosines.min() ?? .nan, "unexplained variance": tied.unexplained, "L0": tied.l0,
        ]),
      Reading(
        claim: "autoencoders.tied.untied", value: untied.recovery - tied.recovery,
        control: untied.recovery - weak.recovery,
        detail: ["untied": untied.recovery, "unexplained variance, untied": untied.unexplained]),
    ]
  }
}
