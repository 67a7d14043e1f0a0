// Non-uniform superposition (Elhage et al. 2022, "Perturbing a Single Feature").
//
// Five features in two dimensions at a density of 0.05; the density of one is scaled by r. From r = 1 down the pentagon
// first deforms, then two digons without that feature have the lower loss. Both solutions are followed through the
// whole range: the pentagon as the best restart that represents all five features, the digons as the best model of the
// other four with the fifth left out at its best bias. Both are evaluated on the same samples.

import Foundation
import Tensors
import ToyModels

struct PerturbedFeature: Experiment {
  let name = "PerturbedFeature"
  let claims = [
    "superposition.perturbed.threshold", "superposition.perturbed.crossing", "superposition.perturbed.deforms",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": 5, "hidden": 2, "density": 0.05, "relativeDensities": .numbers(Self.ratios),
    "restarts": .int(Self.restarts),
    "controlRestarts": .int(Self.controlRestarts),
    "steps": 2_500, "learningRate": 5e-3, "schedule": "cosine", "batchSize": 1_024, "heldOutSamples": 200_000,
  ]

  /// The density of the perturbed feature over that of the others, by falling r.
  static let ratios = [1, 0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1]
  static let density = 0.05
  /// How many models the best pentagon is chosen from; up to the crossing every other one is a pentagon.
  static let restarts = 12
  /// All restarts come out as pentagons when features stay alike: a few are enough for the control.
  static let controlRestarts = 6

  /// Both solutions at one relative density.
  struct Point: Sendable {
    var ratio: Double
    /// The best pentagon and its loss; nil where no restart represents all five features.
    var pentagon: SuperpositionGeometry?
    var pentagonLoss: Double
    /// The best model of the other four features and its loss.
    var digons: SuperpositionGeometry
    var digonLoss: Double
    /// The fraction of restarts that represent all five features.
    var hitRate: Double

    /// Positive where the pentagon has the lower loss.
    var advantage: Double { digonLoss - pentagonLoss }
  }

