// What each order of terms takes off the loss, and what the single heads of each layer are worth.

import Plotting

extension TermImportance {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    func bars(_ title: String, _ names: [String], _ values: [[Double]], _ width: Double) -> Panel {
      Panel(
        title: title, x: .categories(names), y: .linear("nats"), size: Size(width, 190),
        marks: [
          .bars(
            nil, names.indices.map { place in mean(values.map { $0[place] }) }, width: 0.6, color: .ink(.series(0))),
          .scatter(
            nil, values.flatMap { values in values.enumerated().map { Point(Double($0), $1) } },
            color: .ink(.foreground), radius: 2.2),
        ])
    }
    let figure = Figure(
      title: "Single heads matter, virtual heads hardly",
      subtitle: "two layers of two heads, copied spans over a Markov background; \(seedsInWords(seeds.count))",
      caption:
        "Left: what the terms of each order take off the loss, by the paper's algorithm: patterns frozen, outputs of "
        + "heads passed on one order at a time. Right: what it costs to take the terms of one layer's heads away from "
        + "the direct path and all single heads. Bars: means; dots: seeds.",
      rows: [
        [
          bars(
            "loss reduction by order", ["direct path", "single heads", "virtual heads"],
            seeds.map { seed in (0..<3).map { seed.byOrder[$0] - seed.byOrder[$0 + 1] } }, 250),
          bars(
            "worth of single heads", ["layer 0", "layer 1"],
            seeds.map { seed in seed.withoutLayer.map { $0 - seed.byOrder[2] } }, 150),
        ]
      ])
    return [try Drawing(name, figure)]
  }
}
