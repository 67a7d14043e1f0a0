// The induction circuit as the paper draws it: composition, eigenvalues, attention; and what is lost without it.

import Plotting
import Transformer

extension InductionCircuit {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.weights(seeds, first)),
      try Drawing("\(name)-attention", Self.attention(first, seeds.count)),
      try Drawing("\(name)-behaviour", Self.behaviour(seeds)),
    ]
  }

  // MARK: Weights

  private static func weights(_ seeds: [Observation], _ first: Observation) -> Figure {
    let colors = ColorScale.diverging("composition above random matrices", limit: 0.2)
    let maps = Composition.allCases.sorted { $0.rawValue < $1.rawValue }.map { kind in
      let scores = (first.trained.compositions[kind] ?? []).map { $0.map { $0 - first.trained.baseline.mean } }
      return Panel.matrix(
        title: "\(kind.rawValue.uppercased())-composition", scores, colors: colors, rowLabel: "layer 0",
        columnLabel: "layer 1",
        rowNames: scores.indices.map { "0.\($0)\($0 == first.trained.previousTokenHead ? " prev" : "")" },
        columnNames: scores.indices.map { "1.\($0)" }, cell: 46, cellText: .decimals(2))
    }
    func points(_ readings: [CircuitReading], _ isWanted: (CircuitReading.Head) -> Bool = { _ in true }) -> [Point] {
      readings.flatMap { $0.heads.filter(isWanted).map { Point($0.matching, $0.copying) } }
    }
    let others = points(seeds.map(\.trained)) { $0.prefixMatching <= behaves }
    let corner = Panel(
      x: .linear("QK through the best layer-0 head: Σ Re λ / Σ|λ|", -1.05...1.05),
      y: .linear("OV: Σ Re λ / Σ|λ|", -1.05...1.05), aspect: .equal, size: Size(290, 290),
      marks: [
        .rule(x: 0), .rule(y: 0), .control(points(seeds.map(\.initial)), name: "before training"),
        .scatter("one layer: no head before it", points(seeds.map(\.oneLayer)), symbol: .square, radius: 3),
        .scatter(
          "induction head (prefix matching > \(behaves))", points(seeds.map(\.trained)) { $0.prefixMatching > behaves },
          radius: 4),
      ] + (others.isEmpty ? [] : [.scatter("other head of the last layer", others, symbol: .ring, radius: 4)]))
    return Figure(
      title: "Induction heads are found in the weights",
      subtitle: "two layers of two heads, width 32, uniform tokens with copied spans; \(seedsInWords(seeds.count))",
      caption:
        "Above: how much each head of the last layer reads of what each head of the first writes, less the mean of "
        + "random matrices of the same shape, seed 0. K-composition with the previous-token head (prev) is strongest; "
        + "keys read the other head of the first layer too, less; queries and values read less than random. Below: the "
        + "eigenvalue scores of all heads of all seeds but those of the first layer, which have no head before them. "
        + "Induction heads are in the upper right corner; heads of one layer copy just as well, and are none.",
      rows: [maps, [corner]])
  }

  // MARK: Attention

  private static func attention(_ first: Observation, _ count: Int) -> Figure {
    let colors = ColorScale.sequential("attention", 0...1)
    func panel(_ title: String, _ pattern: [[Double]]) -> Panel {
      Panel(
        title: title, x: .linear("key"), y: .linear("query", reversed: true), size: Size(245, 245),
        marks: [.heatMap(pattern, colors: colors)])
    }
    return Figure(
      title: "On repeated random tokens an induction head attends to what came next before",
      subtitle: "twelve random tokens four times over, after a beginning-of-sequence token; seed 0",
      caption:
        "The stripes lie one token right of earlier copies of the present token; without an earlier copy the head "
        + "rests on the first position. The one-layer head with the highest copying score has no such stripes.",
      rows: [
        [
          panel("two layers, head 1.\(first.trained.bestHeadByWeights), chosen by weights", first.pattern),
          panel("one layer, head 0.\(first.oneLayer.bestHeadByWeights) (control)", first.patternOfOneLayer),
        ]
      ])
  }

  // MARK: Behaviour

  private static func behaviour(_ seeds: [Observation]) -> Figure {
    let copies = seeds[0].copyLosses.indices.map { Double($0 + 1) }
    let losses = Panel(
      title: "loss on repeated random tokens",
      x: .linear("copy", 0.8...Double(copies.count) + 0.2, ticks: copies.map { Axis.Tick($0, "\(Int($0))") }),
      y: .linear("nats"), size: Size(260, 200),
      marks: [
        .seeds("intact", xs: copies, seeds.map(\.copyLosses)),
        .seeds("without the heads found by weights", xs: copies, seeds.map(\.copyLossesWithoutInductionHeads)),
        .seeds(
          "without first-layer heads (control)", xs: copies, seeds.map(\.copyLossesWithoutFirstLayer),
          color: .ink(.control), style: .dashed),
      ])
    func bars(_ title: String, _ label: String, _ two: [Double], _ one: [Double], bound: Double) -> Panel {
      Panel(
        title: title, x: .categories(["two layers", "one layer"]), y: .linear(label), size: Size(150, 200),
        marks: [
          .bars(nil, [mean(two), mean(one)], width: 0.55, color: .each([.series(0), .control])),
          .scatter(
            nil, two.map { Point(0.0, $0) } + one.map { Point(1.0, $0) }, color: .ink(.foreground), radius: 2.2),
          .rule(y: bound, label: "bound"),
        ])
    }
    return Figure(
      title: "What the induction heads do",
      subtitle: seedsInWords(seeds.count) + "; patterns frozen in the ablations",
      caption:
        "Left: the mean loss on each copy of twelve random tokens, mean and range over seeds. Middle: prefix matching of "
        + "the head that the weights point to. Right: how much likelier b is at the end of [a][b] … [a] than when the "
        + "same tokens came in another order.",
      rows: [
        [
          losses,
          bars(
            "prefix matching", "score", seeds.map { $0.trained.heads[$0.trained.bestHeadByWeights].prefixMatching },
            seeds.map { $0.oneLayer.heads[$0.oneLayer.bestHeadByWeights].prefixMatching }, bound: 0.7),
          bars("gain of order", "nats", seeds.map(\.orderGain), seeds.map(\.orderGainOfOneLayer), bound: 1),
        ]
      ])
  }
}
