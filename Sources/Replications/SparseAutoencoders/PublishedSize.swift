// Recovery at the size of the paper (Sharkey, Braun and Millidge 2022): 512 features in 256 dimensions, five active on
// average, frequencies that fall by 0.99 from feature to feature. Minutes; for the long tier.

import Tensors

struct PublishedSize: Experiment {
  let name = "PublishedSize"
  let claims = ["autoencoders.published-size.recovery"]
  let configuration: [String: ConfigurationValue] = [
    "features": 512, "inputs": 256, "active": 5, "decay": 0.99, "latents": 1_024, "alpha": 1.0, "pool": 131_072,
    "heldOut": 8_192, "steps": 2_500, "batchSize": 512, "learningRate": 3e-3, "schedule": "cosine",
  ]

  struct Observation: Sendable {
    /// How often each feature is active.
    var frequencies: [Double]
    /// The largest cosine of each feature with a dictionary vector.
    var cosines: [Double]
    var gaussian: [Double]
    var deadShare: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let random = run.random("features")
    let activity = CorrelatedActivity(features: 512, active: 5, decay: 0.99, using: random.derived("correlations"))
    let known = KnownFeatures.random(512, inputs: 256, .correlated(activity), using: random.derived("directions"))
    let data = Activations(known, pool: 131_072, using: run.random("samples"))
    let twin = try data.gaussianTwin(using: run.random("Gaussian twin"))
    var plan = DictionaryPlan(latents: 1_024, sparsity: .perLatent(1))
    // A rate of 0.01 kills a third of the latents at this size, among them many that are needed.
    (plan.steps, plan.batch, plan.learningRate) = (2_500, 512, 3e-3)
    let progress = TrainingProgress(run: run)
    let trained = try plan.train(on: data, using: run.random("weights"), progress: progress.part(0, of: 2))
    let gaussian = try plan.train(on: twin, using: run.random("weights"), progress: progress.part(1, of: 2))
    return Observation(
      frequencies: activity.frequencies, cosines: largestCosines(of: known.directions, in: trained.vectors),
      gaussian: largestCosines(of: known.directions, in: gaussian.vectors), deadShare: trained.metrics.deadFraction)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let frequent = seed.frequencies.indices.filter { seed.frequencies[$0] >= 0.001 }
    return [
      Reading(
        claim: "autoencoders.published-size.recovery", value: mean(frequent.map { seed.cosines[$0] }),
        control: mean(frequent.map { seed.gaussian[$0] }),
        detail: [
          "all features": mean(seed.cosines), "frequent features": Double(frequent.count),
          "features above 0.9": Recovery.share(of: seed.cosines, above: 0.9), "dead": seed.deadShare,
        ])
    ]
  }
}
