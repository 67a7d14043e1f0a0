// Many features of equal importance over sparsity (Elhage et al. 2022, "Uniform Superposition", "Feature
// Dimensionality" and "Superposition and Adversarial Robustness"; Scherlis et al. 2022 for capacity).
//
// One grid of models serves four questions: where the dimensions per feature D* = m/‖W‖²_F stick, which values the
// dimensionalities D_i take, how vulnerable the models are, and whether capacity keeps its bound. The densities are the
// notebook's, 20^(−k/19), ten of its twenty levels.

import Foundation
import Tensors
import ToyModels

struct UniformSuperposition: Experiment {
  let name = "UniformSuperposition"
  let claims = [
    "superposition.sticky.one", "superposition.sticky.half", "superposition.sticky.line",
    "superposition.sticky.other-lines", "superposition.sticky.falls", "superposition.adversarial.increase",
    "superposition.adversarial.tracks-features", "superposition.adversarial.dense", "capacity.is-dimensionality",
    "capacity.bound",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": 80, "hidden": 20, "levels": .array(Self.levels.map { .int($0) }), "density": "20^(−k/19)",
    "steps": .int(Self.steps), "linearSteps": .int(Self.linearSteps),
    "learningRate": 5e-3, "schedule": "cosine", "batchSize": 512,
    "attackedSamples": 400,
  ]

  static let features = 80
  static let hidden = 20
  static let steps = 2_400
  static let linearSteps = 600
  /// The notebook's level numbers k.
  static let levels = [0, 2, 4, 5, 6, 7, 10, 13, 16, 19]
  /// Where the plateau at 1/2 is read.
  static let plateau = [5, 6, 7]
  static let densities = levels.map { Float(pow(20, -Double($0) / 19)) }

