// The evidence on the model of sentences, in the figures of Wang et al. 2022: path-patching maps, the circuit with its
// measured edges, name movers, knock-outs, and where along the sentence the answer is made.

import Plotting
import Transformer

extension Sentences {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    return [
      try Drawing(name, Self.learning(seeds)),
      try Drawing("\(name)-paths", Self.paths(seeds)),
      try Drawing("\(name)-circuit", Self.circuit(seeds)),
      try Drawing("\(name)-movers", Self.movers(seeds)),
      try Drawing("\(name)-knockouts", Self.knockOuts(seeds)),
      try Drawing("\(name)-positions", Self.positions(seeds)),
    ]
  }

  // MARK: Behaviour

  private static func learning(_ seeds: [Observation]) -> Figure {
    let curve = Panel(
      title: "pairs of names never seen together", x: .linear("step"), y: .linear("IO above S", 0...1.05),
      size: Size(260, 190),
      marks: [.published(0.993, label: "GPT-2"), .rule(y: 0.5, label: "chance")]
        + seeds.enumerated().map { seed, observation in
          .line(
            "seed \(seed)", xs: observation.curve.map { Double($0.step) }, ys: observation.curve.map(\.accuracy),
            color: .ink(.series(seed)), markers: false)
        })
    let histogram = Panel.logitDifferences(
      "after training", seeds.flatMap { $0.behaviour.logitDifferences.map(Double.init) },
      control: seeds.flatMap { $0.behaviourOnABC.logitDifferences.map(Double.init) })
    return Figure(
      title: "A transformer of three layers learns the paper's sentences in seconds",
      subtitle: "240 prompts about held-out pairs of names; \(seedsInWords(seeds.count))",
      caption:
        "Left: how often the indirect object is preferred. Right: logit differences of all prompts, and of p_ABC "
        + "prompts judged by the same names.",
      panels: [curve, histogram], columns: 2)
  }

  // MARK: Paths

  private static func paths(_ seeds: [Observation]) -> Figure {
    let limit =
      seeds.flatMap { [$0.circuit.onLogits, $0.circuit.onQueries, $0.circuit.onValues].map(\.largestPercent) }
      .max() ?? 1
    let colors = ColorScale.diverging("change of the logit difference, %", limit: max(limit, 1))
    return Figure(
      title: "Path patching, from the logits backwards",
      subtitle: "each head patched from p_ABC, one path at a time; rows are seeds",
      caption:
        "Heads at END on the logits; heads at END on the queries of the three strongest of these; heads at S2 on the "
        + "values of those that act so, or of the three themselves where none does. Heads of the first layer read no "
        + "other.",
      rows: seeds.enumerated().map { seed, observation in
        [
          observation.circuit.onLogits.panel("seed \(seed): on the logits", colors: colors),
          observation.circuit.onQueries.panel("on their queries", colors: colors),
          observation.circuit.onValues.panel("on values at S2", colors: colors),
        ]
      })
  }

  // MARK: Circuit

  private static func circuit(_ seeds: [Observation]) -> Figure {
    let panels = seeds.enumerated().map { seed, observation in
      observation.diagram.panel("seed \(seed)", size: Size(250, 230))
    }
    return Figure(
      title: "The circuits that path patching finds",
      subtitle: "heads by the position at which they act and by layer",
      caption:
        "Lines are paths that were patched one by one, as wide as the fall of the logit difference relative to the "
        + "widest of the model: from heads at S1 + 1 to keys, from heads at S2 to values, from heads at END to queries "
        + "and to the logits.",
      panels: panels, columns: min(3, panels.count))
  }

  // MARK: Name movers

  private static func movers(_ seeds: [Observation]) -> Figure {
    Figure(
      title: "What the leading heads attend to, and what they write",
      subtitle: "the head of largest direct effect of each seed, 240 prompts",
      caption:
        "Attention of both mentions of S counts together. Correlations above 0.81 are published for GPT-2 small.",
      panels: seeds.enumerated().map { seed, observation in
        let leading = observation.projections[0]
        return leading.panel("seed \(seed), head \(leading.head.shortName)", size: Size(190, 180))
      }, columns: 3, sharedY: .all)
  }

  // MARK: Knock-outs

  private static func knockOuts(_ seeds: [Observation]) -> Figure {
    let rows = seeds.enumerated().map { seed, observation -> [Panel] in
      let found = observation.knockOuts
      return [
        .completeness(
          "seed \(seed): completeness",
          [
            ("classes of the circuit", found.classes), ("random subsets", found.subsets), ("greedy sets", found.greedy),
          ], size: Size(190, 190)),
        .minimality("minimality", found.heads, of: observation.circuit.circuit, height: 190),
        .selfRepair("without the answering heads", observation.selfRepair, size: Size(190, 190)),
      ]
    }
    return Figure(
      title: "What is left under knock-outs",
      subtitle: "means over p_ABC within each form of sentence; rows are seeds",
      caption:
        "Left: circuit and model without the same heads K. Middle: what removing each head of the circuit changes. "
        + "Right: direct effects in logits with the answering heads and without them; above the diagonal a head does "
        + "more.",
      rows: rows)
  }

  // MARK: Positions

  private static func positions(_ seeds: [Observation]) -> Figure {
    let colors = ColorScale.diverging("share of the answer", limit: 1)
    let maps = seeds.enumerated().map { seed, observation in
      observation.patching.kinds.dropLast().map { kind in
        Panel.patchedPositions(
          "seed \(seed): \(kind.name)", kind.shares, words: observation.patching.words, colors: colors, cell: 23)
      }
    }
    let line = Panel.accumulatedResidual(
      "the stream at END", labels: seeds[0].residual.labels, seeds.map(\.residual.differences))
    return Figure(
      title: "Where the answer is made",
      subtitle: "above: one template, the subject of the second clause exchanged; below: all prompts, "
        + seedsInWords(seeds.count),
      caption:
        "Patching: how much of the logit difference comes back when one activation at one word is that of the original "
        + "sentence. Below: the logit difference read off the stream through the last normalisation.",
      rows: maps + [[line]])
  }
}