  struct Observation: Sendable {
    /// One feature made sparser, by falling ratio.
    var single: [Point]
    /// All five made sparser together: the control.
    var together: [Point]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 4 * Self.ratios.count)
    func points(_ label: String, restarts: Int, _ densities: (Double) -> [Float]) throws -> [Point] {
      try Self.ratios.map {
        try point(ratio: $0, densities: densities($0), restarts: restarts, &stages, "\(label) \($0)")
      }
    }
    let base = Float(Self.density)
    return Observation(
      single: try points("single", restarts: Self.restarts) { [Float($0) * base, base, base, base, base] },
      together: try points("together", restarts: Self.controlRestarts) { Array(repeating: Float($0) * base, count: 5) })
  }

  private func point(
    ratio: Double, densities: [Float], restarts: Int, _ stages: inout Stages, _ label: String
  ) throws -> Point {
    var plan = TrainingPlan(
      architecture: .reluOutput(features: 5, hidden: 2), distribution: FeatureDistribution(densities: densities),
      importance: geometricImportance(1, 5), restarts: restarts,
      settings: SuperpositionTraining(steps: 2_500, learningRate: 5e-3, schedule: .cosine), heldOut: 1)
    let distribution = plan.distribution
    let models = try plan.train(&stages, label)
    plan.architecture = .reluOutput(features: 4, hidden: 2)
    plan.distribution = FeatureDistribution(densities: Array(densities.dropFirst()))
    plan.importance = geometricImportance(1, 4)
    plan.restarts = 4
    plan.heldOut = 20_000
    let digons = try plan.train(&stages, "\(label) digons")
    let heldOut = stages.run.random("\(label) held out")
    let losses = models.model.losses(
      [distribution], importance: geometricImportance(1, 5), samples: 200_000, using: heldOut)
    let digonLoss = Self.withoutFirst(digons, density: densities[0])
      .losses([distribution], importance: geometricImportance(1, 5), samples: 200_000, using: heldOut)[0]
    let geometries = models.geometries
    let pentagons = losses.indices.filter { geometries[$0].represented().count == 5 }
    let best = pentagons.min { losses[$0] < losses[$1] }
    return Point(
      ratio: ratio, pentagon: best.map { geometries[$0] }, pentagonLoss: best.map { losses[$0] } ?? .infinity,
      digons: digons.bestGeometry, digonLoss: digonLoss, hitRate: Double(pentagons.count) / Double(losses.count))
  }

  /// The best model of four features as one of five that has no weights for the first and answers with its mean.
  private static func withoutFirst(_ four: TrainedModels, density: Float) -> SuperpositionModel {
    let weights: [Float] = [0, 0] + four.bestGeometry.directions.flatMap { row in row.map { Float($0) } }
    let bias = [density / 2] + four.model.bias(four.best).map { Float($0) }
    return SuperpositionModel(
      architecture: .reluOutput(features: 5, hidden: 2), encoder: Tensor(weights, [1, 5, 2]),
      bias: Tensor(bias, [1, 5]))
  }

  func readings(_ seed: Observation) -> [Reading] {
    [
      Reading(
        claim: "superposition.perturbed.threshold", value: Self.threshold(seed.single),
        control: Self.threshold(seed.together)),
      Reading(
        claim: "superposition.perturbed.crossing", held: Self.crossesOnce(seed.single),
        controlHeld: Self.crossesOnce(seed.together),
        detail: Dictionary(uniqueKeysWithValues: seed.single.map { ("pentagons at r = \($0.ratio)", $0.hitRate) })),
      Reading(
        claim: "superposition.perturbed.deforms", held: Self.deforms(seed.single),
        controlHeld: Self.deforms(seed.together),
        detail: Dictionary(
          uniqueKeysWithValues: seed.single.prefix(4).compactMap { point in
            point.pentagon.map { ("gap to neighbours at r = \(point.ratio)", Self.gapToNeighbours($0)) }
          })),
    ]
  }

  /// 1/r where the loss curves cross, interpolated in log r; the end of the range when they do not.
  static func threshold(_ points: [Point]) -> Double {
    guard let after = points.firstIndex(where: { $0.advantage < 0 }) else { return 1 / (ratios.last ?? 1) }
    guard after > 0 else { return 1 }
    let (left, right) = (points[after - 1], points[after])
    guard right.advantage.isFinite else { return 1 / right.ratio }
    let share = left.advantage / (left.advantage - right.advantage)
    return 1 / exp(log(left.ratio) + share * (log(right.ratio) - log(left.ratio)))
  }

  /// Whether the pentagon is ahead at r = 1 and loses the lead once, for good.
  static func crossesOnce(_ points: [Point]) -> Bool {
    let ahead = points.map { $0.advantage > 0 }
    return ahead.first == true && zip(ahead, ahead.dropFirst()).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) } == 1
  }

  /// Whether the gaps beside the perturbed feature close at each of the first steps, by 1° in all.
  static func deforms(_ points: [Point]) -> Bool {
    let gaps = points.prefix(4).compactMap { $0.pentagon.map(gapToNeighbours) }
    guard gaps.count == 4 else { return false }
    return zip(gaps, gaps.dropFirst()).allSatisfy { $1 < $0 } && gaps[0] - gaps[3] >= 1
  }

  /// The mean of the two gaps beside the first feature, in degrees.
  static func gapToNeighbours(_ geometry: SuperpositionGeometry) -> Double {
    let turns = (1..<5).map { feature in
      let turn = (geometry.angle(feature) - geometry.angle(0)).truncatingRemainder(dividingBy: 360)
      return turn < 0 ? turn + 360 : turn
    }
    return ((turns.min() ?? .nan) + 360 - (turns.max() ?? .nan)) / 2
  }
}
