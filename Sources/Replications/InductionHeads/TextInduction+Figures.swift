// Prefix matching, loss and learning in context on text, of two layers and of one.

import Plotting

extension TextInduction {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    let xs = Self.steps.map(Double.init)
    func panel(_ title: String, _ axis: Axis, _ curve: KeyPath<Curve, [Double]>) -> Panel {
      Panel(
        title: title, x: .linear("step", 0...(xs.last ?? 1)), y: axis, size: Size(280, 190),
        marks: [
          .seeds("two layers", xs: xs, seeds.map { $0.twoLayers[keyPath: curve] }, color: .ink(.series(0))),
          .seeds("one layer (control)", xs: xs, seeds.map { $0.oneLayer[keyPath: curve] }, color: .ink(.control)),
        ])
    }
    let figure = Figure(
      title: "Two thousand steps on short stories form no induction heads",
      subtitle: "TinyStories as words, rows of \(Self.length); \(seedsInWords(seeds.count))",
      caption:
        "Left: the prefix-matching score of the best head of the last layer, on random words four times over. Middle and "
        + "right: loss on held-out stories, and the loss of late words less that of early ones.",
      panels: [
        panel("prefix matching", .linear("score", 0...1), \.prefixMatching),
        panel("loss", .linear("nats"), \.losses),
        panel("learning in context", .linear("late less early loss (nats)"), \.inContextLearning),
      ], columns: 3)
    return [try Drawing(name, figure)]
  }
}
