// The bias before the encoder (Bricken et al. 2023, appendix on training): activations of real networks do not lie around
// the origin, so the decoder's bias, which starts at their geometric median, is subtracted before the encoder sees them.
//
// That is two things at once, a subtraction and a start. The same features as elsewhere plus a constant vector of growing
// length are given to autoencoders with either, both and neither. A bias that is only added can start as the same function
// too, if the encoder's bias takes the median away: then nothing but training differs.

import Tensors

struct EncoderBias: Experiment {
  let name = "EncoderBias"
  let claims = ["autoencoders.bias.offset", "autoencoders.bias.subtraction", "autoencoders.bias.start"]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Recovery.features), "inputs": .int(Recovery.inputs), "latents": .int(Self.latents),
    "alpha": 0.3, "offsets": .numbers(Self.offsets.map { Double($0) }), "steps": 1_000, "batchSize": 256,
    "learningRate": 1e-2, "schedule": "cosine",
  ]

  static let latents = 64
  static let offsets: [Float] = [0, 1, 2, 4]
  /// Where claims are read, by place in `offsets`; the control is the first.
  static let claimed = 2, farthest = 3

  /// What is done about an offset.
  enum Arm: Int, CaseIterable, Sendable {
    /// The decoder's bias starts at the geometric median and is subtracted before the encoder.
    case subtractedFromMedian
    /// It is only added to reconstructions and starts at zero.
    case addedFromZero
    /// There is none.
    case none
    /// It is subtracted and starts at zero.
    case subtractedFromZero
    /// It is only added and starts at the median.
    case addedFromMedian
    /// The same with an encoder bias that makes the autoencoder the same function at the start as with subtraction.
    case addedFromSameFunction

    var plan: DictionaryPlan {
      var plan = Recovery.plan(EncoderBias.latents, 0.3)
      switch self {
      case .subtractedFromMedian, .subtractedFromZero: plan.decoderBias = .preEncoder
      case .addedFromZero, .addedFromMedian, .addedFromSameFunction: plan.decoderBias = .output
      case .none: break
      }
      switch self {
      case .subtractedFromMedian, .addedFromMedian, .addedFromSameFunction: plan.startsAtMedian = true
      case .subtractedFromZero, .addedFromZero, .none: break
      }
      plan.encoderStartsAtMedian = self == .addedFromSameFunction
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
          progress: progress.part(row * Self.offsets.count + column, of: Arm.allCases.count * Self.offsets.count))
        return Outcome(
          recovery: mean(largestCosines(of: known.directions, in: trained.vectors)),
          unexplained: trained.metrics.fvu, deadShare: trained.metrics.deadFraction)
      }
    }
    return Observation(outcomes: outcomes, meanNorm: Double(data.heldOut.norm(axis: 1).mean()))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func recovery(_ arm: Arm, _ offset: Int) -> Double { seed.outcomes[arm.rawValue][offset].recovery }
    func dead(_ arm: Arm, _ offset: Int) -> Double { seed.outcomes[arm.rawValue][offset].deadShare }
    /// How much more the published bias recovers than another does.
    func gain(over arm: Arm, _ offset: Int) -> Double {
      recovery(.subtractedFromMedian, offset) - recovery(arm, offset)
    }
    return [
      Reading(
        claim: "autoencoders.bias.offset", value: gain(over: .addedFromZero, Self.claimed),
        control: gain(over: .addedFromZero, 0),
        detail: [
          "with": recovery(.subtractedFromMedian, Self.claimed), "without": recovery(.addedFromZero, Self.claimed),
          "no bias at all": recovery(.none, Self.claimed),
          "dead without, offset 4": dead(.addedFromZero, Self.farthest),
          "dead with, offset 4": dead(.subtractedFromMedian, Self.farthest), "mean norm": seed.meanNorm,
        ]),
      Reading(
        claim: "autoencoders.bias.subtraction", value: gain(over: .addedFromSameFunction, Self.farthest),
        control: gain(over: .addedFromSameFunction, 0),
        detail: [
          "subtracted, offset 4": recovery(.subtractedFromMedian, Self.farthest),
          "added, offset 4": recovery(.addedFromSameFunction, Self.farthest),
          "subtracted, offset 2": recovery(.subtractedFromMedian, Self.claimed),
          "added, offset 2": recovery(.addedFromSameFunction, Self.claimed),
          "added from the median alone, offset 2": recovery(.addedFromMedian, Self.claimed),
          "dead, added, offset 4": dead(.addedFromSameFunction, Self.farthest),
        ]),
      Reading(
        claim: "autoencoders.bias.start", value: gain(over: .subtractedFromZero, Self.farthest),
        control: gain(over: .subtractedFromZero, 0),
        detail: [
          "from zero, offset 4": recovery(.subtractedFromZero, Self.farthest),
          "from zero, offset 2": recovery(.subtractedFromZero, Self.claimed),
        ]),
    ]
  }
}
