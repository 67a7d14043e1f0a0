// The polytopes one by one (Elhage et al. 2022, "Why These Geometric Structures?" and "Feature Dimensionality").
//
// At scale the published fractions other than 1/2 do not stand out; each belongs to one polytope, though, and alone, in
// a model just large enough for it, every one of them is the lowest-loss solution at some density. The reduction to
// small models is ours. The control is the linear model: the same ΣD_i = m, split anyhow.

import ToyModels

struct Polytopes: Experiment {
  /// A polytope, the model that makes it and the dimensionalities of its corners.
  struct Shape: Sendable {
    var claim: String
    var name: String
    var features: Int
    var hidden: Int
    var density: Float
    /// One in ten or twenty finds the lowest loss when features are dense; sparse features need fewer.
    var restarts: Int
    var batchSize = 1_024
    /// Sorted from large to small.
    var dimensionalities: [Double]
  }

  static let shapes: [Shape] = [
    .init(
      claim: "superposition.polytope.digon", name: "digon", features: 2, hidden: 1, density: 0.1, restarts: 16,
      dimensionalities: [0.5, 0.5]),
    .init(
      claim: "superposition.polytope.triangle", name: "triangle", features: 3, hidden: 2, density: 0.7, restarts: 128,
      batchSize: 512,
      dimensionalities: Array(repeating: 2 / 3, count: 3)),
    .init(
      claim: "superposition.polytope.sparse-triangle", name: "sparse triangle", features: 3, hidden: 2, density: 0.1,
      restarts: 16,
      dimensionalities: Array(repeating: 2 / 3, count: 3)),
    .init(
      claim: "superposition.polytope.tetrahedron", name: "tetrahedron", features: 4, hidden: 3, density: 0.6,
      restarts: 80, batchSize: 512,
      dimensionalities: Array(repeating: 3 / 4, count: 4)),
    .init(
      claim: "superposition.polytope.pentagon", name: "pentagon", features: 5, hidden: 2, density: 0.05, restarts: 16,
      dimensionalities: Array(repeating: 2 / 5, count: 5)),
    .init(
      claim: "superposition.polytope.triangular-bipyramid", name: "triangular bipyramid", features: 5, hidden: 3,
      density: 0.6, restarts: 32, dimensionalities: [2 / 3, 2 / 3, 2 / 3, 0.5, 0.5]),
    .init(
      claim: "superposition.polytope.octahedron", name: "octahedron", features: 6, hidden: 3, density: 0.1,
      restarts: 16,
      dimensionalities: Array(repeating: 0.5, count: 6)),
    .init(
      claim: "superposition.polytope.pentagonal-bipyramid", name: "pentagonal bipyramid", features: 7, hidden: 3,
      density: 0.2, restarts: 16, dimensionalities: [0.5, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4]),
    .init(
      claim: "superposition.polytope.square-antiprism", name: "square antiprism", features: 8, hidden: 3, density: 0.2,
      restarts: 32,
      dimensionalities: Array(repeating: 3 / 8, count: 8)),
  ]

  let name = "Polytopes"
  let claims = Self.shapes.map(\.claim)
  let configuration: [String: ConfigurationValue] = [
    "steps": 2_500, "learningRate": 1e-2, "schedule": "cosine",
    "batchSize": "1,024, of triangle and tetrahedron 512",
    "initialStandardDeviation": 0.5,
    "shapes": .array(
      Self.shapes.map {
        .string("\($0.name): n = \($0.features), m = \($0.hidden), 1−S = \($0.density), best of \($0.restarts)")
      }),
  ]

  struct Observation: Sendable {
    /// One for each shape.
    var models: [TrainedModels]
    var linear: [TrainedModels]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 2 * Self.shapes.count)
    var observation = Observation(models: [], linear: [])
    for shape in Self.shapes {
      var plan = TrainingPlan(
        architecture: .reluOutput(features: shape.features, hidden: shape.hidden),
        distribution: FeatureDistribution(features: shape.features, density: shape.density),
        importance: geometricImportance(1, shape.features), restarts: shape.restarts,
        settings: SuperpositionTraining(
          steps: 2_500, batchSize: shape.batchSize, learningRate: 1e-2, schedule: .cosine),
        initialization: .normal(standardDeviation: 0.5), heldOut: 200_000)
      observation.models.append(try plan.train(&stages, shape.name))
      plan.restarts = 8
      plan.heldOut = 1
      plan.settings.steps = 1_000
      observation.linear.append(try plan.linear.train(&stages, "linear \(shape.name)"))
    }
    return observation
  }

  func readings(_ seed: Observation) -> [Reading] {
    Self.shapes.indices.map { index in
      let (shape, models) = (Self.shapes[index], seed.models[index])
      return Reading(
        claim: shape.claim, value: Self.error(models.bestGeometry, shape),
        control: Self.meanError(seed.linear[index], shape),
        detail: [
          "hit rate": models.rate { Self.error($0, shape) <= 0.02 }, "loss": models.bestLoss,
          "largest D": models.bestGeometry.dimensionalities.max() ?? .nan,
          "smallest D": models.bestGeometry.dimensionalities.min() ?? .nan,
        ])
    }
  }

  /// The mean over linear models, whose losses are all alike: none of them is the best.
  static func meanError(_ models: TrainedModels, _ shape: Shape) -> Double {
    models.geometries.reduce(0) { $0 + error($1, shape) } / Double(models.model.instances)
  }

  /// The largest distance of a sorted dimensionality from the polytope's.
  static func error(_ geometry: SuperpositionGeometry, _ shape: Shape) -> Double {
    zip(geometry.dimensionalities.sorted(by: >), shape.dimensionalities).map { abs($0 - $1) }.max() ?? .nan
  }
}
