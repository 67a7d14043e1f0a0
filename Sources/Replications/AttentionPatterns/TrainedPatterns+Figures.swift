// The three kinds of heads of small models: one pattern each, and the scores of all heads under all seeds.

import Plotting

extension TrainedPatterns {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [try Drawing(name, figure(seeds, first))]
  }

  private func figure(_ seeds: [Observation], _ first: Observation) -> Figure {
    let attention = ColorScale.sequential("attention", 0...1)
    func pattern(_ title: String, _ model: Shown, _ kind: HeadKind) -> Panel {
      let head = head(kind, of: model)
      return Panel(
        title: "\(title)\nhead \(head)", x: .linear("key"), y: .linear("query", reversed: true), size: Size(170, 170),
        marks: [.heatMap(model.patterns[head.layer][head.head], colors: attention)])
    }
    func scores(
      _ title: String, _ kind: HeadKind, bound: Double, _ models: [(String, (Observation) -> RepetitionScores)]
    )
      -> Panel
    {
      let points = models.enumerated().map { place, model in
        seeds.flatMap { seed in model.1(seed)[kind].joined().map { Point(Double(place), $0) } }
      }
      return Panel(
        title: title, x: .categories(models.map(\.0)), y: .linear("score", 0...1), size: Size(170, 120),
        marks: [
          .scatter(nil, points[0], color: .ink(.series(0)), radius: 3),
          .scatter(nil, Array(points.dropFirst().joined()), color: .ink(.control), symbol: .diamond, radius: 3),
          .rule(y: bound, label: "bound"),
        ])
    }
    return Figure(
      title: "Previous-token, induction and duplicate-token heads, each known by a diagonal",
      subtitle: "sixteen random tokens twice over, behind a token for the beginning; \(seedsInWords(seeds.count))",
      caption:
        "Above: one head of each kind, seed 0. Below: the scores of all heads of all seeds (dots), and the same where the "
        + "effect must be gone (diamonds). The first two are in two layers that learned to continue copied spans; the third "
        + "is in one layer that must know whether a token has come before, and is missing where bells ring at random.",
      rows: [
        [
          pattern("previous token", first.copying, .previousToken), pattern("induction", first.copying, .induction),
          pattern("duplicate token", first.ringing, .duplicateToken),
        ],
        [
          scores(
            "one back", .previousToken, bound: 0.3,
            [("copied spans", { $0.copying.repeated }), ("bells", { $0.ringing.repeated })]),
          scores(
            "15 back", .induction, bound: 0.3,
            [("copied spans", { $0.copying.repeated }), ("shuffled", { $0.copying.shuffled })]),
          scores(
            "16 back", .duplicateToken, bound: 0.3,
            [("bells", { $0.ringing.repeated }), ("random bells", { $0.ringingAtRandom.repeated })]),
        ],
      ])
  }
}
