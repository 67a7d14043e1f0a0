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
    "restarts": 2, "steps": 3_000, "equalModels": 4, "equalSteps": 2_000, "learningRate": 5e-3, "schedule": "cosine",
    "batchSize": 1_024,
  ]

  /// By falling density, 1 − S.
  static let densities: [Float] = [1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.03, 0.01, 0.003, 0.001]
  static let features = 20
  static let hidden = 5

  struct Observation: Sendable {
    /// One for each density.
    var relu: [TrainedModels]
    var linear: [TrainedModels]
    /// The ReLU model with equal importance: the control of what importance does.
    var equal: [TrainedModels]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 3 * Self.densities.count)
    var observation = Observation(relu: [], linear: [], equal: [])
    for (level, density) in Self.densities.enumerated() {
      var plan = TrainingPlan(
        architecture: .reluOutput(features: Self.features, hidden: Self.hidden),
        distribution: FeatureDistribution(features: Self.features, density: density),
        importance: geometricImportance(0.7, Self.features), restarts: 2,
        settings: SuperpositionTraining(
          steps: 3_000, learningRate: 5e-3, schedule: .cosine))
      observation.relu.append(try plan.train(&stages, "ReLU \(level)"))
      plan.restarts = 1
      observation.linear.append(try plan.linear.train(&stages, "linear \(level)"))
      plan.importance = geometricImportance(1, Self.features)
      plan.restarts = 4
      plan.settings.steps = 2_000
      observation.equal.append(try plan.train(&stages, "equal \(level)"))
    }
    return observation
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
        control: Self.meanOverModels(seed.equal, Self.leastImportantFirst)),
      Reading(
        claim: "superposition.basic.ignored-bias", value: ignored.reduce(0, +) / Double(ignored.count),
        control: kept.reduce(0, +) / Double(kept.count)),
      Reading(
        claim: "capacity.importance", value: Self.capacityFollowsImportance(relu[Self.level(of: 0.3)]),
        control: Self.meanOverModels(seed.equal) { Self.capacityFollowsImportance($0[Self.level(of: 0.3)]) }),
    ]
  }

  /// The mean of a measure over the models of a control, the first of every density, the second, and so on.
  static func meanOverModels(_ levels: [TrainedModels], _ measure: ([SuperpositionGeometry]) -> Double) -> Double {
    let models = levels[0].model.instances
    let values = (0..<models).map { model in measure(levels.map { $0.model.geometry(model) }) }
    return values.reduce(0, +) / Double(models)
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
  /// shares is less important (comes later) than one that does not; 0 when there is no such level.
  static func leastImportantFirst(_ levels: [SuperpositionGeometry]) -> Double {
    var probabilities: [Double] = []
    for geometry in levels {
      let superposition = geometry.superposition
      let sharing = geometry.represented().filter { superposition[$0] > 0.5 }
      let alone = geometry.represented().filter { superposition[$0] <= 0.5 }
      let pairs = sharing.count * alone.count
      guard pairs > 0 else { continue }
      let later = sharing.reduce(0) { total, feature in total + alone.count { $0 < feature } }
      probabilities.append(Double(later) / Double(pairs))
    }
    return probabilities.isEmpty ? 0 : probabilities.reduce(0, +) / Double(probabilities.count)
  }

  /// Spearman's correlation of importance with capacity; the features are numbered by falling importance.
  static func capacityFollowsImportance(_ geometry: SuperpositionGeometry) -> Double {
    spearman((0..<geometry.features).map { -Double($0) }, geometry.capacities)
  }

  private static func level(of density: Float) -> Int { densities.firstIndex(of: density) ?? 0 }
}
