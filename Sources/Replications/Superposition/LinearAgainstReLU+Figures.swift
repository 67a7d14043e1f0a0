// The paper's first figures: WᵀW, biases and norms over sparsity, and what they add up to over all seeds.

import Plotting
import ToyModels

extension LinearAgainstReLU {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.weights(first)),
      try Drawing("\(name)-seeds", Self.summary(seeds)),
    ]
  }

  // MARK: One seed, as the paper draws it

  /// The densities that have a row of their own.
  private static let shown: [Float] = [1, 0.3, 0.1, 0.03, 0.01, 0.001]

  private static let dot = ColorScale.diverging("Wᵢ·Wⱼ", limit: 1)
  private static let bias = ColorScale.diverging("bᵢ", limit: 0.5)
  private static let share = ColorScale.sequential("superposition Σ(Ŵᵢ·Wⱼ)²", 0...1, map: .coolToWarm)

  private static func weights(_ seed: Observation) -> Figure {
    let levels = densities.indices.filter { shown.contains(densities[$0]) }
    let norms = levels.flatMap { seed.linear[$0].bestGeometry.norms + seed.relu[$0].bestGeometry.norms }
    let reach = max(1.2, (norms.max() ?? 1) * 1.05)
    return Figure(
      title: "A linear model keeps m features; a ReLU model adds sparse ones",
      subtitle: "n = \(features) features of importance 0.7ⁱ in m = \(hidden) dimensions; seed 0",
      caption: "Each row is a density. Left to right for both models: the dot products of all features, feature 0, the "
        + "most important, at the top; the biases; the length of each feature's direction, coloured by how much of it "
        + "others use. Published: the linear model shows an identity block of size m, up to the dashed lines, and "
        + "biases of E[x] = (1−S)/2 below it; so does the ReLU model at 1−S = 1. Sparser, its features pair up, those "
        + "of least importance first, and at last more share a dimension, with negative biases. At 1−S = 0.001 a "
        + "feature is active in every other batch: the least important are still short after 4,000 steps.",
      rows: levels.map { level in
        panels(seed.linear[level], reach: reach, published: true)
          + panels(seed.relu[level], reach: reach, published: densities[level] == 1)
      },
      sharedX: .aligned, sharedY: .aligned,
      columnLabels: ["linear model WᵀW", "b", "‖Wᵢ‖", "ReLU model WᵀW", "b", "‖Wᵢ‖"],
      rowLabels: levels.map { densityInWords(densities[$0]) })
  }

  /// One model's matrix, biases and norms; dashed lines show the block where it was published.
  private static func panels(_ models: TrainedModels, reach: Double, published: Bool) -> [Panel] {
    let geometry = models.bestGeometry
    let indices = (0..<features).map(String.init)
    let edge = Double(hidden) - 0.5
    let row: [Mark] = published ? [.rule(y: edge, color: .published)] : []
    let column: [Mark] = published ? [.rule(x: edge, color: .published)] : []
    return [
      .matrix(geometry.gram, colors: dot, rowLabel: "feature", columnLabel: "feature", cell: 5, marks: row + column),
      .matrix(models.model.bias(models.best).map { [$0] }, colors: bias, columnNames: ["b"], cell: 5, marks: row),
      Panel(
        x: .linear("‖Wᵢ‖", 0...reach), y: .categories(indices, reversed: true), size: Size(84, 100),
        marks: [
          .bars(nil, geometry.norms, color: .values(geometry.superposition, share), orientation: .horizontal)
        ] + row),
    ]
  }

  // MARK: All seeds

  private static func summary(_ seeds: [Observation]) -> Figure {
    let x = Axis.log("1/(1−S)", 0.85...1_200)
    let size = Size(210, 190)
    func points(_ value: (Int) -> Double) -> [Point] {
      densities.indices.map { Point(1 / Double(densities[$0]), value($0)) }
    }
    /// The mean over seeds, with the range of all seeds as a band.
    func line(_ name: String, _ values: [[Double]]) -> Mark {
      .line(
        name, points { mean(values[$0]) }, low: values.map { $0.min() ?? .nan }, high: values.map { $0.max() ?? .nan },
        markers: true)
    }
    func control(_ name: String, _ values: [[Double]]) -> Mark { .control(points { mean(values[$0]) }, name: name) }
    /// By density, then by seed.
    func measured(_ part: KeyPath<Observation, [TrainedModels]>, _ value: (TrainedModels) -> Double) -> [[Double]] {
      densities.indices.map { level in seeds.map { value($0[keyPath: part][level]) } }
    }
    func count(_ models: TrainedModels) -> Double { Double(models.bestGeometry.represented().count) }
    func distance(_ models: TrainedModels) -> Double { distanceFromProjection(models.bestGeometry) }
    func bias(_ models: TrainedModels, _ chosen: [Int]) -> Double {
      let all = models.model.bias(models.best)
      return mean(chosen.map { all[$0] })
    }
    let (kept, ignored) = (Array(0..<hidden), Array(hidden..<features))
    return Figure(
      title: "More features than dimensions, once features are sparse",
      subtitle: "n = \(features), m = \(hidden), importance 0.7ⁱ; mean and range of \(seedsInWords(seeds.count))",
      caption: "Left: features with ‖Wᵢ‖ > 1/2; the linear model stays at m, as published. Middle: largest entry of "
        + "|WᵀW − P|, P the projection onto the m most important features: 0 for the linear model and for dense "
        + "features, as published. Right: mean biases; what the linear model ignores it answers with its expected "
        + "value (1−S)/2.",
      rows: [
        [
          Panel(
            title: "represented features", x: x, y: .linear("features", 0...Double(features)), size: size,
            marks: [
              .published(Double(hidden), label: "m"), control("linear model", measured(\.linear, count)),
              line("ReLU output model", measured(\.relu, count)),
            ]),
          Panel(
            title: "distance from projection", x: x, y: .linear("largest |WᵀW − P|"), size: size,
            marks: [
              .published(0, margin: 0.1, label: "0 ± 0.1"), control("linear model", measured(\.linear, distance)),
              line("ReLU output model", measured(\.relu, distance)),
            ]),
          Panel(
            title: "bias", x: x, y: .linear("mean bᵢ"), size: size,
            marks: [
              line("linear model, the ignored", measured(\.linear) { bias($0, ignored) }),
              .publishedCurve(points { Double(densities[$0]) / 2 }, name: "published: E[x]"),
              control("linear model, the represented", measured(\.linear) { bias($0, kept) }),
              line("ReLU model, the represented", measured(\.relu) { bias($0, $0.bestGeometry.represented()) }),
            ]),
        ]
      ])
  }
}
