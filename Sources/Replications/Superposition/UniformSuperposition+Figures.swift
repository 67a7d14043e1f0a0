// What the grid of uniform models shows: sticky dimensionalities, vulnerability that follows them, capacity within
// bounds.

import Foundation
import Plotting
import ToyModels

extension UniformSuperposition {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, stickiness(seeds)), try Drawing("\(name)-adversarial", adversarial(seeds)),
      try Drawing("\(name)-capacity", capacity(seeds, first)),
    ]
  }

  /// The lines of the published scatter plot.
  private static let lines: [(name: String, value: Double)] = [
    ("1", 1), ("3/4 tetrahedron", 0.75), ("2/3 triangle", 2 / 3), ("1/2 digon", 0.5),
    ("2/5 pentagon", 0.4), ("3/8 square antiprism", 0.375),
  ]

  private static let sparsities = densities.map { 1 / Double($0) }

  /// Where levels of the notebook stand among those that are trained.
  private static func indices(of chosen: [Int]) -> [Int] {
    levels.indices.filter { chosen.contains(levels[$0]) }
  }

  private var sizes: String { "n = \(Self.features) features of equal importance in m = \(Self.hidden) dimensions" }

  // MARK: Dimensions per feature

  private func stickiness(_ seeds: [Observation]) -> Figure {
    let levels = Self.indices(of: Self.plateau).map { Self.sparsities[$0] }
    let cloud = seeds.flatMap { seed in
      zip(Self.sparsities, seed.relu).flatMap { sparsity, geometry in
        Self.jittered(Self.representedDimensionalities(geometry), around: sparsity)
      }
    }
    let represented = seeds.flatMap { seed in seed.relu.flatMap(Self.representedDimensionalities) }
    let found = seeds.map { Self.otherLines($0.relu.flatMap(Self.representedDimensionalities)).brief }
      .joined(separator: ", ")
    let y = Axis.linear("dimensionality Dᵢ, dimensions per feature D*", 0...1.055)
    let unlabelled = Self.lines.map { Mark.published($0.value, label: "") }
    // Bins of 0.01 with the round hundredths in their middle, so that a line at a fraction falls into one of them.
    func histogram(_ title: String, _ values: [Double], _ color: Ink, _ marks: [Mark]) -> Panel {
      let bars = Mark.histogram(
        nil, values, bins: 105, in: 0.005...1.055, color: .ink(color), orientation: .horizontal)
      return Panel(title: title, x: .linear("features"), y: y, size: Size(120, 320), marks: marks + [bars])
    }
    return Figure(
      title: "Dimensions per feature stick at 1 and at 1/2",
      subtitle: "\(sizes), ten densities, \(seedsInWords(seeds.count))",
      caption:
        "Left: m/‖W‖² of each model, mean and range over seeds, and the dimensionality of each represented feature, "
        + "spread sideways. With dense features no direction is special, so single Dᵢ lie anywhere while their sum is "
        + "m. Antipodal pairs give the line at 1/2. The line at m/n = 1/4 is where all \(Self.features) features are "
        + "represented: it comes from the size of the model. Of the other four published lines the claim's rule finds "
        + "\(found), by seed. Middle and right: how often each dimensionality occurs, and as many numbers drawn "
        + "uniformly.",
      rows: [
        [
          Panel(
            x: .log("1/(1−S)"), y: y, size: Size(400, 320),
            marks: [
              .band(x: (levels.min() ?? 1)...(levels.max() ?? 1), label: "1/2 is read here"),
              .rule(y: Double(Self.hidden) / Double(Self.features), label: "m/n, all features", style: .dotted),
            ]
              + Self.lines.map { .published($0.value, label: $0.name) } + [
                .scatter("one feature, Dᵢ", cloud, color: .ink(.foreground), radius: 1, opacity: 0.5),
                .seeds(
                  "linear model, D* (control)", xs: Self.sparsities,
                  seeds.map { $0.linear.map(\.dimensionsPerFeature) },
                  color: .ink(.control), style: .dashed),
                .seeds("D* = m/‖W‖²", xs: Self.sparsities, seeds.map { $0.relu.map(\.dimensionsPerFeature) }),
              ]),
          histogram("trained models", represented, .foreground, unlabelled),
          histogram(
            "uniform (control)", Array(seeds.flatMap(\.uniformNumbers).prefix(represented.count)), .control, []),
        ]
      ], sharedY: .aligned)
  }

  /// Points at one sparsity, spread evenly to both sides in the order of the features so that equal values show.
  private static func jittered(_ values: [Double], around sparsity: Double) -> [Point] {
    values.enumerated().map { index, value in
      let share = (Double(index) + 0.5) / Double(values.count) - 0.5
      return Point(sparsity * (1 + 0.09 * share), value)
    }
  }

  // MARK: Vulnerability

  private func adversarial(_ seeds: [Observation]) -> Figure {
    let densities = Self.densities.map { Double($0) }
    let features = seeds.map { $0.relu.map { 1 / $0.dimensionsPerFeature } }
    let linearFeatures = seeds.map { $0.linear.map { 1 / $0.dimensionsPerFeature } }
    let correlations = zip(seeds, features).map { pearson($0.vulnerability, $1) }
    let words = correlations.count == 1 ? "" : " to \((correlations.max() ?? .nan).brief)"
    let x = Axis.log("density 1−S", reversed: true)
    let (vulnerability, perDimension) = ("relative vulnerability", "features per dimension, ‖W‖²/m")
    let size = Size(230, 210)
    func points(_ xs: [[Double]], _ ys: [[Double]]) -> [Point] {
      zip(xs.joined(), ys.joined()).map { Point($0, $1) }
    }
    return Figure(
      title: "Vulnerability to adversarial examples follows the number of features per dimension",
      subtitle: "\(sizes), ten densities, \(seedsInWords(seeds.count)); attacks of a tenth of the mean input norm",
      caption: "The rise of the loss under attack, relative to a model that keeps m features and drops the rest. "
        + "Published: 1 without superposition, more than 3 once it forms (read at 1−S = \(plateauDensity.brief)). "
        + "On the right each point is a model of one seed; Pearson's r is "
        + "\((correlations.min() ?? .nan).brief)\(words).",
      panels: [
        Panel(
          title: "vulnerability", x: x, y: .linear(vulnerability), size: size,
          marks: [
            .published(1, margin: 0.1, label: "1, dense"), .published(3, label: "more than 3"),
            .rule(x: plateauDensity, style: .dotted),
            .seeds(
              "linear model (control)", xs: densities, seeds.map(\.linearVulnerability), color: .ink(.control),
              style: .dashed),
            .seeds("ReLU output model", xs: densities, seeds.map(\.vulnerability)),
          ]),
        Panel(
          title: "features per dimension", x: x, y: .linear(perDimension), size: size,
          marks: [
            .seeds("linear model (control)", xs: densities, linearFeatures, color: .ink(.control), style: .dashed),
            .seeds("ReLU output model", xs: densities, features),
          ]),
        Panel(
          title: "one against the other", x: .linear(perDimension), y: .linear(vulnerability), size: size,
          marks: [
            .control(points(linearFeatures, seeds.map(\.linearVulnerability)), name: "linear model (control)"),
            .scatter("ReLU output model", points(features, seeds.map(\.vulnerability)), opacity: 0.7),
          ]),
      ], columns: 3)
  }

  /// The density in the middle of the plateau at 1/2.
  private var plateauDensity: Double {
    pow(20, -Double(Self.plateau[Self.plateau.count / 2]) / 19)
  }

  // MARK: Capacity

  private func capacity(_ seeds: [Observation], _ first: Observation) -> Figure {
    func shares(_ models: KeyPath<Observation, [SuperpositionGeometry]>, _ parts: (SuperpositionGeometry) -> [Double])
      -> [[Double]]
    {
      seeds.map { $0[keyPath: models].map { parts($0).reduce(0, +) / Double(Self.hidden) } }
    }
    let colors = ColorScale.diverging("Wᵢ·Wⱼ", limit: 1.2)
    var downward = Axis.linear(reversed: true)
    downward.isHidden = true
    let matrices = Self.indices(of: [2, 5, 6]).map { index -> Panel in
      let geometry = first.relu[index]
      let blocks = geometry.components().sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
      let order = blocks.flatMap(\.self)
      let values = order.map { i in order.map { geometry.gram[i][$0] } }
      let sizes = Dictionary(grouping: blocks, by: \.count).sorted { $0.key > $1.key }
      let words = sizes.map { "\($0.value.count) of \($0.key)" }.joined(separator: ", ")
      return Panel(
        title: "1−S = \(Double(Self.densities[index]).brief)\nblocks: \(words)", x: .hidden(), y: downward,
        size: Size(170, 170), marks: [.heatMap(values, colors: colors)])
    }
    return Figure(
      title: "Capacities add up to the number of dimensions, and features share them in blocks",
      subtitle: "\(sizes), \(seedsInWords(seeds.count))",
      caption:
        "Left: Σ Cᵢ/m with the bound of Scherlis et al., an invariant of every matrix; squared norms, which are no "
        + "capacities, exceed it once features share dimensions. Right: WᵀW of the represented features of the first "
        + "seed, ordered by blocks of features that overlap (|cosine| above 0.05); at the plateau most blocks are "
        + "antipodal pairs.",
      panels: [
        Panel(
          title: "sum over features, per dimension", x: .log("1/(1−S)"), y: .linear("", 0...5.5), size: Size(240, 170),
          marks: [
            .published(1, label: "bound"),
            .seeds(
              "Σ‖Wᵢ‖²/m (control)", xs: Self.sparsities, shares(\.relu) { $0.norms.map { $0 * $0 } },
              color: .ink(.control), style: .dashed),
            .seeds("Σ Cᵢ/m", xs: Self.sparsities, shares(\.relu, \.capacities)),
          ])
      ] + matrices, columns: 4)
  }
}
