// K-composition out of the previous-token head as the map that readers know, and its strongest readers.

import Plotting

extension KeyComposition {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    return [try Drawing(name, Self.figure(seed))]
  }

  private static func figure(_ seed: Observation) -> Figure {
    let previous = previousToken
    let colors = ColorScale.sequential("K-composition", 0...0.11)
    let shown = seed.readers.prefix(18).map { head in
      (head: head, value: seed.outOfPreviousToken[head], ink: ink(head))
    }
    let into = ColorScale.sequential("mean K-composition", 0...0.11)
    return Figure(
      title: "The heads that read GPT-2's previous-token head through their keys are its induction heads",
      subtitle: "‖W_OV·W_QKᵀ‖/(‖W_OV‖‖W_QK‖) from weights alone; dots: published induction heads",
      caption:
        "Above: out of head \(previous), and out of head \(seed.control), whose W_OV has the nearest norm. Middle: the "
        + "strongest readers of \(previous); coloured are heads whose induction score on repeated random tokens is at "
        + "least 0.8 (blue) or 0.36 (orange) in TransformerLens's notebook. Below: the mean over the five strong induction "
        + "heads of what they read of each earlier head; the dot is \(previous). The line is the mean of random heads.",
      rows: [
        [
          .heads(
            title: "out of \(previous)", seed.outOfPreviousToken, colors: colors, layers: 5..<12,
            marked: allInduction),
          .heads(
            title: "out of \(seed.control) (control)", seed.outOfControl, colors: colors, layers: 5..<12,
            marked: allInduction),
        ],
        [
          .headBars(
            title: "strongest readers of \(previous)", shown, y: .linear("K-composition", 0...0.12),
            size: Size(520, 120), marks: [.rule(y: seed.baseline, label: "random")])
        ],
        [
          .heads(
            title: "into 5.1, 5.5, 6.9, 7.2, 7.10", seed.intoInduction, colors: into, layers: 0..<5, marked: [previous])
        ],
      ])
  }

  private static func ink(_ head: HeadName) -> Ink {
    induction.contains(head) ? .series(0) : allInduction.contains(head) ? .series(1) : .muted
  }
}
