// Q-composition into the name movers as a map, and its strongest sources.

import Plotting

extension QueryComposition {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    return [try Drawing(name, Self.figure(seed))]
  }

  private static func figure(_ seed: Observation) -> Figure {
    let shown = seed.order.prefix(18).map { head in
      (
        head: head, value: seed.intoNameMovers[head],
        ink: head == sInhibition[0] ? Ink.series(0) : sInhibition.contains(head) ? .series(1) : .muted
      )
    }
    let readers = seed.readingItMost.map(\.description).joined(separator: ", ")
    return Figure(
      title: "Name movers read S-inhibition head 8.10 most through their queries",
      subtitle: "‖W_OV·W_QK‖/(‖W_OV‖‖W_QK‖) from weights alone, mean over name movers 9.9, 10.0 and 9.6",
      caption:
        "Left: all heads before layer 9; dots are the four S-inhibition heads that path patching found. Right: the "
        + "strongest sources, S-inhibition heads coloured; the line is the mean of random heads. The differences are small "
        + "and only the order is a claim: 8.10 comes first, for each of the three, but 7.9 and 8.6 are not singled out. Heads "
        + "of layers 9 to 11 that read 8.10 most: \(readers).",
      rows: [
        [
          .heads(
            title: "into the name movers", seed.intoNameMovers, colors: .sequential("Q-composition", 0...0.07),
            layers: 0..<9, marked: Set(sInhibition)),
          .headBars(
            title: "strongest sources", shown, y: .linear("Q-composition", 0...0.08), size: Size(380, 153),
            marks: [.rule(y: seed.baseline, label: "random")]),
        ]
      ])
  }
}
