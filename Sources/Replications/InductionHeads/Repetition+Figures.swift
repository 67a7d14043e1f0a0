// What models learn in context against how often their training rows repeat themselves.

import Plotting

extension Repetition {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    func panel(_ y: Axis, _ value: (InductionProbe.Reading) -> Double) -> Panel {
      Panel(
        x: .linear("probability that a copy starts, in training", -0.02...0.42), y: y, size: Size(250, 180),
        marks: [.seeds(nil, xs: Self.rates, seeds.map { $0.map(value) }, color: .ink(.series(0)))])
    }
    let figure = Figure(
      title: "Without repetition in the data no induction head, and no learning in context",
      subtitle: "two-layer models, each read on rows with copies at a probability of 0.2; \(seedsInWords(seeds.count))",
      caption:
        "Lines: means over seeds; bands: their range. An analogue of Chan et al. 2022, in whose curves in-context "
        + "learning grows with the share of bursty sequences of images; their sizes are not comparable.",
      panels: [
        panel(.linear("in-context learning (nats)")) { -$0.inContextLearning },
        panel(.linear("prefix matching", 0...1)) { $0.lastLayerPrefixMatching },
      ], columns: 2)
    return [try Drawing(name, figure)]
  }
}
