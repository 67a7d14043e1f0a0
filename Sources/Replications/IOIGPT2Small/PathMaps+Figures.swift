// Maps of path patching as the paper draws them (figures 3b, 4b, 5): the change of the logit difference in percent, by head.

import Plotting
import Transformer

extension Panel {
  /// A map of relative changes of the logit difference; dots are the published heads.
  static func pathMap(_ title: String, _ effects: [[Double]], marked heads: [Writer]) -> Panel {
    let percent = effects.map { $0.map { 100 * $0 } }
    let largest = percent.joined().map(abs).filter(\.isFinite).max() ?? 1
    return .heads(
      title: title, percent, colors: .diverging("change, %", limit: max(largest, 1)),
      marked: Set(heads.map { HeadName($0) }))
  }
}

extension DirectEffects {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let figure = Figure(
      title: "Name movers and negative name movers have the largest direct effects on the logits",
      subtitle: "path patching from each head at END; dots: 9.6, 9.9, 10.0, 10.7, 11.10",
      caption:
        "The change of the mean logit difference when a head's direct path carries what it carries on other names.",
      rows: [[.pathMap("to the logits", seed.effects, marked: GPT2Heads.nameMovers + GPT2Heads.negative)]])
    return [try Drawing(name, figure)]
  }
}

extension PathsBetweenHeads {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let figure = Figure(
      title: "What heads read of each other",
      subtitle: "path patching from each head to queries, keys and values; dots: the published heads",
      caption: "The change of the mean logit difference when what some heads read of one other comes from other names.",
      rows: [
        [
          .pathMap("queries of name movers, END", seed.queries.effects, marked: GPT2Heads.inhibition),
          .pathMap(
            "values of S-inhibition, S2", seed.values.effects, marked: GPT2Heads.duplicate + GPT2Heads.induction),
        ],
        [
          .pathMap(
            "keys of S-inhibition, S2", seed.inhibitionKeys.effects,
            marked: GPT2Heads.duplicate + GPT2Heads.induction + GPT2Heads.fuzzy),
          .pathMap("keys of induction, S1+1", seed.keys.effects, marked: GPT2Heads.previousToken),
        ],
      ])
    let circuit = Figure(
      title: "The circuit, with its measured edges",
      subtitle: "heads by position and layer; lines are as wide as what patching one path costs",
      caption:
        "From S1+1 to S2 through keys, from S2 to END through values, among heads at END through queries, and to the "
        + "logits. Every path between two heads of neighbouring classes is patched alone.",
      panels: [seed.diagram.panel("", size: Size(860, 460))])
    return [try Drawing(name, figure), try Drawing("\(name)-circuit", circuit)]
  }
}
