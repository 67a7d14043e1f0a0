// The bias before the encoder (Bricken et al. 2023, appendix on training): activations of real networks do not lie around
// the origin, so the decoder's bias, which starts at their geometric median, is subtracted before the encoder sees them.
//
// The same features as elsewhere plus a constant vector of growing length, for three autoencoders: with the pre-encoder
// bias, with a bias that is only added to reconstructions and starts at zero, and with none. The encoder's own bias could
// undo any offset; the question is what training finds.

import Tensors

struct EncoderBias: Experiment {
  let name = "EncoderBias"
  let claims = ["autoencoders.bias.offset"]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Recovery.features), "inputs": .int(Recovery.inputs), "latents": .int(Self.latents),
    "alpha": 0.3, "offsets": .numbers(Self.offsets.map { Double($0) }), "steps": 1_000, "batchSize": 256,
    "learningRate": 1e-2, "schedule": "cosine",
  ]

  static let latents = 64
  static let offsets: [Float] = [0, 1, 2, 4]
  /// The offset at which the claim is read; the control is the first.
  static let claimed = 2

  /// What is done about an offset.
  enum Arm: CaseIterable, Sendable {
    case preEncoder, output, none

    var plan: DictionaryPlan {
      var plan = Recovery.plan(EncoderBias.latents, 0.3)
      switch self {
      case .preEncoder: (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
      case .output: plan.decoderBias = .output
      case .none: break
      }
      return plan
    }
  }

  /// What an autoencoder found, and how it reconstructs.
  struct Outcome: Sendable {
    var recovery: Double
    var unexplained: Double
    var deadShare: Double
  }

  struct Observation: Sendable {
    /// By arm, then by offset.
    var outcomes: [[Outcome]]
    /// The mean length of a sample without its offset.
    var meanNorm: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Recovery.known(using: run.random("features"))
    let data = Activations(known, using: run.random("samples"))
    let direction = unitVectors(1, Recovery.inputs, using: run.random("offset")).reshaped([Recovery.inputs])
    let progress = TrainingProgress(run: run)
    let outcomes = try Arm.allCases.enumerated().map { row, arm in
      try Self.offsets.enumerated().map { column, offset in
        let trained = try arm.plan.train(
          on: data.shifted(by: direction * offset), using: run.random("weights"),
          progress: progress.part(row * Self.offsets.count + column, of: 3 * Self.offsets.count))
        return Outcome(
          recovery: mean(largestCosines(of: known.directions, in: trained.vectors)),
          unexplained: trained.metrics.fvu, deadShare: trained.metrics.deadFraction)
      }
    }
    return Observation(outcomes: outcomes, meanNorm: Double(data.heldOut.norm(axis: 1).mean()))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (with, without) = (seed.outcomes[0], seed.outcomes[1])
    func gain(_ offset: Int) -> Double { with[offset].recovery - without[offset].recovery }
    return [
      Reading(
        claim: "autoencoders.bias.offset", value: gain(Self.claimed), control: gain(0),
        detail: [
          "with": with[Self.claimed].recovery, "without": without[Self.claimed].recovery,
          "no bias at all": seed.outcomes[2][Self.claimed].recovery,
          "dead without, offset 4": without[3].deadShare, "dead with, offset 4": with[3].deadShare,
          "mean norm": seed.meanNorm,
        ])
    ]
  }
}
