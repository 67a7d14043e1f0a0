// How well models without layers hold the bigrams, over their width, and the tables that they learned.

import Plotting

extension ZeroLayer {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let widths = Self.widths.map(Double.init)
    let shown = Self.vocabulary / 2
    let colors = ColorScale.sequential("probability of the next token", 0...0.4)
    func table(_ title: String, _ values: [[Double]]) -> Panel {
      Panel(
        title: title, x: .linear("next token"), y: .linear("present token", reversed: true), size: Size(190, 190),
        marks: [.heatMap(values.prefix(shown).map { Array($0.prefix(shown)) }, colors: colors)])
    }
    let divergence = Panel(
      x: .log("width of the model", ticks: widths.map { Axis.Tick($0, "\(Int($0))") }),
      y: .log("KL from the true bigrams (nats)", 0.004...4), size: Size(420, 190),
      marks: [
        .rule(y: mean(seeds.map(\.unigram)), label: "unigram"), .rule(y: 0.02, label: "bound"),
        .seeds("trained", xs: widths, seeds.map(\.trained)),
        .control(seeds.map { Point(widths[widths.count - 1], $0.untrained) }, name: "before training"),
      ])
    let figure = Figure(
      title: "Without layers a model learns bigrams, if it is wide enough for them",
      subtitle: "Markov chain over \(Self.vocabulary) tokens; \(Self.steps) steps; \(seedsInWords(seeds.count))",
      caption:
        "Above: the divergence of softmax(W_E·W_U) from the chain's transition probabilities, mean and range over "
        + "seeds; the narrowest model is the control. Below: half of the tables' rows and columns, "
        + "seed 0.",
      rows: [
        [divergence],
        [
          table("the chain", first.bigrams), table("width \(Self.widths[Self.widths.count - 1])", first.widest),
          table("width \(Self.widths[0]) (control)", first.narrowest),
        ],
      ])
    return [try Drawing(name, figure)]
  }
}
