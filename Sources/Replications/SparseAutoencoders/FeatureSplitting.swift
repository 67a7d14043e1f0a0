// Feature splitting (Bricken et al. 2023, section of that name): what is one feature of a small dictionary is several of a
// larger one.
//
// Twelve families of four features: unit vectors that share a direction (cosine 0.8) and differ otherwise; a family is
// active with probability 1/8, with one member. A dictionary with a latent for each family finds the families' centres, one
// with a latent for each member the members. Unrelated features of the same frequency are the control: there a larger
// dictionary has others, not parts of the same.

import Tensors

struct FeatureSplitting: Experiment {
  let name = "FeatureSplitting"
  let claims = [
    "autoencoders.splitting.families", "autoencoders.splitting.members", "autoencoders.splitting.split",
  ]
  let configuration: [String: ConfigurationValue] = [
    "families": .int(Self.families), "members": .int(Self.members), "inputs": .int(Recovery.inputs), "cosine": 0.8,
    "probability": 0.125, "latents": .array(Self.sizes.map { .int($0) }), "penalty": 0.2, "steps": 1_500,
    "batchSize": 256, "learningRate": 3e-3, "schedule": "cosine", "decoderBias": "pre-encoder",
    "restarts": "4 of the smallest dictionary",
  ]

  static let families = 12
  static let members = 4
  static let sizes = [12, 24, 48, 96]
  /// How many dictionaries the smallest one is chosen from, by loss.
  static let restarts = 4

  /// One dictionary over the truth.
  struct Outcome: Sendable {
    /// The largest cosine of each family's centre, and of each member, with a dictionary vector.
    var centres: [Double]
    var members: [Double]
    var unexplained: Double
    /// The mean number of living latents that resemble a latent of the smallest dictionary.
    var resembling: Double
  }

  struct Observation: Sendable {
    /// By size.
    var related: [Outcome]
    /// The numbers of resembling latents among unrelated features, by size.
    var unrelated: [Double]
    /// The first two dimensions of one family: its members, and the vectors near it of the smallest dictionary and of
    /// the one with a latent for each member, on the plane of largest variance of the members.
    var portrait: Portrait
  }

  /// One family in a plane.
  struct Portrait: Sendable {
    var members: [[Double]]
    var small: [[Double]]
    var large: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let (truth, centres) = Self.familyDirections(using: run.random("directions"))
    let related = KnownFeatures(
      directions: truth, activity: .families(of: Self.members, probability: 0.125))
    let unrelated = KnownFeatures.random(
      Self.families * Self.members, inputs: Recovery.inputs,
      .families(of: 1, probability: 0.125 / Float(Self.members)), using: run.random("unrelated directions"))
    let progress = TrainingProgress(run: run)
    let dictionaries = try Self.dictionaries(
      Activations(related, using: run.random("samples")), run.random("weights"), progress.part(0, of: 2))
    let others = try Self.dictionaries(
      Activations(unrelated, using: run.random("unrelated samples")), run.random("unrelated weights"),
      progress.part(1, of: 2))
    return Observation(
      related: dictionaries.map { trained in
        Outcome(
          centres: largestCosines(of: centres, in: trained.vectors),
          members: largestCosines(of: truth, in: trained.vectors), unexplained: trained.metrics.fvu,
          resembling: Self.resembling(dictionaries[0].vectors, among: trained.livingVectors))
      },
      unrelated: others.map { Self.resembling(others[0].vectors, among: $0.livingVectors) },
      portrait: try Self.portrait(truth, centres, dictionaries[0].vectors, dictionaries[2].vectors))
  }

  private static func dictionaries(
    _ data: Activations, _ random: RandomStream, _ progress: TrainingProgress
  ) throws -> [TrainedDictionary] {
    try sizes.enumerated().map { index, size in
      // With no latent to spare the smallest dictionary at times gives two of them to one family: the best of a few.
      let restarts = size == families ? Self.restarts : 1
      var plan = DictionaryPlan(latents: size, sparsity: .sum(0.2))
      (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
      // Slower than elsewhere, for the same reason.
      (plan.learningRate, plan.steps) = (3e-3, 1_500)
      let part = progress.part(index, of: sizes.count)
      let trained = try (0..<restarts).map { restart in
        try plan.train(
          on: data, using: random.derived("latents", size).derived("restart", restart),
          progress: part.part(restart, of: restarts))
      }
      return trained.reduce(trained[0]) { $1.loss < $0.loss ? $1 : $0 }
    }
  }

  /// The members of all families, `[families · members, inputs]`, and the families' centres, `[families, inputs]`.
  static func familyDirections(using random: RandomStream) -> (members: Tensor, centres: Tensor) {
    let inputs = Recovery.inputs
    let common = unitVectors(families, inputs, using: random.derived("common"))
      .gathered(at: (0..<families * members).map { $0 / members })
    let raw = unitVectors(families * members, inputs, using: random.derived("own"))
    // What is a member's own is orthogonal to what it shares.
    let own = raw - common * (raw * common).sum(axis: 1, keepingAxis: true)
    let directions = common * 0.8 + own / own.norm(axis: 1, keepingAxis: true) * 0.6
    let sums = directions.reshaped([families, members, inputs]).sum(axis: 1)
    return (directions, sums / sums.norm(axis: 1, keepingAxis: true))
  }

  /// For each vector of the small dictionary how many of the others have a cosine of at least 0.7 with it; the mean.
  static func resembling(_ small: Tensor, among others: Tensor) -> Double {
    guard others.shape[0] > 0 else { return 0 }
    let cosines = small.matmul(others, transposingOther: true)
    return Double(cosines.mask(where: { $0 >= 0.7 }).sum()) / Double(small.shape[0])
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (small, large) = (seed.related[0], seed.related[2])
    func found(_ outcome: Outcome) -> Double { Recovery.share(of: outcome.members, above: 0.95) }
    return [
      Reading(
        claim: "autoencoders.splitting.families", value: mean(small.centres), control: mean(large.centres)),
      Reading(
        claim: "autoencoders.splitting.members", value: found(large), control: found(small),
        detail: ["with 24 latents": found(seed.related[1]), "with 96 latents": found(seed.related[3])]),
      Reading(
        claim: "autoencoders.splitting.split", value: large.resembling, control: seed.unrelated[2],
        detail: ["with 24 latents": seed.related[1].resembling, "with 96 latents": seed.related[3].resembling]),
    ]
  }

  /// The first family on the plane in which its members differ most, with the dictionary vectors near it.
  private static func portrait(_ truth: Tensor, _ centres: Tensor, _ small: Tensor, _ large: Tensor) throws
    -> Portrait
  {
    let family = truth.slice(axis: 0, 0..<members)
    let plane = try Activations(pool: family, heldOut: family).components().gathered(at: [0, 2])
    let centre = centres.slice(axis: 0, 0..<1)
    func drawn(_ vectors: Tensor) -> [[Double]] {
      let cosines = vectors.matmul(centre, transposingOther: true).elements
      let near = cosines.indices.filter { cosines[$0] >= 0.7 }
      let places = (vectors.gathered(at: near) - family.mean(axis: 0)).matmul(plane, transposingOther: true).elements
      return near.indices.map { [Double(places[2 * $0]), Double(places[2 * $0 + 1])] }
    }
    return Portrait(members: drawn(family), small: drawn(small), large: drawn(large))
  }
}
