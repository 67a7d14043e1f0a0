// Superposition as a phase change (Elhage et al. 2022): two features in one dimension, then three in two.
//
// Over a grid of density and relative importance of an extra feature, the best of ten models by loss is compared with
// the phase that the closed forms predict. The expected loss is integrated, not sampled: there is no noise in it.

import Foundation
import Tensors
import ToyModels

/// A grid of models over relative importance and density, and what theory says of each point.
struct PhaseGrid: Sendable {
  struct Point: Sendable {
    var importance: Double
    var density: Double
    var theory: PhaseTheory
    /// By restart.
    var models: [PhaseDiagramModel]

    /// The model of lowest loss; one whose training diverged is never the best while another did not.
    var best: PhaseDiagramModel { models.filter(\.loss.isFinite).min { $0.loss < $1.loss } ?? models[0] }
    var worst: PhaseDiagramModel { models.reduce(models[0]) { $1.loss > $0.loss ? $1 : $0 } }
    var phase: Phase { PhaseTheory.classify(best) }

    /// The fraction of models within 1 % of the lowest loss.
    var hitRate: Double {
      let limit = 1.01 * best.loss
      return Double(models.count { $0.loss < limit }) / Double(models.count)
    }
  }

  /// How many models the best of a point is chosen from, as published.
  static let restarts = 10
  /// The same without the ReLU, where every model ends alike.
  static let linearRestarts = 3

  /// The number of points along each axis.
  let side: Int
  /// Row by row: importance from 0.1 to 10 within a row, rows by falling density from 1 to 0.01.
  let points: [Point]

  /// Trains the models of a grid.
  static func trained(
    side: Int, others: Int, hidden: Int, isLinear: Bool, nodes: Int, restarts: Int, steps: Int,
    theory: (_ density: Double, _ importance: Double) -> PhaseTheory, _ stages: inout Stages, _ label: String
  ) throws -> PhaseGrid {
    let random = stages.run.random(label)
    var points: [Point] = []
    for index in 0..<side * side {
      let (row, column) = (Double(index / side), Double(index % side))
      let (importance, density) = (
        pow(10, -1 + 2 * column / Double(side - 1)), pow(10, -2 * row / Double(side - 1))
      )
      let task = QuadratureTask(
        importance: Array(repeating: 1, count: others) + [Float(importance)], density: density, nodes: nodes)
      let models = (0..<restarts).map {
        PhaseDiagramModel.trained(
          on: task, hidden: hidden, isLinear: isLinear, steps: steps, using: random.derived("point \(index)", $0))
      }
      points.append(
        Point(importance: importance, density: density, theory: theory(density, importance), models: models))
      try stages.progress(Double(index + 1) / Double(side * side))
    }
    stages.finish()
    return PhaseGrid(side: side, points: points)
  }

  /// The points at which theory prefers one phase by more than 15 % of the loss.
  var decided: [Point] { points.filter { $0.theory.margin > 0.15 } }

  /// The fraction of decided points whose best model is in the predicted phase.
  var agreement: Double {
    Double(decided.count { $0.phase == $0.theory.best }) / Double(decided.count)
  }
}

struct PhaseDiagram: Experiment {
  let name = "PhaseDiagram"
  let claims = ["superposition.phase.agreement", "superposition.phase.loss"]
  let configuration: [String: ConfigurationValue] = [
    "features": 2, "hidden": 1, "grid": "11 × 11", "restarts": .int(PhaseGrid.restarts),
    "controlRestarts": .int(PhaseGrid.linearRestarts), "steps": 1_500, "learningRate": 1e-2,
    "schedule": "cosine", "quadratureNodes": 12, "initialStandardDeviation": 0.5,
  ]

  struct Observation: Sendable {
    var relu: PhaseGrid
    var linear: PhaseGrid
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 2)
    func grid(isLinear: Bool, _ label: String) throws -> PhaseGrid {
      try PhaseGrid.trained(
        side: 11, others: 1, hidden: 1, isLinear: isLinear, nodes: 12,
        restarts: isLinear ? PhaseGrid.linearRestarts : PhaseGrid.restarts, steps: 1_500,
        theory: { PhaseTheory.twoInOne(density: $0, importance: $1) }, &stages, label)
    }
    return Observation(relu: try grid(isLinear: false, "ReLU"), linear: try grid(isLinear: true, "linear"))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let points = seed.relu.points
    return [
      Reading(
        claim: "superposition.phase.agreement", value: seed.relu.agreement, control: seed.linear.agreement,
        detail: [
          "decided points": Double(seed.relu.decided.count), "hit rate": mean(points.map(\.hitRate)),
        ]),
      Reading(
        claim: "superposition.phase.loss",
        value: Double(points.count { $0.best.loss <= 1.01 * $0.theory.minimum }) / Double(points.count),
        control: Double(points.count { $0.worst.loss <= 1.01 * $0.theory.minimum }) / Double(points.count),
        detail: [
          "largest ratio": points.map { $0.best.loss / $0.theory.minimum }.max() ?? .nan,
          "smallest ratio": points.map { $0.best.loss / $0.theory.minimum }.min() ?? .nan,
        ]),
    ]
  }
}

struct PhaseDiagramOfThree: Experiment {
  let name = "PhaseDiagramOfThree"
  let claims = ["superposition.phase.three-in-two"]
  let configuration: [String: ConfigurationValue] = [
    "features": 3, "hidden": 2, "grid": "9 × 9", "restarts": .int(PhaseGrid.restarts),
    "controlRestarts": .int(PhaseGrid.linearRestarts), "steps": 1_500, "learningRate": 1e-2,
    "schedule": "cosine", "quadratureNodes": 5, "initialStandardDeviation": 0.5,
  ]

  func observe(_ run: SeedRun) throws -> PhaseDiagram.Observation {
    var stages = Stages(run, count: 2)
    func grid(isLinear: Bool, _ label: String) throws -> PhaseGrid {
      try PhaseGrid.trained(
        side: 9, others: 2, hidden: 2, isLinear: isLinear, nodes: 5,
        restarts: isLinear ? PhaseGrid.linearRestarts : PhaseGrid.restarts, steps: 1_500,
        theory: { PhaseTheory.threeInTwo(density: $0, importance: $1) }, &stages, label)
    }
    return PhaseDiagram.Observation(
      relu: try grid(isLinear: false, "ReLU"), linear: try grid(isLinear: true, "linear"))
  }

  func readings(_ seed: PhaseDiagram.Observation) -> [Reading] {
    [
      Reading(
        claim: "superposition.phase.three-in-two", value: seed.relu.agreement, control: seed.linear.agreement,
        detail: [
          "decided points": Double(seed.relu.decided.count),
          "smallest loss over theory": seed.relu.points.map { $0.best.loss / $0.theory.minimum }.min() ?? .nan,
        ])
    ]
  }
}
