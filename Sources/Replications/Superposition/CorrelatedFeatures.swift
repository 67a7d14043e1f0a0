// Features that occur together, and features that exclude each other (Elhage et al. 2022, "Correlated and
// Anticorrelated Features", "Local Almost-Orthogonal Bases", "Collapsing of Correlated Features").
//
// Two sets of ten correlated features in ten dimensions form an orthogonal basis for each set. Three correlated pairs
// in two dimensions collapse one after another as features grow denser. Anticorrelated pairs lie opposite each other in
// the lowest-loss model; a typical run shows no such preference, so only the selected model is asked.

import ToyModels

struct CorrelatedFeatures: Experiment {
  let name = "CorrelatedFeatures"
  let claims = [
    "superposition.correlated.local-bases", "superposition.correlated.collapse",
    "superposition.anticorrelated.antipodal",
  ]
  let configuration: [String: ConfigurationValue] = [
    "localBases": .string("2 sets of 10 in 10 dimensions, density 0.03, best of \(Self.basesRestarts)"),
    "collapse": .string("3 sets of 2 in 2 dimensions, densities 0.5, 0.1, 0.02, best of \(Self.restarts)"),
    "controlRestarts": .int(Self.controlRestarts),
    "anticorrelated": .string("2 sets of 2 in 2 dimensions, density 0.05, best of \(Self.restarts)"),
    "steps": 2_500, "learningRate": 5e-3, "schedule": "cosine",
    "batchSize": "1,024, of the collapse at a density of 0.5 256",
  ]

  /// How many models of pairs the best is chosen from.
  static let restarts = 24
  /// The same of controls of which only the best is asked, not how often restarts agree.
  static let controlRestarts = 8
  /// The same of models with two sets of ten.
  static let basesRestarts = 5
  static let collapseDensities: [Float] = [0.5, 0.1, 0.02]

  struct Observation: Sendable {
    var localBases: TrainedModels
    var independentBases: TrainedModels
    /// One for each density.
    var collapse: [TrainedModels]
    var independentCollapse: [TrainedModels]
    var anticorrelated: TrainedModels
    var correlatedPairs: TrainedModels
    var independentPairs: TrainedModels
  }