  struct Observation: Sendable {
    /// One for each level, as all below.
    var relu: [SuperpositionGeometry]
    var linear: [SuperpositionGeometry]
    var vulnerability: [Double]
    var linearVulnerability: [Double]
    /// Numbers between 0 and 1: the control of the lines.
    var uniformNumbers: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 2 * Self.levels.count)
    var seed = Observation(relu: [], linear: [], vulnerability: [], linearVulnerability: [], uniformNumbers: [])
    for (level, density) in zip(Self.levels, Self.densities) {
      var plan = TrainingPlan(
        architecture: .reluOutput(features: Self.features, hidden: Self.hidden),
        distribution: FeatureDistribution(features: Self.features, density: density),
        importance: geometricImportance(1, Self.features), restarts: 1,
        settings: SuperpositionTraining(steps: Self.steps, batchSize: 512, learningRate: 5e-3, schedule: .cosine),
        heldOut: 2_000)
      let relu = try plan.train(&stages, "ReLU \(level)")
      plan.settings.steps = Self.linearSteps
      let linear = try plan.linear.train(&stages, "linear \(level)")
      let attack = run.random("attack \(level)")
      seed.relu.append(relu.bestGeometry)
      seed.linear.append(linear.bestGeometry)
      seed.vulnerability.append(relativeVulnerability(relu, plan.distribution, samples: 400, using: attack))
      seed.linearVulnerability.append(relativeVulnerability(linear, plan.distribution, samples: 400, using: attack))
    }
    var random = run.random("uniform numbers")
    seed.uniformNumbers = (0..<Self.features * Self.levels.count).map { _ in random.uniformDouble() }
    return seed
  }

  func readings(_ seed: Observation) -> [Reading] {
    let perFeature = seed.relu.map(\.dimensionsPerFeature)
    let linearPerFeature = seed.linear.map(\.dimensionsPerFeature)
    let plateau = Self.plateau.compactMap { Self.levels.firstIndex(of: $0) }
    let (dense, middle) = (0, plateau[1])
    let represented = seed.relu.flatMap(Self.representedDimensionalities)
    return [
      Reading(
        claim: "superposition.sticky.one", value: perFeature[dense], control: perFeature[perFeature.count - 1]),
      Reading(
        claim: "superposition.sticky.half", value: plateau.map { abs(perFeature[$0] - 0.5) }.max() ?? .nan,
        control: plateau.map { abs(linearPerFeature[$0] - 0.5) }.max() ?? .nan,
        detail: Dictionary(uniqueKeysWithValues: plateau.map { ("D* at k = \(Self.levels[$0])", perFeature[$0]) })),
      Reading(
        claim: "superposition.sticky.line", value: Self.fractionAtHalf(plateau.map { seed.relu[$0] }),
        control: Self.fractionAtHalf(plateau.map { seed.linear[$0] })),
      Reading(
        claim: "superposition.sticky.other-lines", value: Self.otherLines(represented),
        control: Self.otherLines(seed.uniformNumbers),
        detail: Dictionary(
          uniqueKeysWithValues: Self.fractions.map {
            ("features within 0.005 of \($0.name)", Self.count(represented, $0.value, 0))
          })
      ),
      Reading(
        claim: "superposition.sticky.falls", held: Self.falls(perFeature), controlHeld: Self.falls(linearPerFeature)),
      Reading(
        claim: "superposition.adversarial.increase", value: seed.vulnerability[middle] / seed.vulnerability[dense],
        control: seed.linearVulnerability[middle] / seed.linearVulnerability[dense]),
      Reading(
        claim: "superposition.adversarial.tracks-features",
        value: pearson(seed.vulnerability, perFeature.map { 1 / $0 }),
        control: pearson(seed.vulnerability, perFeature.reversed().map { 1 / $0 })),
      Reading(
        claim: "superposition.adversarial.dense", value: seed.vulnerability[dense],
        control: seed.vulnerability[middle]),
      Reading(
        claim: "capacity.is-dimensionality",
        value: seed.relu.map { Self.largestDifference($0.capacities, $0.dimensionalities) }.max() ?? .nan,
        control: seed.relu.map { Self.largestDifference($0.norms.map { $0 * $0 }, $0.dimensionalities) }.max() ?? .nan),
      Reading(
        claim: "capacity.bound", value: (seed.relu + seed.linear).map { Self.excess($0.capacities) }.max() ?? .nan,
        control: seed.relu.map { Self.excess($0.norms.map { $0 * $0 }) }.max() ?? .nan,
        detail: [
          "smallest ΣC/m": seed.relu.map { $0.capacities.reduce(0, +) / Double(Self.hidden) }.min() ?? .nan,
          "blocks at k = 6": Double(seed.relu[middle].components().count),
        ]),
    ]
  }

  /// The published fractions other than 1/2.
  static let fractions: [(name: String, value: Double)] = [("3/4", 0.75), ("2/3", 2 / 3), ("2/5", 0.4), ("3/8", 0.375)]

  /// The dimensionalities of the features with ‖W_i‖ > 1/2.
  static func representedDimensionalities(_ geometry: SuperpositionGeometry) -> [Double] {
    let dimensionalities = geometry.dimensionalities
    return geometry.represented().map { dimensionalities[$0] }
  }

  /// The fraction of represented features within 0.01 of 1/2.
  static func fractionAtHalf(_ geometries: [SuperpositionGeometry]) -> Double {
    let all = geometries.flatMap(representedDimensionalities)
    return Double(all.count { abs($0 - 0.5) <= 0.01 }) / Double(all.count)
  }

  /// How many of the other fractions have a line: ten within 0.005, and twice as many as in either flank at 0.0125.
  static func otherLines(_ dimensionalities: [Double]) -> Double {
    let lines = fractions.count { fraction in
      let core = count(dimensionalities, fraction.value, 0)
      return core >= 10 && core >= 2 * count(dimensionalities, fraction.value, -0.0125)
        && core >= 2 * count(dimensionalities, fraction.value, 0.0125)
    }
    return Double(lines)
  }

  /// The number of values within 0.005 of a centre that is shifted from a fraction.
  private static func count(_ values: [Double], _ fraction: Double, _ shift: Double) -> Double {
    Double(values.count { abs($0 - fraction - shift) <= 0.005 })
  }

  /// Whether each number is at least 0.005 below the one before it.
  static func falls(_ numbers: [Double]) -> Bool {
    zip(numbers, numbers.dropFirst()).allSatisfy { $1 <= $0 - 0.005 }
  }

  private static func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).map { abs($0 - $1) }.max() ?? .nan
  }

  private static func excess(_ parts: [Double]) -> Double { parts.reduce(0, +) - Double(hidden) }
}
