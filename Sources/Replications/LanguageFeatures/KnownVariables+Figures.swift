// F1 of features beside everything they are compared with, and what clamping them does; the features one by one are in
// KnownVariables+Dashboards.swift.

import Plotting

extension KnownVariables {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let dashboards = try first.dashboards.map { dashboard in
      let words = "\(dashboard.place.rawValue) \(dashboard.variable)".lowercased().split(separator: " ")
      return try Drawing("\(name)-\(words.joined(separator: "-"))", Self.figure(of: dashboard))
    }
    let galleries = try first.galleries.map { gallery in
      let words = gallery.place.rawValue.lowercased().split(separator: " ")
      return try Drawing("\(name)-\(words.joined(separator: "-"))", Self.figure(of: gallery))
    }
    return [
      try Drawing(name, Self.comparison(seeds)), try Drawing("\(name)-clamping", Self.clamping(seeds)),
    ] + galleries + dashboards
  }

  // MARK: - Scores

  private static func comparison(_ seeds: [Observation]) -> Figure {
    func panel(_ place: SplicedPlace, _ dimensions: String, _ scores: (Observation) -> PlaceScores) -> Panel {
      let kinds: [(String, (PlaceScores) -> DetectorScores)] = [
        ("features", \.features), (dimensions, \.dimensions), ("components", \.components),
        ("before training", \.untrained), ("shuffled", \.shuffled),
      ]
      let variables = seeds.first.map { scores($0).features.variables } ?? []
      let values = variables.indices.map { variable in
        kinds.map { kind in mean(seeds.map { kind.1(scores($0)).scores[variable] }) }
      }
      let means = kinds.map { kind in mean(seeds.map { kind.1(scores($0)).overall }) }
      return .matrix(
        title: place.rawValue, values + [means], colors: .sequential("F1 on held-out words", 0...1),
        rowNames: variables.map(\.name) + ["mean of groups"], columnNames: kinds.map(\.0), cellText: .decimals(2))
    }
    return Figure(
      title: "The best unit for each variable of the language",
      subtitle: "one layer, width 32, 64 neurons; \(recipe.features) features; \(seedsInWords(seeds.count))",
      caption:
        "F1 of the best single unit, chosen with its threshold on half of the held-out words and scored on the other; mean "
        + "over seeds. Dimensions and principal components may count from above or below. Before training: features of the "
        + "untrained transformer. Shuffled: features of activations whose dimensions were shuffled over words.",
      panels: [
        panel(.neurons, "neurons", \.neurons), panel(.residual, "dimensions", \.residual),
      ], columns: 2)
  }

  // MARK: - Clamping

  private static func clamping(_ seeds: [Observation]) -> Figure {
    func point(_ change: NumberChange, _ height: (NumberChange) -> Double) -> Point {
      Point(max(change.divergence / Double(change.count), 1e-4), height(change))
    }
    func panel(_ title: String, _ height: @escaping (NumberChange) -> Double) -> Panel {
      Panel(
        title: title, x: .log("KL from the unsteered model, nats", 1e-4...20), y: .linear("share", -0.05...1.05),
        marks: [
          .control(seeds.flatMap { $0.clamping.others.map { point($0, height) } }, name: "every other feature"),
          .scatter(
            "feature for a plural verb due", seeds.map { point($0.clamping.own, height) }, color: .ink(.series(0)),
            radius: 5),
        ])
    }
    let (flipping, others) = (
      seeds.reduce(0) { $0 + $1.othersThatFlip.count }, seeds.reduce(0) { $0 + $1.clamping.others.count }
    )
    return Figure(
      title:
        "A feature turns singular into plural and changes little else; clamped as hard, \(flipping) of \(others) others flip "
        + "as much",
      subtitle:
        "residual features clamped to \(Double(clamp).brief) times their largest activation where a singular verb is due; "
        + seedsInWords(seeds.count),
      caption:
        "Each point is one feature of one seed. Left: the share of words after which plural verbs became likelier than "
        + "singular ones; nine in ten count as flipped. Right: the share of the divergence that is in the number of the verb.",
      panels: [panel("flipped", \.flips), panel("of the change, in number") { $0.shareInNumber ?? 0 }], columns: 2)
  }
}
