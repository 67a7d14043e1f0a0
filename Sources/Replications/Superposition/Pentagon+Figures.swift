// Five features in two dimensions, drawn as vectors: the pentagon in every seed, and the way to it over sparsity.

import Foundation
import Plotting
import ToyModels

extension Pentagon {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    return [
      try Drawing(name, Self.uniform(seeds)),
      try Drawing("\(name)-sequence", Self.sequence(seeds)),
    ]
  }

  // MARK: Equal importance

  /// More seeds than this are only in the panels of numbers.
  private static let drawnSeeds = 5

  private static func uniform(_ seeds: [Observation]) -> Figure {
    let relu = seeds.map(\.uniform.bestGeometry)
    let linear = seeds.map(\.linear.bestGeometry)
    let reach = 1.5
    // Short marks outside the circle of length one, where the vectors of a regular pentagon point.
    let corners = (0..<5).map { corner -> Mark in
      let angle = (90 + 72 * Double(corner)) * .pi / 180
      return .line(
        "published: 72° apart", [1.22, 1.42].map { Point($0 * cos(angle), $0 * sin(angle)) }, color: .ink(.published))
    }
    func vectors(_ geometries: [SuperpositionGeometry], _ name: String, _ color: Coloring) -> [Panel] {
      geometries.prefix(drawnSeeds).enumerated().map { seed, geometry in
        .geometry(
          title: "seed \(seed)", reach: reach, side: 128,
          marks: [.unitCircle, .vectors(geometry.plane(), name: name, color: color)] + corners)
      }
    }
    return Figure(
      title: "Five equally important sparse features in two dimensions form a regular pentagon",
      subtitle: "n = 5, m = 2, 1−S = 0.05, I = 1; best of 20 models by held-out loss in each of "
        + seedsInWords(seeds.count),
      caption:
        "Above: the feature directions, each model turned until its longest vector points up. The linear model has "
        + "as many dimensions to give and spreads them in no order. Below: the five features of every seed. Gaps "
        + "between neighbours are 72° and D = 2/5 in a regular pentagon; vectors are longer than 1 and biases negative "
        + "because the ReLU absorbs small positive interference.",
      rows: [
        vectors(relu, "ReLU output model", .automatic),
        vectors(linear, "linear model (control)", .ink(.control)),
        [
          numbers(
            "gaps (paper: 72°)", relu.map { $0.gaps(between: Array(0..<5)) },
            linear.map { $0.gaps(between: Array(0..<5)) }, .published(72, margin: 1, label: "")),
          numbers(
            "Dᵢ (paper: 2/5)", relu.map(\.dimensionalities), linear.map(\.dimensionalities),
            .published(0.4, margin: 0.01, label: "")),
          numbers("‖Wᵢ‖ (paper: > 1)", relu.map(\.norms), linear.map(\.norms), .published(1, label: "")),
          numbers(
            "bᵢ (paper: < 0)", seeds.map { $0.uniform.model.bias($0.uniform.best) },
            seeds.map { $0.linear.model.bias($0.linear.best) }, .published(0, label: "")),
        ],
      ], rowLabels: ["ReLU model", "linear control", ""])
  }

  /// The numbers of all features over seeds, beside the control's.
  private static func numbers(
    _ title: String, _ values: [[Double]], _ controls: [[Double]], _ published: Mark
  ) -> Panel {
    func points(_ values: [[Double]], _ shift: Double) -> [Point] {
      values.enumerated().flatMap { seed, values in values.map { Point(Double(seed) + shift, $0) } }
    }
    return Panel(
      title: title, x: .categories(values.indices.map(String.init), label: "seed"), size: Size(128, 130),
      marks: [
        published, .control(points(controls, 0.17), name: "linear model (control)"),
        .scatter("ReLU output model", points(values, -0.17), radius: 2.6),
      ])
  }

  // MARK: Falling importance

  private static let importance = ColorScale.sequential("relative importance", 0.6...1)
  private static let published: [(count: Double, words: String)] = [
    (2, "two orthogonal features"), (4, "two antipodal pairs"), (5, "a pentagon"),
  ]

  private static func sequence(_ seeds: [Observation]) -> Figure {
    let colors = Coloring.values((0..<5).map { pow(0.9, Double($0)) }, importance)
    func vectors(_ models: [TrainedModels]) -> [Panel] {
      models.map { models in
        .geometry(
          reach: 1.45, side: 140,
          marks: [.unitCircle, .vectors(models.bestGeometry.plane(up: 0), color: colors)])
      }
    }
    func count(_ models: TrainedModels) -> Double { Double(models.bestGeometry.represented().count) }
    let intervals = densities.indices.map { level in
      let counts = seeds.map { count($0.sequence[level]) }
      return Interval(
        at: Double(level), estimate: mean(counts), published: published[level].count,
        samples: counts)
    }
    let controls = densities.indices.flatMap { level in
      seeds.map { Point(Double(level) + 0.12, count($0.linearSequence[level])) }
    }
    return Figure(
      title: "Sparser inputs: two features, then four, then five",
      subtitle: "n = 5, m = 2, importance 0.9ⁱ; best of 20 models by held-out loss; \(seedsInWords(seeds.count))",
      caption:
        "Vectors: the feature directions of seed 0, turned until the most important feature points up; dots at "
        + "the centre are features that are not represented. The linear model keeps the two most important features at "
        + "every density. Below: the features with ‖Wᵢ‖ > 1/2 in every seed beside the published 2, 4 and 5.",
      rows: [
        vectors(seeds[0].sequence), vectors(seeds[0].linearSequence),
        [
          Panel(
            x: .categories(densities.map(densityInWords)),
            y: .linear("features represented", 0...6, ticks: (0...5).map { Axis.Tick(Double($0), "\($0)") }),
            size: Size(472, 130),
            marks: [
              .intervals(intervals, name: "ReLU output model", breadth: 0.5),
              .control(controls, name: "linear model (control)"),
            ])
        ],
      ],
      columnLabels: zip(densities, published).map { "\(densityInWords($0)); published: \($1.words)" },
      rowLabels: ["ReLU model", "linear control", ""])
  }
}
