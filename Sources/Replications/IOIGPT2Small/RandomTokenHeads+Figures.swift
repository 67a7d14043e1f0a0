// The three kinds of heads on random tokens, with the heads of the circuit.

import Plotting
import Transformer

extension RandomTokenHeads {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let colors = ColorScale.sequential("score", 0...1)
    let wanted: [HeadKind: [Writer]] = [
      .previousToken: GPT2Heads.previousToken, .induction: GPT2Heads.induction, .duplicateToken: GPT2Heads.duplicate,
    ]
    let maps = HeadKind.allCases.map { kind in
      Panel.heads(
        title: kind.rawValue, seed.repeated.scores[kind], colors: colors,
        marked: Set((wanted[kind] ?? []).map { HeadName($0) }))
    }
    let reach = max(seed.repeated.contributions.joined().map(abs).filter(\.isFinite).max() ?? 1, 0.1)
    let logits = Panel.heads(
      title: "to the next token's logit", seed.repeated.contributions, colors: .diverging("logits", limit: reach),
      marked: Set(GPT2Heads.induction.map { HeadName($0) }))
    let figure = Figure(
      title: "On random tokens the heads of the circuit are what their names say",
      subtitle: "four rows of 100 tokens, twice over; dots: the heads of the circuit",
      caption: "Mean attention along the three diagonals, and what heads add to the logit of the right next token.",
      rows: [Array(maps.prefix(2)), [maps[2], logits]])
    return [try Drawing(name, figure)]
  }
}
