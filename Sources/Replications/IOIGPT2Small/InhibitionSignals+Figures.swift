// The table of the two signals as an annotated grid, beside the published one.

import Plotting

extension InhibitionSignals {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let colors = ColorScale.diverging("logit difference", limit: 4)
    func grid(_ title: String, _ values: [[Double]]) -> Panel {
      .matrix(
        title: title, values, colors: colors, rowLabel: "position", columnLabel: "token",
        rowNames: PositionSignal.allCases.map(\.rawValue), columnNames: TokenSignal.allCases.map(\.rawValue), cell: 58,
        cellText: .decimals(2))
    }
    let measured = PositionSignal.allCases.map { position in
      TokenSignal.allCases.map { seed.table[$0, position] }
    }
    let printed = PositionSignal.allCases.indices.map { row in
      TokenSignal.allCases.map { token in
        let pair = seed.published.signals[token.rawValue] ?? []
        return pair.indices.contains(row) ? pair[row] : .nan
      }
    }
    let figure = Figure(
      title: "S-inhibition heads say where the repeated name stands, and which it is",
      subtitle: "mean logit difference when their outputs come from six other data sets",
      caption: "The position is worth more than the token. Published fit: 2.31 and 0.99 logits.",
      rows: [[grid("measured", measured), grid("published", printed)]])
    return [try Drawing(name, figure)]
  }
}