  private func plan(
    sets: Int, of size: Int, hidden: Int, density: Float, _ dependence: FeatureDistribution.Dependence, restarts: Int
  ) -> TrainingPlan {
    TrainingPlan(
      architecture: .reluOutput(features: sets * size, hidden: hidden),
      distribution: FeatureDistribution(features: sets * size, density: density, dependence: dependence),
      importance: geometricImportance(1, sets * size), restarts: restarts,
      settings: SuperpositionTraining(steps: 2_500, learningRate: 5e-3, schedule: .cosine), heldOut: 100_000)
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 5 + 2 * Self.collapseDensities.count)
    func bases(_ dependence: FeatureDistribution.Dependence, _ label: String) throws -> TrainedModels {
      try plan(sets: 2, of: 10, hidden: 10, density: 0.03, dependence, restarts: Self.basesRestarts)
        .train(&stages, label)
    }
    func pairs(_ dependence: FeatureDistribution.Dependence, _ label: String) throws -> TrainedModels {
      // Independent features are there for the base rate of a typical run, which takes all restarts.
      let restarts = dependence == .correlatedSets(of: 2) ? Self.controlRestarts : Self.restarts
      return try plan(sets: 2, of: 2, hidden: 2, density: 0.05, dependence, restarts: restarts).train(&stages, label)
    }
    func collapse(_ dependence: FeatureDistribution.Dependence, _ label: String) throws -> [TrainedModels] {
      try Self.collapseDensities.map { density in
        let restarts = dependence == .independent ? Self.controlRestarts : Self.restarts
        var plan = plan(sets: 3, of: 2, hidden: 2, density: density, dependence, restarts: restarts)
        // Half of all features are active: a quarter of the samples hold as much as anywhere else.
        if density == 0.5 { plan.settings.batchSize = 256 }
        return try plan.train(&stages, "\(label) \(density)")
      }
    }
    return Observation(
      localBases: try bases(.correlatedSets(of: 10), "local bases"),
      independentBases: try bases(.independent, "independent bases"),
      collapse: try collapse(.correlatedSets(of: 2), "collapse"),
      independentCollapse: try collapse(.independent, "independent collapse"),
      anticorrelated: try pairs(.anticorrelatedSets(of: 2), "anticorrelated"),
      correlatedPairs: try pairs(.correlatedSets(of: 2), "correlated pairs"),
      independentPairs: try pairs(.independent, "independent pairs"))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let counts = seed.collapse.map { Self.collapsedPairs($0.bestGeometry) }
    let independentCounts = seed.independentCollapse.map { Self.collapsedPairs($0.bestGeometry) }
    return [
      Reading(
        claim: "superposition.correlated.local-bases", value: Self.largestWithinSet(seed.localBases.bestGeometry),
        control: Self.largestWithinSet(seed.independentBases.bestGeometry),
        detail: [
          "mean squared cosine within a set": Self.meanSquaredCosine(seed.localBases.bestGeometry),
          "the same, independent": Self.meanSquaredCosine(seed.independentBases.bestGeometry),
          "represented": Double(seed.localBases.bestGeometry.represented().count),
        ]),
      Reading(
        claim: "superposition.correlated.collapse", held: counts == [3, 1, 0],
        controlHeld: independentCounts == [3, 1, 0],
        detail: [
          "collapsed at 0.5": Double(counts[0]), "collapsed at 0.1": Double(counts[1]),
          "collapsed at 0.02": Double(counts[2]),
        ]),
      Reading(
        claim: "superposition.anticorrelated.antipodal", held: Self.isAntipodal(seed.anticorrelated.bestGeometry),
        controlHeld: Self.isAntipodal(seed.correlatedPairs.bestGeometry),
        detail: [
          "fraction of all restarts": seed.anticorrelated.rate(Self.isAntipodal),
          "the same, independent": seed.independentPairs.rate(Self.isAntipodal),
          "loss": seed.anticorrelated.bestLoss,
        ]),
    ]
  }

  /// The pairs of different features of one set of ten.
  private static func withinSets(_ geometry: SuperpositionGeometry) -> [Double] {
    (0..<geometry.features).flatMap { i in
      (0..<i).filter { $0 / 10 == i / 10 }.map { geometry.cosine(i, $0) }
    }
  }

  /// The largest |cosine| within a set; 1 when a feature is not represented, since anything is orthogonal to nothing.
  static func largestWithinSet(_ geometry: SuperpositionGeometry) -> Double {
    guard geometry.represented().count == geometry.features else { return 1 }
    return withinSets(geometry).map(abs).max() ?? .nan
  }

  static func meanSquaredCosine(_ geometry: SuperpositionGeometry) -> Double {
    let cosines = withinSets(geometry)
    return cosines.reduce(0) { $0 + $1 * $1 } / Double(cosines.count)
  }

  /// The pairs (0, 1), (2, 3), (4, 5) whose members point the same way.
  static func collapsedPairs(_ geometry: SuperpositionGeometry) -> Int {
    stride(from: 0, to: geometry.features, by: 2).count { geometry.cosine($0, $0 + 1) > 0.95 }
  }

  /// Whether both pairs point opposite ways.
  static func isAntipodal(_ geometry: SuperpositionGeometry) -> Bool {
    geometry.cosine(0, 1) < -0.95 && geometry.cosine(2, 3) < -0.95
  }
}

extension Sequence {
  /// The number of elements for which a condition holds.
  fileprivate func count(_ holds: (Element) -> Bool) -> Int {
    reduce(0) { $0 + (holds($1) ? 1 : 0) }
  }
}
