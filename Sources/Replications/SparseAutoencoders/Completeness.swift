// Which features a dictionary has (Templeton et al. 2024, "Feature Completeness"), and how much of it is dead.
//
// Features of widely different frequency and dictionaries of growing size, at one penalty and one number of steps. The
// paper asks which London boroughs and chemical elements have a feature; here it is known which features there are.
//
// At the gentle learning rate of all other experiments hardly any latent dies. The paper's authors put their dead latents
// down to training that could be better, so their growth with size is looked at where training is rough.

import Tensors

struct Completeness: Experiment {
  let name = "Completeness"
  let claims = [
    "autoencoders.completeness.frequency", "autoencoders.completeness.threshold", "autoencoders.dead.size",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Recovery.features), "inputs": .int(Recovery.inputs), "active": 2, "decay": 0.95,
    "latents": .array(Self.sizes.map { .int($0) }), "penalty": 0.3, "steps": 1_000, "batchSize": 256,
    "learningRate": 1e-2, "schedule": "cosine", "decoderBias": "pre-encoder", "found": "cosine above 0.9",
    "rough": "32, 64 and 128 latents, learning rate 0.06, linear to zero",
  ]

  static let sizes = [16, 32, 64, 128, 256]
  /// The dictionaries that are trained roughly too, by place in `sizes`.
  static let rough = 1...3

  /// One dictionary.
  struct Outcome: Sendable {
    var latents: Int
    /// The largest cosine of each feature with a dictionary vector.
    var cosines: [Double]
    var deadShare: Double

    /// Which features the dictionary has.
    var has: [Bool] { cosines.map { $0 > 0.9 } }
    /// The number of latents that are not dead.
    var living: Double { Double(latents) * (1 - deadShare) }
  }

  struct Observation: Sendable {
    /// The share of samples in which each feature is active.
    var frequencies: [Double]
    /// By size.
    var outcomes: [Outcome]
    /// The share of dead latents after rough training, by size.
    var roughDead: [Double]
    /// 32 principal components in place of the dictionary of 32 latents.
    var components: Outcome
    /// A dictionary of 32 latents of data in which the same features are all equally frequent.
    var equal: Outcome
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Recovery.known(decay: 0.95, using: run.random("features"))
    let samples = known.samples(32_768, using: run.random("samples"))
    let data = Activations(
      pool: samples.activations, heldOut: known.samples(8_192, using: run.random("held out")).activations)
    let progress = TrainingProgress(run: run)
    func outcome(_ size: Int, _ data: Activations, _ progress: TrainingProgress) throws -> Outcome {
      var plan = DictionaryPlan(latents: size, sparsity: .sum(0.3))
      (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
      let trained = try plan.train(on: data, using: run.random("weights \(size)"), progress: progress)
      return Outcome(
        latents: size, cosines: largestCosines(of: known.directions, in: trained.vectors),
        deadShare: trained.metrics.deadFraction)
    }
    let outcomes = try Self.sizes.enumerated().map { index, size in
      try outcome(size, data, progress.part(index, of: Self.sizes.count + 2))
    }
    let roughDead = try Self.rough.map { index in
      var plan = DictionaryPlan(latents: Self.sizes[index], sparsity: .sum(0.3))
      (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
      (plan.learningRate, plan.schedule) = (0.06, .linearDecay(over: plan.steps))
      return try plan.train(
        on: data, using: run.random("weights \(Self.sizes[index])"),
        progress: progress.part(Self.sizes.count, of: Self.sizes.count + 2)
      ).metrics.deadFraction
    }
    // The same directions, and the same correlations.
    let even = Activations(
      Recovery.known(decay: 1, using: run.random("features")), using: run.random("equal frequencies"))
    let equal = try outcome(Self.sizes[1], even, progress.part(Self.sizes.count + 1, of: Self.sizes.count + 2))
    let components = try data.components().slice(axis: 0, 0..<32)
    return Observation(
      frequencies: samples.frequencies, outcomes: outcomes, roughDead: roughDead,
      components: Outcome(
        latents: 32, cosines: largestCosines(of: known.directions, in: components), deadShare: 0),
      equal: equal)
  }

  /// The probability that a feature which the dictionary has is more frequent than one which it lacks; ties count half.
  ///
  /// Not a number where the dictionary has all features or none.
  static func probabilityOfMoreFrequent(_ frequencies: [Double], has: [Bool]) -> Double {
    let present = frequencies.indices.filter { has[$0] }.map { frequencies[$0] }
    let absent = frequencies.indices.filter { !has[$0] }.map { frequencies[$0] }
    let wins = present.reduce(0) { sum, frequency in
      sum + absent.reduce(0) { $0 + ($1 < frequency ? 1 : $1 == frequency ? 0.5 : 0) }
    }
    return wins / Double(present.count * absent.count)
  }

  /// The frequency of the n-th most frequent feature, where the dictionary has n; of the first where it has none.
  static func threshold(_ frequencies: [Double], has: [Bool]) -> Double {
    frequencies.sorted(by: >)[max(has.count { $0 } - 1, 0)]
  }

  func readings(_ seed: Observation) -> [Reading] {
    func rescaled(_ outcome: Outcome) -> Double {
      Self.threshold(seed.frequencies, has: outcome.has) * outcome.living
    }
    let dead = seed.outcomes.map(\.deadShare)
    let half = seed.outcomes[1]
    return [
      Reading(
        claim: "autoencoders.completeness.frequency",
        value: Self.probabilityOfMoreFrequent(seed.frequencies, has: half.has),
        control: Self.probabilityOfMoreFrequent(seed.frequencies, has: seed.equal.has),
        detail: [
          "features found": Double(half.has.count { $0 }),
          "features found, equal frequencies": Double(seed.equal.has.count { $0 }),
        ]),
      Reading(
        claim: "autoencoders.completeness.threshold", value: rescaled(half), control: rescaled(seed.components),
        detail: ["with 16 latents": rescaled(seed.outcomes[0]), "with 64 latents": rescaled(seed.outcomes[2])]),
      Reading(
        claim: "autoencoders.dead.size", value: seed.roughDead[2] - seed.roughDead[0], control: dead[3] - dead[1],
        detail: [
          "with 32 latents": seed.roughDead[0], "with 64 latents": seed.roughDead[1],
          "with 128 latents": seed.roughDead[2], "gentle with 128 latents": dead[3],
          "gentle with 256 latents": dead[4],
        ]),
    ]
  }
}
