// In-context learning against repetition in the training data: an analogue of Chan et al. 2022, whose "bursty" sequences
// of images have several of one class. Here the dose is the probability that a copied span starts.

import Tensors
import Transformer

struct Repetition: Experiment {
  let name = "Repetition"
  let claims = ["burstiness.dose", "burstiness.none"]
  let configuration: [String: ConfigurationValue] = [
    "architecture": "attention only, positions in queries and keys", "layers": 2, "width": 32, "heads": 2,
    "vocabulary": 32, "length": 48, "background": "uniform", "copyRates": [0, 0.05, 0.1, 0.4], "copyRateOfProbe": 0.2,
    "batchSize": 32, "learningRate": 1e-2, "steps": .int(Self.steps), "heldOutRows": 1_024,
    "optimizer": "AdamW, β 0.9 and 0.98, decay 0.01, norm clipped to 1, 50 steps of warm-up",
  ]

  /// The probabilities of a copy in the training data.
  static let rates = [0, 0.05, 0.1, 0.4]

  static let steps = 700

  /// What each model shows at the end, in the order of the rates.
  typealias Observation = [InductionProbe.Reading]

  func observe(_ run: SeedRun) throws -> Observation {
    let probe = InductionProbe(PhaseChange.data, heldOut: 1_024, stream: run.random("probe"))
    return try Self.rates.enumerated().map { index, rate in
      var data = PhaseChange.data
      data.rate = rate
      var training = PhaseChange.model(layers: 2).training(
        steps: Self.steps, learningRate: 1e-2, stream: run.random("training"))
      try training.train { _, stream in data.batch(32, using: &stream) }
      run.report(Double(index + 1) / Double(Self.rates.count))
      return try probe.read(training.model)
    }
  }

  func readings(_ models: Observation) -> [Reading] {
    let learned = models.map { -$0.inContextLearning }
    let scores = models.map(\.lastLayerPrefixMatching)
    func named(_ values: [Double]) -> [String: Double] {
      Dictionary(uniqueKeysWithValues: zip(Self.rates, values).map { ("rate \($0.brief)", $1) })
    }
    return [
      Reading(
        claim: "burstiness.dose", value: learned[3] - learned[1], control: learned[1] - learned[0],
        detail: named(learned)),
      Reading(claim: "burstiness.none", value: scores[0], control: scores[3], detail: named(scores)),
    ]
  }
}
