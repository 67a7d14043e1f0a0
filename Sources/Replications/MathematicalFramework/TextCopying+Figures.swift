// The histogram of the copying scores of heads that have learned text.

import Plotting

extension TextCopying {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    func histogram(_ name: String, _ scores: [Double], _ color: Coloring = .automatic) -> Mark {
      .histogram(name, scores, bins: 40, in: -1...1, color: color)
    }
    let share = mean(seeds.map(\.trained.copyingShare))
    let figure = Figure(
      title: "Copying heads of a one-layer model of text",
      subtitle: "\(Self.heads) heads, width \(Self.width), \(Self.words) words; \(seedsInWords(seeds.count))",
      caption:
        "The scores of all heads of all seeds. A share of \(share.brief) is above one half; the paper has 10 of 12, of a "
        + "model eight times as wide.",
      panels: [
        Panel(
          x: .linear("copying score Σ Re λ / Σ|λ|", -1...1), y: .linear("heads"), size: Size(560, 150),
          marks: [
            histogram("outputs' names shuffled", seeds.flatMap { $0.shuffled.flatMap(\.scores) }),
            histogram("before training", seeds.flatMap(\.initial.scores), .ink(.control)),
            histogram("trained", seeds.flatMap(\.trained.scores)),
            .rule(x: OneLayerCopying.threshold, label: "copies"),
          ])
      ])
    return [try Drawing(name, figure)]
  }
}
