// The bigrams of a text, counted and learned.

import Plotting

extension TextBigrams {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let colors = ColorScale.sequential("probability of the next character", 0...0.4)
    func table(_ title: String, _ values: [[Double]]) -> Panel {
      Panel(
        title: title, x: .linear("next character, by frequency"),
        y: .linear("present character, by frequency", reversed: true), size: Size(190, 190),
        marks: [.heatMap(values, colors: colors)])
    }
    let figure = Figure(
      title: "On text too a model without layers learns bigrams",
      subtitle: "tiny Shakespeare, characters; \(Self.steps) steps; the first of \(seedsInWords(seeds.count))",
      caption:
        "The 30 most frequent characters. The mean divergence from the counted bigrams is "
        + "\(mean(seeds.map { $0.divergences[1] }).brief) nats at width \(Self.widths[1]), "
        + "\(mean(seeds.map { $0.divergences[0] }).brief) at width \(Self.widths[0]) (the control), and "
        + "\(first.unigram.brief) without knowing the present character.",
      panels: [
        table("counted", first.counted), table("width \(Self.widths[1])", first.learned[1]),
        table("width \(Self.widths[0]) (control)", first.learned[0]),
      ], columns: 3)
    return [try Drawing(name, figure)]
  }
}
