// What is left when parts are knocked out: self-repair, completeness, minimality, MLPs.

import Plotting

extension MissingNameMovers {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let reach = max(
      (seed.effects + seed.effectsWithoutNameMovers).joined().map(abs).filter(\.isFinite).max() ?? 1, 0.1)
    let colors = ColorScale.diverging("direct effect, logits", limit: reach)
    let marked = Set((GPT2Heads.backups + GPT2Heads.negative).map { HeadName($0) })
    let figure = Figure(
      title: "Without the name movers other heads take over",
      subtitle: "direct effects of layers 7 to 11 on the logit difference; dots: backup and negative name movers",
      caption: "Left: the model. Middle: name movers knocked out. Right: three other heads knocked out (control).",
      rows: [
        [
          .heads(title: "intact", seed.effects, colors: colors, layers: 7..<12, marked: marked),
          .heads(
            title: "without name movers", seed.effectsWithoutNameMovers, colors: colors, layers: 7..<12, marked: marked),
          .heads(title: "without others", seed.effectsWithoutOthers, colors: colors, layers: 7..<12, marked: marked),
        ]
      ])
    let others = Figure(
      title: "Without the name movers the other heads do more",
      subtitle: "what each head adds to the logit difference directly; a dot a head",
      caption:
        "On the diagonal nothing changes. Above it on the right: backup name movers, which add more. The heads whose "
        + "knock-out is measured are grey. Right: three other heads knocked out (control).",
      rows: [
        [
          .selfRepair(
            "without name movers", before: seed.effects, after: seed.effectsWithoutNameMovers,
            removed: GPT2Heads.nameMovers),
          .selfRepair(
            "without 9.1, 9.4, 10.4", before: seed.effects, after: seed.effectsWithoutOthers,
            removed: GPT2Heads.besideNameMovers, axes: ("direct effect, intact", "without the three")),
        ]
      ])
    return [try Drawing(name, figure), try Drawing("\(name)-scatter", others)]
  }
}

extension CircuitCriteria {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let completeness = Figure(
      title: "Circuit against model when heads are missing from both",
      subtitle: "26 heads of the circuit, and the naive circuit without backup and negative name movers",
      caption:
        "On the diagonal a circuit is complete. Random sets are of the sizes of the four greedy ones. Published are the "
        + "classes of the authors' released points.",
      rows: [
        [
          .completeness(
            "the circuit", [("classes", seed.classes), ("greedy sets", seed.greedy), ("random sets", seed.random)],
            published: Self.released(seed.published.completeness["full"])),
          .completeness(
            "the naive circuit", [("classes", seed.naiveClasses)],
            published: Self.released(seed.published.completeness["naive"])),
        ]
      ])
    let minimality = Figure(
      title: "What each head changes, given its published set K", subtitle: "percent of the model's logit difference",
      caption: "Published: at least 1 % for every head.",
      panels: [.minimality("", seed.minimality, of: .gpt2Small, marks: [Self.changes(seed)])])
    return [try Drawing(name, completeness), try Drawing("\(name)-minimality", minimality)]
  }

  /// The released points of one circuit's classes.
  private static func released(_ points: [String: [Double]]?) -> [(name: String, point: Point)] {
    (points ?? [:]).filter { $0.value.count == 2 }.sorted { $0.key < $1.key }
      .map { ($0.key, Point($0.value[0], $0.value[1])) }
  }

  /// The published change of each head, in percent of the published logit difference.
  private static func changes(_ seed: Observation) -> Mark {
    let heads = seed.minimality.enumerated().compactMap { place, head -> Point? in
      guard let pair = seed.published.minimality["\(HeadName(head.node))"], pair.count == 2 else { return nil }
      return Point(Double(place), 100 * abs(pair[0] - pair[1]) / 3.55)
    }
    return .scatter("published", heads, color: .ink(.published), radius: 3)
  }
}

extension MissingMLPs {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let names = ["none"] + (0..<12).map(String.init) + ["1–11"]
    let figure = Figure(
      title: "Without the first MLP the model prefers the subject",
      subtitle: "mean logit difference when MLPs have their mean output",
      caption: "Published: a negative difference without the first MLP, −1.1 without those of layers 1 to 11.",
      panels: [
        Panel(
          x: .categories(names, label: "MLP knocked out"), y: .linear("logit difference"), size: Size(420, 180),
          marks: [
            .bars(
              nil, [seed.intact] + seed.without + [seed.withoutOthers],
              color: .each([.control] + Array(repeating: .series(0), count: 12) + [.series(1)])),
            .rule(y: 0), .publishedCurve([Point(-0.4, 3.56), Point(0.4, 3.56)]),
            .publishedCurve([Point(12.6, -1.1), Point(13.4, -1.1)]),
          ])
      ])
    return [try Drawing(name, figure)]
  }
}
