// The smallest models as curves, the two heads of one layer in what they do, and what the second layer reads.

import Plotting
import Transformer

extension MinimalModels {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.learning(seeds)),
      try Drawing("\(name)-heads", Self.heads(first)),
      try Drawing("\(name)-composition", Self.composition(seeds)),
    ]
  }

  // MARK: Learning

  private static func learning(_ seeds: [Observation]) -> Figure {
    let panels: [(String, KeyPath<Observation, Outcome>, Double?)] = [
      ("one layer, one head", \.oneHead, 0.5), ("one layer, two heads", \.twoHeads, 1),
      ("two layers of one head", \.twoLayers, 1), ("one layer, two heads:\npairs held out", \.heldOut, nil),
    ]
    return Figure(
      title: "One head cannot, two can, and what they learn is a table",
      subtitle: "accuracy on all 60 sequences of six names, at the right on the pairs that were held out; "
        + seedsInWords(seeds.count),
      caption:
        "Published accuracies are of single models. Thin lines are seeds; where a model took more than one start the "
        + "last one is shown. Pairs that one layer of two heads has not seen it has not learned.",
      panels: panels.map { title, path, published in
        Panel(
          title: title, x: .linear("step", 0...1_500), y: .linear("accuracy", 0...1.05), size: Size(170, 160),
          marks: [.rule(y: 0.5, label: "chance")] + (published.map { [.published($0, label: "")] } ?? [])
            + seeds.enumerated().map { seed, observation in
              let curve = observation[keyPath: path].curve
              return .line(
                "seed \(seed)", xs: curve.map { Double($0.step) }, ys: curve.map(\.accuracy),
                color: .ink(.series(seed)),
                markers: false)
            })
      }, columns: 4, sharedY: .all)
  }

  // MARK: Heads

  private static func heads(_ seed: Observation) -> Figure {
    let pair = [seed.additive, seed.contrastive]
    let names = ["additive head", "contrastive head"]
    let limit = pair.flatMap { $0.block.joined().map(\.magnitude) }.max() ?? 1
    let written = ColorScale.diverging("logit", limit: limit)
    let attention = ColorScale.sequential("attention", 0...1)
    let rows = zip(pair, names).map { head, title -> [Panel] in
      [
        Panel(
          title: title, x: .categories(["IO − S", "IO + S"]), y: .linear("adds to logits"), size: Size(120, 150),
          marks: [.bars(nil, [head.difference, head.boost], width: 0.55, color: .each([.series(0), .series(1)]))]),
        .matrix(
          title: "attention from MID", head.attentionByTemplate(seed.sequences), colors: attention,
          rowNames: ["S first", "S second"], columnNames: NameSequences.positionNames, cell: 34,
          cellText: .decimals(2)),
        .matrix(
          title: "what a name writes", head.block, colors: written, rowLabel: "read", columnLabel: "written", cell: 24),
      ]
    }
    return Figure(
      title: "Two heads divide the work: one says which two names, the other which of them",
      subtitle: "one layer of two heads, seed 0",
      caption:
        "Left: what each head adds to the logit of the indirect object less that of the subject, and to both together "
        + "above the mean name. Middle: mean attention by template. Right: the OV circuit over names, centred.",
      rows: rows)
  }

  // MARK: Composition

  private static func composition(_ seeds: [Observation]) -> Figure {
    let kinds: [(Composition, String, Double)] = [(.q, "queries", 1), (.v, "values", 0.9333), (.k, "keys", 0.2667)]
    let intervals = kinds.enumerated().map { place, kind in
      let drops = seeds.map { $0.twoLayers.accuracy - ($0.compositions[kind.0] ?? .nan) }
      return Interval(at: Double(place), estimate: mean(drops), published: kind.2, samples: drops)
    }
    return Figure(
      title: "How two layers of one head are joined differs from model to model",
      subtitle: "accuracy lost when the second head's queries, values or keys do not see the first head; "
        + seedsInWords(seeds.count),
      caption: "Lines: published drops, of one model. Large dots: means over seeds; small dots: seeds.",
      panels: [
        Panel(
          x: .categories(kinds.map(\.1)), y: .linear("drop of accuracy", -0.05...1.05), size: Size(260, 190),
          marks: [.intervals(intervals)])
      ])
  }
}
