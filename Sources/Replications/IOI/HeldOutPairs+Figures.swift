// Held-out pairs as curves, the heads of both models, and the two classes of circuits side by side.

import Plotting
import Transformer

extension HeldOutPairs {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    // Both classes, where a seed has both.
    let shown = seeds.firstIndex { Set($0.models.map(\.circuitClass)).count == 2 } ?? 0
    return [
      try Drawing(name, Self.learning(seeds)),
      try Drawing("\(name)-heads", Self.heads(seeds[shown], shown)),
      try Drawing("\(name)-classes", Self.classes(seeds)),
    ]
  }

  // MARK: Learning

  private static func learning(_ seeds: [Observation]) -> Figure {
    func panel(_ title: String, _ curves: [[(step: Int, values: [Double])]]) -> Panel {
      Panel(
        title: title, x: .linear("step"), y: .linear("accuracy", 0...1.05), size: Size(190, 170),
        marks: [.rule(y: 0.5, label: "chance")]
          + [("pairs of training", 0), ("held-out pairs", 1)].map { name, index in
            .seeds(
              name, xs: (curves.first ?? []).map { Double($0.step) }, curves.map { $0.map { $0.values[index] } },
              color: .ink(.series(index)), markers: false)
          })
    }
    return Figure(
      title: "Two layers learn an algorithm: it holds for pairs of names never seen together",
      subtitle: "thirty names, a fifth of the 435 pairs held out; \(seedsInWords(seeds.count))",
      caption:
        "Means over seeds with the range from the lowest to the highest. Accuracy counts the best of thirty names.",
      panels: [
        panel("two layers of four heads", seeds.map { $0.models[0].curve }),
        panel("two layers of two heads", seeds.map { $0.models[1].curve }),
        panel("one layer of one head (control)", seeds.map(\.controlCurve)),
      ], columns: 3, sharedY: .all)
  }

  // MARK: Heads

  private static func heads(_ seed: Observation, _ index: Int) -> Figure {
    let attention = ColorScale.sequential("attention", 0...1)
    let rows = seed.models.map { model -> [Panel] in
      let leading = model.leading
      let limit = leading.block.joined().map(\.magnitude).max() ?? 1
      return [
        Panel(
          title: "\(model.label): logit difference", x: .categories(model.heads.map(\.label)),
          y: .linear("by attribution"), size: Size(Double(model.heads.count) * 26, 150),
          marks: [
            .bars(
              nil, model.heads.map(\.difference), width: 0.6,
              color: .each(model.heads.indices.map { $0 == model.leadingIndex ? .series(0) : .muted }))
          ]),
        .matrix(
          title: "\(leading.label), a \(model.circuitClass.rawValue) head", leading.attentionByTemplate(seed.sequences),
          colors: attention, rowNames: ["S first", "S second"], columnNames: NameSequences.positionNames, cell: 34,
          cellText: .decimals(2)),
        .matrix(
          title: "what a name writes", leading.block, colors: .diverging("logit", limit: limit), rowLabel: "read",
          columnLabel: "written", cell: 6.5),
      ]
    }
    return Figure(
      title: "The leading heads: where they attend and what they write",
      subtitle: "held-out pairs; the first seed whose two models are of different classes, seed \(index)",
      caption:
        "Left: what each head adds to the logit difference, the leading head of the last layer in colour. Middle: its "
        + "attention from MID. Right: its OV circuit over thirty names, centred; a name mover's diagonal is positive, "
        + "a subtracting head's negative.",
      rows: rows)
  }

  // MARK: Classes

  private static func classes(_ seeds: [Observation]) -> Figure {
    let models = seeds.flatMap { seed in seed.models.map { (seed, $0) } }
    let kinds: [CircuitClass] = [.nameMover, .subtracting]
    func points(_ kind: CircuitClass) -> [Point] {
      models.filter { $0.1.circuitClass == kind }.map { seed, model in
        Point(
          model.leading.positivity,
          mean(model.leading.attentionToIndirectObject(seed.sequences))
            - mean(model.leading.attentionToSubject(seed.sequences)))
      }
    }
    let corners = Panel(
      title: "leading heads", x: .linear("OV: Σ Re λ / Σ|λ|", -1.1...1.1),
      y: .linear("attention to IO less to S", -1.1...1.1), size: Size(220, 200),
      marks: [.rule(x: 0), .rule(y: 0)]
        + kinds.enumerated().map { .scatter($1.rawValue, points($1), color: .ink(.series($0)), radius: 4) })
    let names: [(Composition, String)] = [(.q, "queries"), (.k, "keys"), (.v, "values")]
    let compositions = Panel(
      title: "accuracy without composition", x: .categories(names.map(\.1)), y: .linear("held-out accuracy", 0...1.05),
      size: Size(240, 200),
      marks: kinds.enumerated().map { index, kind in
        .scatter(
          kind.rawValue,
          models.filter { $0.1.circuitClass == kind }.flatMap { _, model in
            names.enumerated().map { Point(Double($0) + (index == 0 ? -0.12 : 0.12), model.compositions[$1.0] ?? .nan) }
          }, color: .ink(.series(index)), radius: 4)
      })
    return Figure(
      title: "Two classes of circuits, told apart by the weights of one head",
      subtitle: "two models each of \(seedsInWords(seeds.count))",
      caption:
        "A name mover (right) attends to the indirect object and is told by its queries whom to look at; a subtracting "
        + "head (left) attends to the subject and writes its opposite.",
      panels: [corners, compositions], columns: 2)
  }
}
