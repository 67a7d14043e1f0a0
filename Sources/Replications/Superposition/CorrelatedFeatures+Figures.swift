// What correlated features look like: local bases in WᵀW, pairs that collapse as they grow denser, antipodal opposites.

import Plotting
import ToyModels

extension CorrelatedFeatures {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, localBases(seeds, first)), try Drawing("\(name)-collapse", collapse(seeds, first)),
      try Drawing("\(name)-anticorrelated", anticorrelated(seeds, first)),
    ]
  }

  // MARK: Local bases

  private func localBases(_ seeds: [Observation], _ first: Observation) -> Figure {
    let colors = ColorScale.diverging("Wᵢ·Wⱼ", limit: 1.2)
    let sets = [Mark.Group(-0.5...9.5, "set A"), Mark.Group(9.5...19.5, "set B")]
    func matrix(_ title: String, _ models: TrainedModels) -> Panel {
      .matrix(
        title: title, models.bestGeometry.gram, colors: colors, rowLabel: "feature", columnLabel: "feature", cell: 10,
        marks: [.rowBrackets(sets), .columnBrackets(sets)])
    }
    let cosines = seeds.map { Self.largestWithinSet($0.localBases.bestGeometry) }
    let controls = seeds.map { Self.largestWithinSet($0.independentBases.bestGeometry) }
    let places = seeds.indices.map { Double($0) }
    return Figure(
      title: "Correlated features form a local orthogonal basis for each set",
      subtitle:
        "WᵀW of the lowest-loss model of \(Self.basesRestarts), first of \(seedsInWords(seeds.count)); 2 sets of 10 "
        + "features in 10 dimensions, 1−S = 0.03",
      caption: "Left: within a set, blocks are the identity; features of different sets share directions. Middle: "
        + "independent features pair up as opposites anywhere. Right: the largest |cosine| between two features of one "
        + "set; orthogonal is 0, the claim allows the shaded margin.",
      panels: [
        matrix("correlated sets", first.localBases), matrix("independent (control)", first.independentBases),
        Panel(
          title: "largest |cosine| within a set",
          x: .categories(seeds.indices.map { "\($0 + 1)" }, label: "seed"), y: .linear("", 0...1.05),
          size: Size(150, 200),
          marks: [
            .published(0, margin: 0.1, label: "orthogonal"),
            .control(zip(places, controls).map { Point($0, $1) }, name: "independent (control)"),
            .scatter("correlated", zip(places, cosines).map { Point($0, $1) }, radius: 4),
          ]),
      ], columns: 3)
  }

  // MARK: Collapse

  /// How many pairs have collapsed in the paper at the densities that are read here.
  private static let publishedCollapse = [3, 1, 0]

  private func collapse(_ seeds: [Observation], _ first: Observation) -> Figure {
    func row(_ isControl: Bool) -> [Panel] {
      Self.collapseDensities.indices.map { index in
        let counts = seeds.map { seed in
          Self.collapsedPairs((isControl ? seed.independentCollapse : seed.collapse)[index].bestGeometry)
        }
        let models = (isControl ? first.independentCollapse : first.collapse)[index]
        let measured = "collapsed: \(counts.map(String.init).joined(separator: ", "))"
        let title = isControl ? measured : "\(measured)\npublished: \(Self.publishedCollapse[index])"
        return sticks(title, models, sets: 3, side: 160)
      }
    }
    return Figure(
      title: "Denser correlated pairs collapse one by one",
      subtitle:
        "columns of W of the lowest-loss model of \(Self.restarts) (control: of \(Self.controlRestarts)), "
        + "first of \(seedsInWords(seeds.count)); 3 pairs of features in 2 dimensions",
      caption: "A colour for each pair. A pair has collapsed when both features point the same way (cosine above 0.95) "
        + "and lie on each other; the number of collapsed pairs is given for every seed. Each panel is turned so "
        + "that the first feature points up.",
      rows: [row(false), row(true)], columnLabels: Self.collapseDensities.map(densityInWords),
      rowLabels: ["correlated", "independent (control)"])
  }

  // MARK: Anticorrelation

  private func anticorrelated(_ seeds: [Observation], _ first: Observation) -> Figure {
    let kinds: [(String, (Observation) -> TrainedModels)] = [
      ("anticorrelated", \.anticorrelated), ("independent", \.independentPairs), ("correlated", \.correlatedPairs),
    ]
    let panels = kinds.map { kind, models in
      sticks("\(kind)\nloss \(models(first).bestLoss.brief)", models(first), sets: 2, side: 150)
    }
    let rates = kinds.enumerated().map { index, kind in
      let values = seeds.map { kind.1($0).rate(Self.isAntipodal) }
      return Interval(
        at: Double(index), estimate: mean(values), range: (values.min() ?? .nan)...(values.max() ?? .nan),
        samples: values)
    }
    return Figure(
      title: "The lowest-loss model puts anticorrelated features opposite each other; a typical run need not",
      subtitle:
        "2 pairs of features in 2 dimensions, 1−S = 0.05; lowest-loss model of \(Self.restarts) "
        + "(correlated: of \(Self.controlRestarts)), first of \(seedsInWords(seeds.count))",
      caption:
        "A colour for each pair. Left: the selected models with their losses. Right: the fraction of all restarts "
        + "(\(Self.restarts); correlated \(Self.controlRestarts)) in which both "
        + "pairs are antipodal, by seed with mean and range. Four features in two antipodal pairs match the sets in "
        + "one way of three.",
      panels: panels + [
        Panel(
          title: "restarts with antipodal pairs", x: .categories(kinds.map(\.0)), y: .linear("fraction", 0...1),
          size: Size(250, 150),
          marks: [.rule(y: 1 / 3, label: "by chance, 1/3"), .intervals(rates, name: nil)])
      ], columns: 4)
  }

  /// The weight columns of the best model, turned so that the first feature points up, a colour for each pair.
  private func sticks(_ title: String, _ models: TrainedModels, sets: Int, side: Double) -> Panel {
    let geometry = models.bestGeometry
    let turned = geometry.plane(up: 0)
    let pairs = ColorScale.categories((0..<sets).map { .init("pair \($0 + 1)", .series($0)) })
    let marks = [
      Mark.vectors(
        turned, color: .values(turned.indices.map { Double($0 / 2) }, pairs),
        titles: turned.indices.map { "feature \($0), ‖W‖ = \(geometry.norms[$0].brief)" })
    ]
    return .geometry(title: title, reach: 1.5, side: side, marks: marks)
  }
}
