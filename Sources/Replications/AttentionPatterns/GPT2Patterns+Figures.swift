// The three maps of the notebook, measured and printed, and the loss that falls where tokens come again.

import Plotting

extension GPT2Patterns {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    return [try Drawing(name, Self.figure(seed))]
  }

  private static func figure(_ seed: Observation) -> Figure {
    let colors = ColorScale.sequential("score", 0...1)
    let maps = HeadKind.allCases.map { kind in
      Panel.heads(
        title: kind.rawValue, seed.scores[kind], colors: colors,
        marked: (seed.published[kind] ?? []).heads(above: 0.8))
    }
    let agreement = Panel(
      title: "against the notebook", x: .linear("printed", 0...1), y: .linear("measured", 0...1), aspect: .equal,
      size: Size(190, 190),
      marks: [.line(nil, [Point(0, 0), Point(1, 1)], color: .ink(.published), style: .dashed)]
        + HeadKind.allCases.map { kind in
          let printed = (seed.published[kind] ?? []).joined()
          return .scatter(kind.rawValue, zip(printed, seed.scores[kind].joined()).map { Point($0, $1) }, radius: 2.5)
        })
    let places = seed.losses.indices.map { Double($0 + 1) }
    let losses = Panel(
      title: "loss by position", x: .linear("position"), y: .linear("nats", 0...16), size: Size(300, 190),
      marks: [
        .publishedCurve(zip(places, seed.publishedLosses).map { Point($0, $1) }),
        .line("tokens twice over", xs: places, ys: seed.losses),
        .line("second half shuffled", xs: places, ys: seed.shuffledLosses, color: .ink(.control), style: .dashed),
        .rule(x: 50),
      ])
    return Figure(
      title: "Heads of GPT-2 small on random tokens that come twice",
      subtitle: "two rows of 100 tokens, twice over, the notebook's own; loss: ten rows of 50",
      caption:
        "Above: mean attention along the diagonals −1, −100 and −99; dots: heads that the notebook prints above 0.8. "
        + "Below: every score against the printed one, and the loss, which falls where tokens come again (printed: 12.05 "
        + "on the first half, 0.18 on the second).",
      rows: [maps, [agreement, losses]])
  }
}
