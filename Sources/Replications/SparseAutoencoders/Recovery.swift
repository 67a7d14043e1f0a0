// Do sparse autoencoders find the features that made the data (Sharkey, Braun and Millidge 2022)?
//
// 64 features in 32 dimensions, two active on average, correlated and ever rarer. Autoencoders over six penalties and four
// dictionary sizes are compared with the truth by mean max cosine similarity. What must fail goes through the same code:
// Gaussian data of the same mean and covariance, the same features all active at once, principal components, random
// dictionaries, and autoencoders that were not trained.

import Tensors
import ToyModels

struct Recovery: Experiment {
  let name = "Recovery"
  let claims = [
    "autoencoders.recovery.mmcs", "autoencoders.recovery.every-feature", "autoencoders.recovery.as-many-latents",
    "autoencoders.goldilocks.penalty", "autoencoders.goldilocks.size", "autoencoders.dead.penalty",
    "autoencoders.agreement",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Self.features), "inputs": .int(Self.inputs), "active": 2, "decay": 0.99, "pool": 32_768,
    "heldOut": 8_192, "latents": .array(Self.sizes.map { .int($0) }),
    "penalties": .numbers(Self.penalties.map { Double("\($0)") ?? .nan }), "loss": "mean square + α·Σ|c|/latents",
    "steps": 1_000, "batchSize": 256, "learningRate": 1e-2, "schedule": "cosine", "decoderBias": "none",
    "initialisation": "random unit vectors, the encoder is the decoder's transpose",
  ]

  static let features = 64
  static let inputs = 32
  static let penalties: [Float] = [0.03, 0.1, 0.3, 1, 3, 10]
  static let densePenalties: [Float] = [0.3, 1, 3]
  static let sizes = [32, 64, 128, 256]
  /// Where claims are read unless they say otherwise: twice as many latents as features, and α = 1.
  static let reading = (size: 2, penalty: 3)

  /// One autoencoder of the map.
  struct Cell: Sendable {
    var latents: Int
    var penalty: Double
    /// For each feature its largest cosine with a dictionary vector.
    var cosines: [Double]
    var deadShare: Double
    var unexplained: Double
    var l0: Double
    /// The mean over larger dictionaries of the same penalty of how well this one agrees with them; nil for the largest.
    var agreement: Double?
    /// The same with random dictionaries of the larger sizes.
    var chanceAgreement: Double?

    /// Mean max cosine similarity with the truth.
    var recovery: Double { mean(cosines) }
  }

  struct Observation: Sendable {
    /// By size, then by penalty.
    var cells: [[Cell]]
    /// By penalty, twice as many latents as features.
    var gaussian: [Cell]
    var dense: [Cell]
    /// The largest cosine of each feature with principal components of both signs.
    var components: [Double]
    /// The same with random dictionaries and with untrained autoencoders, by size.
    var random: [[Double]]
    var untrained: [[Double]]
  }

  /// The features that data of this finding are made of, unless an experiment says otherwise.
  static func known(decay: Double = 0.99, using random: RandomStream) -> KnownFeatures {
    let activity = CorrelatedActivity(
      features: features, active: 2, decay: decay, using: random.derived("correlations"))
    return .random(features, inputs: inputs, .correlated(activity), using: random.derived("directions"))
  }

  static func plan(_ size: Int, _ penalty: Float) -> DictionaryPlan {
    DictionaryPlan(latents: size, sparsity: .perLatent(penalty))
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Self.known(using: run.random("features"))
    let truth = known.directions
    let data = Activations(known, using: run.random("samples"))
    let progress = TrainingProgress(run: run)

    var trained: [[TrainedDictionary]] = []
    for (row, size) in Self.sizes.enumerated() {
      trained.append(
        try Self.row(size, Self.penalties, on: data, run.random("size \(size)"), progress.part(row, of: 6)))
    }
    let twin = try data.gaussianTwin(using: run.random("Gaussian twin"))
    let gaussian = try Self.row(
      Self.sizes[Self.reading.size], Self.penalties, on: twin, run.random("Gaussian"), progress.part(4, of: 6))
    let crowd = Activations(known.dense, using: run.random("dense samples"))
    let dense = try Self.row(
      Self.sizes[Self.reading.size], Self.densePenalties, on: crowd, run.random("dense"), progress.part(5, of: 6))
    let random = Self.sizes.map { unitVectors($0, Self.inputs, using: run.random("random dictionary \($0)")) }
    return Observation(
      cells: Self.map(of: trained, against: truth, random: random),
      gaussian: zip(Self.penalties, gaussian).map { Self.cell($0, $1, truth) },
      dense: zip(Self.densePenalties, dense).map { Self.cell($0, $1, truth) },
      components: largestCosines(of: truth, in: try data.components()),
      random: random.map { largestCosines(of: truth, in: $0) },
      untrained: Self.sizes.map { size in
        let autoencoder = Self.plan(size, 1).untrained(on: data.pool, using: run.random("size \(size)"))
        return largestCosines(of: truth, in: autoencoder.decoderWeight)
      })
  }

  /// One dictionary size at several penalties.
  private static func row(
    _ size: Int, _ penalties: [Float], on data: Activations, _ random: RandomStream, _ progress: TrainingProgress
  ) throws -> [TrainedDictionary] {
    try penalties.enumerated().map { index, penalty in
      try plan(size, penalty).train(on: data, using: random, progress: progress.part(index, of: penalties.count))
    }
  }

  private static func cell(_ penalty: Float, _ trained: TrainedDictionary, _ truth: Tensor) -> Cell {
    Cell(
      latents: trained.vectors.shape[0], penalty: Double("\(penalty)") ?? .nan,
      cosines: largestCosines(of: truth, in: trained.vectors), deadShare: trained.metrics.deadFraction,
      unexplained: trained.metrics.fvu, l0: trained.metrics.l0)
  }

  /// The map, with the agreement of each dictionary with the larger ones of its penalty.
  private static func map(of trained: [[TrainedDictionary]], against truth: Tensor, random: [Tensor]) -> [[Cell]] {
    var cells = trained.map { row in zip(penalties, row).map { cell($0, $1, truth) } }
    for column in penalties.indices {
      let dictionaries = trained.map { $0[column].vectors }
      let found = agreements(of: dictionaries, with: dictionaries)
      let chance = agreements(of: dictionaries, with: random)
      for row in trained.indices {
        (cells[row][column].agreement, cells[row][column].chanceAgreement) = (found[row], chance[row])
      }
    }
    return cells
  }

  /// For each dictionary, smallest first, the mean over larger ones of the mean over its vectors of the largest cosine; nil
  /// where there is none larger.
  static func agreements(of dictionaries: [Tensor], with others: [Tensor]) -> [Double?] {
    dictionaries.indices.map { index in
      let larger = others[(index + 1)...]
      guard !larger.isEmpty else { return nil }
      return mean(larger.map { mean(largestCosines(of: dictionaries[index], in: $0)) })
    }
  }
}
