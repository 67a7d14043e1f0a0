// Recovery where chance helps less: 128 features in 64 dimensions, three active on average, all equally frequent.
//
// The map of recovery (Recovery.swift) is in 32 dimensions, where random vectors have a mean max cosine of 0.45 and those of
// Gaussian data 0.55. Here, where the bounds of these claims were measured in a prototype, they have 0.32 and 0.39.

import Tensors

struct WiderSpace: Experiment {
  let name = "WiderSpace"
  let claims = [
    "autoencoders.wider.mmcs", "autoencoders.wider.every-feature", "autoencoders.wider.as-many-latents",
    "autoencoders.wider.gaussian", "autoencoders.wider.components",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Self.features), "inputs": .int(Self.inputs), "active": 3, "decay": 1, "pool": 32_768,
    "heldOut": 8_192, "latents": [.int(2 * Self.features), .int(Self.features)], "penalties": [0.6, 0.2],
    "loss": "mean square + α·Σ|c|/latents", "steps": 1_000, "batchSize": 256, "learningRate": 1e-2,
    "schedule": "cosine", "decoderBias": "none",
  ]

  static let features = 128
  static let inputs = 64

  /// The largest cosine of each feature with a vector of some dictionary.
  struct Observation: Sendable {
    /// Twice as many latents as features, and as many.
    var double, equal: [Double]
    /// The same on the Gaussian twin.
    var doubleGaussian, equalGaussian: [Double]
    /// Principal components of both signs, and random vectors as many as features.
    var components, random: [Double]
    /// Of the larger dictionary.
    var deadShare: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let features = run.random("features")
    let activity = CorrelatedActivity(
      features: Self.features, active: 3, decay: 1, using: features.derived("correlations"))
    let known = KnownFeatures.random(
      Self.features, inputs: Self.inputs, .correlated(activity), using: features.derived("directions"))
    let truth = known.directions
    let data = Activations(known, using: run.random("samples"))
    let twin = try data.gaussianTwin(using: run.random("Gaussian twin"))
    let progress = TrainingProgress(run: run)
    func trained(_ latents: Int, _ penalty: Float, _ data: Activations, _ part: Int) throws -> TrainedDictionary {
      try Recovery.plan(latents, penalty).train(
        on: data, using: run.random("weights \(latents)"), progress: progress.part(part, of: 4))
    }
    func cosines(_ dictionary: TrainedDictionary) -> [Double] { largestCosines(of: truth, in: dictionary.vectors) }
    let double = try trained(2 * Self.features, 0.6, data, 0)
    return Observation(
      double: cosines(double), equal: cosines(try trained(Self.features, 0.2, data, 1)),
      doubleGaussian: cosines(try trained(2 * Self.features, 0.6, twin, 2)),
      equalGaussian: cosines(try trained(Self.features, 0.2, twin, 3)),
      components: largestCosines(of: truth, in: try data.components()),
      random: largestCosines(
        of: truth, in: unitVectors(Self.features, Self.inputs, using: run.random("random dictionary"))),
      deadShare: double.metrics.deadFraction)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (equal, gaussian, components) = (mean(seed.equal), mean(seed.equalGaussian), mean(seed.components))
    return [
      Reading(
        claim: "autoencoders.wider.mmcs", value: mean(seed.double), control: mean(seed.doubleGaussian),
        detail: ["dead": seed.deadShare]),
      Reading(
        claim: "autoencoders.wider.every-feature", value: seed.double.min() ?? .nan,
        control: seed.doubleGaussian.min() ?? .nan),
      Reading(
        claim: "autoencoders.wider.as-many-latents", value: equal, control: gaussian,
        detail: ["features above 0.9": Recovery.share(of: seed.equal, above: 0.9)]),
      Reading(
        claim: "autoencoders.wider.gaussian", value: gaussian, control: equal, detail: ["random": mean(seed.random)]),
      Reading(
        claim: "autoencoders.wider.components", value: abs(gaussian - components), control: abs(equal - components),
        detail: ["principal components": components]),
    ]
  }
}
