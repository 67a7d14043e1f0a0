// The phase change, drawn: loss, prefix matching and in-context learning on the way, the heads at the end, and what
// ablations leave.

import Plotting

extension PhaseChange {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    return [
      try Drawing(name, Self.curves(seeds)), try Drawing("\(name)-heads", Self.heads(seeds[0])),
      try Drawing("\(name)-ablations", Self.ablations(seeds)),
    ]
  }

  // MARK: On the way

  private static func curves(_ seeds: [Observation]) -> Figure {
    func panel(
      _ y: Axis, height: Double, label: String?, _ marks: [Mark], _ curve: (InductionCurve) -> [Double]
    ) -> Panel {
      func line(_ name: String, _ color: Ink, _ model: (Observation) -> InductionCurve) -> Mark {
        .seeds(name, xs: model(seeds[0]).xs, seeds.map { curve(model($0)) }, color: .ink(color), markers: false)
      }
      let windows = seeds.map(\.twoLayers.window)
      let window = mean(windows.map(\.lowerBound))...mean(windows.map(\.upperBound))
      return Panel(
        x: .linear("step", 0...1_000), y: y, size: Size(470, height),
        marks: [.band(x: window, label: label)] + marks + [
          line("one layer (control)", .control) { $0.oneLayer },
          line("one layer, smeared keys", .series(1)) { $0.smeared },
          line("two layers, smeared keys", .series(2)) { $0.smearedTwoLayers },
          line("two layers", .series(0)) { $0.twoLayers },
        ])
    }
    let share = mean(seeds.map { $0.twoLayers.shareOfLearning(in: $0.twoLayers.window) })
    return Figure(
      title: "Prefix matching, in-context learning and the loss change together, and never with one layer",
      subtitle: "attention-only models of width 32 with 2 heads a layer, copied spans among uniform tokens; "
        + seedsInWords(seeds.count),
      caption:
        "Lines: means over seeds; bands around them: the range. Shaded: where the two-layer model's prefix matching "
        + "goes from 10 % to 90 % of its rise; \((100 * share).rounded().brief) % of its in-context learning forms there. Paper: all "
        + "three change in one window, more than 75 % of in-context learning forms in it, one-layer models show none of "
        + "it, smeared keys let them, and two layers do it earlier with smeared keys. Only the order of events is comparable, not the sizes.",
      panels: [
        panel(.linear("loss (nats)"), height: 130, label: "phase change", []) { $0.losses },
        panel(.linear("prefix matching", 0...1), height: 130, label: nil, []) { $0.prefixMatching },
        panel(.linear("late − early loss\n(nats)"), height: 130, label: nil, [.rule(y: 0, style: .dotted)]) {
          $0.inContextLearning
        },
      ], columns: 1, sharedX: .aligned)
  }

  // MARK: Heads at the end

  private static func heads(_ seed: Observation) -> Figure {
    let scores = ColorScale.sequential("prefix matching", 0...1)
    let attention = ColorScale.sequential("attention", 0...1)
    func map(_ title: String, _ curve: InductionCurve) -> Panel {
      let values = curve.readings.last?.prefixMatching ?? []
      return .matrix(
        title: title, values, colors: scores, rowLabel: "layer", columnLabel: "head", cell: 40, cellText: .decimals(2))
    }
    func stripe(_ pattern: [[Double]]) -> Panel {
      // The beginning of the sequence and three repeats.
      let shown = pattern.prefix(37).map { Array($0.prefix(37)) }
      return Panel(
        x: .linear("key"), y: .linear("query", reversed: true), size: Size(190, 190),
        marks: [.heatMap(shown, colors: attention)])
    }
    return Figure(
      title: "Induction heads are in the last of two layers; on random tokens they attend one past the earlier copy",
      subtitle: "seed 0; 12 random tokens, repeated, behind a beginning-of-sequence token",
      caption:
        "Above: prefix-matching score of every head. Below: the best head of the last layer on one row: stripes 11 and 23 "
        + "tokens back are what followed the present token before. Paper: published heads score 0.75 to 0.94, in the "
        + "last layer of attention-only models; at another scale.",
      rows: [
        [
          map("2 layers", seed.twoLayers), map("1 layer\n(control)", seed.oneLayer),
          map("1 layer,\nsmeared", seed.smeared),
        ],
        [stripe(seed.stripes.twoLayers), stripe(seed.stripes.oneLayer), stripe(seed.stripes.smeared)],
      ])
  }

  // MARK: Ablations

  private static func ablations(_ seeds: [Observation]) -> Figure {
    let kinds: [(name: String, ink: Ink, share: (Ablations) -> Double)] = [
      ("all induction heads,\npatterns preserved", .series(0), { $0.inductionHeads }),
      ("induction heads of the last\nlayer, full", .series(0), { $0.lastLayerFull }),
      ("best induction head alone,\npatterns preserved", .series(0), { $0.bestInductionHead }),
      ("all other heads,\npatterns preserved", .control, { $0.otherHeads }),
      ("previous-token head,\nfull", .series(1), { $0.previousTokenFull }),
      ("previous-token head,\npatterns preserved", .series(1), { $0.previousTokenPatterns }),
    ]
    let points = kinds.enumerated().flatMap { place, kind in
      seeds.map { Point(kind.share($0.ablations), Double(place)) }
    }
    return Figure(
      title: "In-context learning needs the induction heads, and the previous-token head through their patterns only",
      subtitle: "two layers of two heads; \(seedsInWords(seeds.count))",
      caption:
        "The share of the in-context-learning score that is left on held-out rows; dots are seeds. Pattern-preserving "
        + "ablation takes all attention patterns from a clean run. Paper: ablating induction heads removes almost all "
        + "in-context learning of small attention-only models. Heads are redundant, so one alone does not.",
      panels: [
        Panel(
          x: .linear("share of in-context learning left", -0.1...1.1),
          y: .categories(kinds.map(\.name), reversed: true), size: Size(360, 250),
          marks: [
            .rule(x: 1, style: .dotted),
            .bars(
              nil, kinds.map { kind in mean(seeds.map { kind.share($0.ablations) }) }, width: 0.6,
              color: .each(kinds.map(\.ink)), orientation: .horizontal),
            .scatter(nil, points, color: .ink(.foreground), radius: 2.4),
          ])
      ])
  }
}
