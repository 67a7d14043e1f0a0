// The notebook's figures: the difference through the layers, what heads add, and what patching restores, with the words on
// the axis.

import Plotting

extension NotebookPrompts {
  /// The words of one of the prompts; the others differ in names and objects.
  private static let words = [
    "start", "When", "John", "and", "Mary", "went", "to", "the", "shops", ",", "John", "gave", "the", "bag", "to",
  ]

  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    return [
      try Drawing(name, Self.attribution(seed)), try Drawing("\(name)-patching", Self.patching(seed)),
      try Drawing("\(name)-scatter", Self.selfRepair(seed)),
    ]
  }

  private static func attribution(_ seed: Observation) -> Figure {
    let labels = (0..<12).flatMap { ["\($0)_pre", "\($0)_mid"] } + ["final"]
    let places = labels.indices.map(Double.init)
    let ticks = labels.indices.filter { $0 % 4 == 0 }.map { Axis.Tick(places[$0], labels[$0]) }
    let stream = Panel(
      title: "read off the stream", x: .linear("layer", ticks: ticks), y: .linear("logit difference"),
      size: Size(300, 200),
      marks: [
        .publishedCurve(zip(places, seed.published.accumulated).map { Point($0, $1) }),
        .line("measured", xs: places, ys: seed.accumulated), .rule(y: 0),
      ])
    let colors = ColorScale.diverging("logit difference", limit: 3)
    let marked = Set((GPT2Heads.nameMovers + GPT2Heads.negative).map { HeadName($0) })
    return Figure(
      title: "Where the answer is written: eight prompts",
      subtitle: "TransformerLens's prompts; dots: name movers and negative name movers",
      caption:
        "Left: what the residual stream at END has of the logit difference, and what the notebook prints. Right: what each "
        + "head adds directly, in the model and without head 9.9, when others take over.",
      rows: [
        [
          stream, .heads(title: "each head", seed.heads, colors: colors, marked: marked),
          .heads(title: "without 9.9", seed.headsWithout9_9, colors: colors, marked: marked),
        ]
      ])
  }

  private static func selfRepair(_ seed: Observation) -> Figure {
    let printed = zip(seed.published.heads.joined(), seed.published.headsWithout9_9.joined()).map { Point($0, $1) }
    return Figure(
      title: "Without 9.9 other heads do more: eight prompts",
      subtitle: "what each head adds to the logit difference directly; a dot a head",
      caption:
        "On the diagonal nothing changes. Published: the notebook's own numbers. The final LayerNorm alone would move all "
        + "heads by the same factor, published as 1.042.",
      panels: [
        .selfRepair(
          "", before: seed.heads, after: seed.headsWithout9_9, removed: [.head(9, 9)],
          axes: ("logits, intact", "logits, without 9.9"),
          marks: [.scatter("published", printed, color: .ink(.published), radius: 5, opacity: 0.5)],
          reach: printed.flatMap { [abs($0.x), abs($0.y)] }.max() ?? 1, size: Size(300, 300))
      ])
  }

  private static func patching(_ seed: Observation) -> Figure {
    let colors = ColorScale.diverging("share restored", limit: 1)
    let titles = ["residual stream", "attention output", "MLP output"]
    let maps = zip(titles, seed.streams).map { title, values in
      let names = values.first?.count == words.count ? words : (values.first ?? []).indices.map(String.init)
      return Panel.patchedPositions(title, values, words: names, colors: colors, cell: 17)
    }
    let heads = zip(["outputs", "values", "patterns"], seed.byHead).map { title, values in
      Panel.heads(title: "heads: \(title)", values, colors: .diverging("share restored", limit: 0.5))
    }
    return Figure(
      title: "What patching one activation restores",
      subtitle: "clean into corrupted, mean over eight prompts; 1 is the clean logit difference, 0 the corrupted one",
      caption:
        "Above: by layer and position; the words are those of the first prompt. Below: single heads at all positions.",
      rows: [maps, heads])
  }
}
