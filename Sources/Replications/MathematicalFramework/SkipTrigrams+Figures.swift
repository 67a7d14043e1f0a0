// The skip-trigrams of the language as they stand in the weights, and beside what the model does.

import Plotting

extension SkipTrigrams {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let skips = first.skipTrigrams
    let limit = max(first.changesBySource.joined().map(abs).max() ?? 1, 1e-3)
    let table = Panel(
      title: "read off the weights, seed 0",
      x: .linear("word s in A's place", -0.5...Double(Self.model.vocabulary) - 0.5),
      y: .categories(skips.map { "\($0.second) → \($0.third)" }, label: "B → C", reversed: true), size: Size(480, 150),
      marks: [
        .heatMap(first.changesBySource, colors: .diverging("change of the logit of C", limit: limit)),
        .scatter(
          "A of the language", skips.enumerated().map { Point(Double($1.first), Double($0)) },
          color: .ink(.foreground), symbol: .ring, radius: 6),
      ])
    /// The pairs of a seed's changes: those of the language's own skip-trigrams, or all others.
    func points(own isOwn: Bool) -> [Point] {
      seeds.flatMap { seed in
        seed.read.indices.flatMap { a in
          seed.read.indices.flatMap { b in
            seed.read.indices.filter { ((a, b) == (b, $0)) == isOwn }
              .map { Point(seed.read[a][b][$0], seed.measured[a][b][$0]) }
          }
        }
      }
    }
    let comparison = Panel(
      title: "against behaviour, all seeds", x: .linear("read off the weights"), y: .linear("measured"),
      size: Size(240, 200),
      marks: [
        .line("equal", [Point(-1, -1), Point(6, 6)], color: .ink(.muted), style: .dashed),
        .scatter("other triples of the same words", points(own: false), radius: 2, opacity: 0.5),
        .scatter("skip-trigrams of the language", points(own: true), radius: 3),
      ])
    let figure = Figure(
      title: "Skip-trigrams A … B → C can be read off the weights of one layer",
      subtitle:
        "language of \(Self.model.vocabulary) words with \(Self.count) skip-trigrams; \(seedsInWords(seeds.count))",
      caption:
        "Above: how much each word s raises C at B, from the QK and OV circuits of all heads; rings "
        + "mark the words that do in the language. Below: the same for all 512 triples of first, second and third "
        + "words, beside the change of the logit when A is put into rows of the language that end in B.",
      rows: [[table], [comparison]])
    return [try Drawing(name, figure)]
  }
}
