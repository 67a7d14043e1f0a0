// The map of recovery over penalty and dictionary size with its ridge, the curves of single features beside everything that
// must fail, and what agreement with larger dictionaries is worth.

import Foundation
import Plotting

extension Recovery {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    return [
      try Drawing(name, Self.map(seeds)),
      try Drawing("\(name)-penalty", Self.penaltyFigure(seeds)),
      try Drawing("\(name)-agreement", Self.agreementFigure(seeds)),
    ]
  }

  private static let sizesInWords = "\(features) features in \(inputs) dimensions, 2 active on average"
  private static let penaltyTicks = penalties.map { Axis.Tick($0, "\(Double("\($0)")?.brief ?? "")") }
  private static let xs = penalties.map { Double("\($0)") ?? .nan }
  private static let ratios = sizes.map { Double($0) / Double(features) }

  /// The mean over seeds of something of each cell, by size and penalty.
  private static func averages(_ seeds: [Observation], _ value: (Cell) -> Double) -> [[Double]] {
    sizes.indices.map { row in penalties.indices.map { column in mean(seeds.map { value($0.cells[row][column]) }) } }
  }

  // MARK: The map

  private static func map(_ seeds: [Observation]) -> Figure {
    let recovery = averages(seeds, \.recovery)
    let ridge = sizes.indices.map { row -> Mark in
      let column = recovery[row].indices.max { recovery[row][$0] < recovery[row][$1] } ?? 0
      // A frame just inside the cell; neighbours are a factor of about 3.2 and of 2 away.
      let (left, right, low, high) = (xs[column] / 1.62, xs[column] * 1.62, ratios[row] / 1.35, ratios[row] * 1.35)
      return .line(
        row == 0 ? "best penalty of each size" : nil,
        [Point(left, low), Point(right, low), Point(right, high), Point(left, high), Point(left, low)],
        color: .ink(.fixed(RGB(0xD6604D))))
    }
    func heat(_ title: String, _ values: [[Double]], _ colors: ColorScale, _ marks: [Mark] = []) -> Panel {
      Panel(
        title: title, x: .log("penalty α", ticks: penaltyTicks),
        y: .log("latents / features", ticks: ratios.map { Axis.Tick($0, $0.brief) }), size: Size(258, 150),
        marks: [.heatMap(values, colors: colors, xs: xs, ys: ratios, cellText: .decimals(2))] + marks)
    }
    return Figure(
      title: "Sparse autoencoders recover the features that made the data, in a band of penalties",
      subtitle: "\(sizesInWords), correlated and ever rarer; \(seedsInWords(seeds.count))",
      caption:
        "Above: mean max cosine similarity with the true features, and the share of latents that are dead, for each "
        + "autoencoder, averaged over seeds; frames mark the best penalty of each size, the ridge, which moves since the "
        + "penalty is divided by the number of latents. Below: the largest cosine of each feature with a dictionary "
        + "vector, sorted, mean and range over seeds. Everything grey must fail and does: Gaussian data of the same mean and "
        + "covariance and the same features all active at once, each at its best penalty, principal components "
        + "with both signs, and random vectors, which is also what an untrained autoencoder has.",
      rows: [
        [
          heat(
            "mean max cosine", recovery, .sequential("cosine", 0.3...1, map: .viridis),
            ridge
          ),
          heat(
            "dead latents", averages(seeds, \.deadShare), .sequential("share", 0...1, map: .viridis)),
        ],
        [curves(seeds)],
      ])
  }

  private static func curves(_ seeds: [Observation]) -> Panel {
    let ranks = (1...features).map(Double.init)
    func sorted(_ cosines: (Observation) -> [Double]) -> [[Double]] { seeds.map { cosines($0).sorted(by: >) } }
    func best(_ cells: [Cell]) -> [Double] {
      cells.max { $0.recovery < $1.recovery }?.cosines ?? []
    }
    func control(_ name: String, _ style: LineStyle, _ cosines: (Observation) -> [Double]) -> Mark {
      .seeds(name, xs: ranks, sorted(cosines), color: .ink(.control), style: style, markers: false)
    }
    return Panel(
      title: "single features", x: .linear("features, the best recovered first"),
      y: .linear("largest cosine", 0...1.02),
      size: Size(600, 210),
      marks: [
        .rule(y: 0.9, label: "0.9"),
        .seeds(
          "\(sizes[reading.size]) latents, α = 1", xs: ranks,
          sorted { $0.cells[reading.size][reading.penalty].cosines },
          markers: false),
        .seeds("\(sizes[1]) latents, best α", xs: ranks, sorted { best($0.cells[1]) }, markers: false),
        .seeds("\(sizes[0]) latents, best α", xs: ranks, sorted { best($0.cells[0]) }, markers: false),
        control("Gaussian data (control)", .solid) { best($0.gaussian) },
        control("all features active (control)", .dashed) { best($0.dense) },
        control("principal components (control)", .dotted) { $0.components },
        control("random vectors (control)", .thin) { $0.random[reading.size] },
      ])
  }

  // MARK: Over the penalty

  private static func penaltyFigure(_ seeds: [Observation]) -> Figure {
    let lines = sizes.indices.map { row in
      Mark.seeds("\(sizes[row]) latents", xs: xs, seeds.map { $0.cells[row].map(\.recovery) })
    }
    let points = sizes.indices.map { row in
      Mark.scatter(
        "\(sizes[row]) latents", seeds.flatMap { $0.cells[row].filter { $0.l0 > 0 }.map { Point($0.l0, $0.recovery) } })
    }
    let chance = mean(seeds.map { mean($0.random[reading.size]) })
    return Figure(
      title: "The penalty must be neither too small nor too large: a Goldilocks zone",
      subtitle: "\(sizesInWords); \(seedsInWords(seeds.count))",
      caption:
        "Left: mean max cosine with the truth over the penalty, mean and range over seeds; on Gaussian data of the same "
        + "mean and covariance (128 latents) there is no such ridge. Right: the same autoencoders over the number of latents "
        + "that are active in a sample. The best are near the number of features that are active, the dashed line, whatever "
        + "their size, provided that there are enough latents; where hardly any is active the penalty has killed them.",
      panels: [
        Panel(
          title: "over the penalty", x: .log("penalty α", ticks: penaltyTicks),
          y: .linear("mean max cosine", 0.3...1.02), size: Size(290, 220),
          marks: [
            .rule(y: chance, label: "random"),
            .seeds(
              "Gaussian data (control)", xs: xs, seeds.map { $0.gaussian.map(\.recovery) }, color: .ink(.control),
              style: .dashed),
          ] + lines),
        Panel(
          title: "over sparsity", x: .log("active latents in a sample, L0", 0.01...100), y: .linear("", 0.3...1.02),
          size: Size(290, 220), marks: [.rule(x: 2, label: "truth: 2")] + points),
      ], columns: 2)
  }

  // MARK: Agreement

  private static func agreementFigure(_ seeds: [Observation]) -> Figure {
    let cells = seeds.flatMap { $0.cells.dropLast().joined() }
    func points(_ agreement: KeyPath<Cell, Double?>) -> [Point] {
      cells.map { Point($0[keyPath: agreement] ?? .nan, $0.recovery) }
    }
    let correlations = seeds.map { correlation($0.cells, \.agreement) }
    return Figure(
      title: "Agreement with larger dictionaries tells where the truth is recovered",
      subtitle: "\(sizesInWords); \(seedsInWords(seeds.count)); all autoencoders of the map but the largest",
      caption:
        "Each point is an autoencoder: how well its vectors agree with those of larger dictionaries trained with the same "
        + "penalty, which can be known of any network, and how well it recovers the truth, which here is known. Spearman's ρ is "
        + "\(correlations.map(\.brief).joined(separator: ", ")) by seed. The points below at the right are dictionaries that are "
        + "too small: what they hold is true, so they agree, and half of the truth is missing.",
      panels: [
        Panel(
          x: .linear("mean max cosine with larger dictionaries"),
          y: .linear("mean max cosine with the truth", 0.3...1.02),
          size: Size(420, 280),
          marks: [
            .control(points(\.chanceAgreement), name: "with random dictionaries (control)"),
            .scatter(
              "with larger dictionaries", points(\.agreement),
              color: .values(cells.map(\.deadShare), .sequential("share of latents dead", 0...1, map: .viridis)),
              radius: 4),
          ])
      ])
  }
}
