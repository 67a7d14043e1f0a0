// The paper's first figures: a linear and a ReLU output model over sparsity (Elhage et al. 2022, "Basic Results").
//
// Twenty features of falling importance 0.7^i in five dimensions. The linear model keeps the first five, whatever the
// sparsity; so does the ReLU model while features are dense, and then it takes in more and more, the least important of
// those represented sharing first. Capacity (Scherlis et al. 2022) goes to the important features.

import ToyModels

struct LinearAgainstReLU: Experiment {
  let name = "LinearAgainstReLU"
  let claims = [
    "superposition.basic.linear-is-pca", "superposition.basic.dense-is-pca",
    "superposition.basic.more-features-than-dimensions", "superposition.basic.grows-with-sparsity",
    "superposition.basic.least-important-first", "superposition.basic.ignored-bias", "capacity.importance",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": 20, "hidden": 5, "importance": "0.7^i", "densities": .numbers(Self.densities.map { Double($0) }),
    "restarts": 2, "steps": 4_000, "learningRate": 5e-3, "schedule": "cosine", "batchSize": 512,
    "linearRestarts": 1,
    "equalImportance": "four models at a density of 0.3", "renumberings": 100,
  ]

  /// By falling density, 1 − S.
  static let densities: [Float] = [1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.03, 0.01, 0.003, 0.001]
  static let features = 20
  static let hidden = 5
  /// Where capacity is read: some features alone, some sharing, some ignored.
  static let capacityDensity: Float = 0.3

  struct Observation: Sendable {
    /// One for each density.
    var relu: [TrainedModels]
    var linear: [TrainedModels]
    /// ReLU models with equal importance, at the density where capacity is read: the control of what importance does.
    var equal: TrainedModels
    /// Random orders of the features, to rank them by anything but their importance.
    var renumberings: [[Int]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 2 * Self.densities.count + 1)
    func plan(_ density: Float) -> TrainingPlan {
      TrainingPlan(
        architecture: .reluOutput(features: Self.features, hidden: Self.hidden),
        distribution: FeatureDistribution(features: Self.features, density: density),
        importance: geometricImportance(0.7, Self.features), restarts: 2,
        settings: SuperpositionTraining(steps: 4_000, batchSize: 512, learningRate: 5e-3, schedule: .cosine))
    }
    var equal = plan(Self.capacityDensity)
    equal.importance = geometricImportance(1, Self.features)
    equal.restarts = 4
    var random = run.random("renumberings")
    return Observation(
      relu: try Self.densities.enumerated().map { try plan($1).train(&stages, "ReLU \($0)") },
      linear: try Self.densities.enumerated().map { level, density in
        // Every linear model ends in the one optimum: there is nothing to select from.
        var linear = plan(density).linear
        linear.restarts = 1
        return try linear.train(&stages, "linear \(level)")
      },
      equal: try equal.train(&stages, "equal"),
      renumberings: (0..<100).map { _ in random.permutation(Self.features) })
  }

  func readings(_ seed: Observation) -> [Reading] {
    let relu = seed.relu.map(\.bestGeometry)
    let linear = seed.linear.map(\.bestGeometry)
    let counts = relu.map { $0.represented().count }
    let linearCounts = linear.map { $0.represented().count }
    let dense = seed.linear[0].model.bias(seed.linear[0].best)
    let (kept, ignored) = (dense[..<Self.hidden], dense[Self.hidden...])
    let (tenth, hundredth) = (Self.level(of: 0.1), Self.level(of: 0.01))
    return [
      Reading(
        claim: "superposition.basic.linear-is-pca", value: linear.map(Self.distanceFromProjection).max() ?? .nan,
        control: Self.distanceFromProjection(relu[relu.count - 1])),
      Reading(
        claim: "superposition.basic.dense-is-pca", value: Self.distanceFromProjection(relu[0]),
        control: Self.distanceFromProjection(relu[hundredth])),
      Reading(
        claim: "superposition.basic.more-features-than-dimensions", value: Double(counts[tenth]),
        control: Double(linearCounts[tenth]), detail: ["represented at 0.001": Double(counts[counts.count - 1])]),
      Reading(
        claim: "superposition.basic.grows-with-sparsity", value: Self.growth(counts),
        control: Self.growth(linearCounts),
        detail: Dictionary(
          uniqueKeysWithValues: zip(Self.densities, counts).map { ("represented at \($0)", Double($1)) })),
      Reading(
        claim: "superposition.basic.least-important-first", value: Self.leastImportantFirst(relu),
        control: mean(seed.renumberings.map { Self.leastImportantFirst(relu, ranks: $0) })),
      Reading(
        claim: "superposition.basic.ignored-bias", value: ignored.reduce(0, +) / Double(ignored.count),
        control: kept.reduce(0, +) / Double(kept.count)),
      Reading(
        claim: "capacity.importance", value: Self.capacityFollowsImportance(relu[Self.level(of: Self.capacityDensity)]),
        control: mean(seed.equal.geometries.map(Self.capacityFollowsImportance))),
    ]
  }

  /// The largest entry of |WᵀW − P|, P the projection onto the first m features.
  static func distanceFromProjection(_ geometry: SuperpositionGeometry) -> Double {
    var largest = 0.0
    for i in 0..<geometry.features {
      for j in 0..<geometry.features {
        largest = max(largest, abs(geometry.gram[i][j] - (i == j && i < geometry.hidden ? 1 : 0)))
      }
    }
    return largest
  }

  /// Spearman's correlation of counts with sparsity, by whose order they come; 0 when they do not vary.
  static func growth(_ counts: [Int]) -> Double {
    guard Set(counts).count > 1 else { return 0 }
    return spearman(counts.indices.map(Double.init), counts.map(Double.init))
  }

  /// Over the levels at which some represented features share and others do not: the mean probability that one that
  /// shares is less important than one that does not; 0 when there is no such level.
  ///
  /// - Parameter ranks: The place of each feature by importance; the features are numbered so that it is their number.
  static func leastImportantFirst(
    _ levels: [SuperpositionGeometry], ranks: [Int] = Array(0..<features)
  ) -> Double {
    let probabilities = levels.compactMap { geometry -> Double? in
      let superposition = geometry.superposition
      let sharing = geometry.represented().filter { superposition[$0] > 0.5 }
      let alone = geometry.represented().filter { superposition[$0] <= 0.5 }
      guard !sharing.isEmpty, !alone.isEmpty else { return nil }
      let later = sharing.reduce(0) { total, feature in total + alone.count { ranks[$0] < ranks[feature] } }
      return Double(later) / Double(sharing.count * alone.count)
    }
    return probabilities.isEmpty ? 0 : mean(probabilities)
  }

  /// Spearman's correlation of importance with capacity; the features are numbered by falling importance.
  static func capacityFollowsImportance(_ geometry: SuperpositionGeometry) -> Double {
    spearman((0..<geometry.features).map { -Double($0) }, geometry.capacities)
  }

  private static func level(of density: Float) -> Int { densities.firstIndex(of: density) ?? 0 }
}
