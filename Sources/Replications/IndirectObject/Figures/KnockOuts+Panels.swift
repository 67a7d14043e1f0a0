// Knock-outs as Wang et al. 2022 draw them: completeness (figure 6), minimality (figure 7), and what takes over when
// the name movers are gone (figure 15).

import Plotting
import Transformer

extension Panel {
  /// F(C∖K) against F(M∖K), which agree on the diagonal where a circuit is complete.
  static func completeness(
    _ title: String, _ series: [(name: String, points: [Incompleteness])], size: Size = Size(230, 230)
  ) -> Panel {
    let values = series.flatMap { $0.points.flatMap { [Double($0.circuit), Double($0.model)] } }.filter(\.isFinite)
    let (low, high) = (min(0, values.min() ?? 0), max(values.max() ?? 1, 1))
    let range = low - 0.05 * (high - low)...high + 0.05 * (high - low)
    return Panel(
      title: title, x: .linear("F(C∖K), circuit without K", range), y: .linear("F(M∖K), model without K", range),
      aspect: .equal, size: size,
      marks: [
        .line(
          nil, xs: [range.lowerBound, range.upperBound], ys: [range.lowerBound, range.upperBound],
          color: .ink(.muted), style: .dashed, markers: false)
      ]
        + series.enumerated().map { index, entry in
          .scatter(
            entry.name, entry.points.map { Point(Double($0.circuit), Double($0.model)) }, color: .ink(.series(index)),
            radius: entry.points.count > 20 ? 2 : 4, titles: entry.points.map(\.name))
        })
  }

  /// What each head of a circuit changes, in percent of F(M), coloured by class.
  static func minimality(
    _ title: String, _ heads: [Minimality], of circuit: IndirectObjectCircuit, height: Double = 180
  ) -> Panel {
    let places = Dictionary(uniqueKeysWithValues: heads.enumerated().map { ($0.element.node, Double($0.offset)) })
    return Panel(
      title: title, x: .categories(heads.map { $0.node.shortName }), y: .linear("change of F, % of F(M)"),
      size: Size(max(120, 26 * Double(heads.count)), height),
      marks: circuit.classes.enumerated().map { index, group in
        let own = heads.filter { group.heads.contains($0.node) }
        return .bars(
          group.name, own.map { 100 * Double($0.fraction) }, at: own.map { places[$0.node] ?? 0 }, width: 0.7,
          color: .ink(.series(index)))
      } + [.rule(y: 1, label: "1 %")])
  }

  /// The direct effect of each head with the name movers in place and without them, in logits.
  static func selfRepair(_ title: String, _ repair: SelfRepair, size: Size = Size(230, 230)) -> Panel {
    let (before, after) = (
      repair.effects.result.effect.mean(axis: 2), repair.effectsKnockedOut.result.effect.mean(axis: 2)
    )
    let heads = before.shape[1]
    func points(_ isWanted: (Writer) -> Bool) -> (points: [Point], names: [String]) {
      let chosen = (0..<before.count).map { Writer.head($0 / heads, $0 % heads) }.filter(isWanted)
      return (
        chosen.map {
          Point(Double(-before[$0.place.layer, $0.place.head]), Double(-after[$0.place.layer, $0.place.head]))
        },
        chosen.map(\.shortName)
      )
    }
    let (removed, others) = (points { repair.removed.contains($0) }, points { !repair.removed.contains($0) })
    let values = (removed.points + others.points).flatMap { [$0.x, $0.y] }
    let reach = max(values.map(\.magnitude).max() ?? 1, 0.1) * 1.1
    return Panel(
      title: title, x: .linear("direct effect, intact", -reach...reach),
      y: .linear("without name movers", -reach...reach),
      aspect: .equal, size: size,
      marks: [
        .rule(x: 0), .rule(y: 0),
        .line(nil, xs: [-reach, reach], ys: [-reach, reach], color: .ink(.muted), style: .dashed, markers: false),
        .scatter("knocked out", removed.points, color: .ink(.muted), titles: removed.names),
        .scatter("other heads", others.points, color: .ink(.series(0)), titles: others.names),
      ])
  }
}

extension Writer {
  /// A head as the field writes it, `9.6`; of an MLP `m3`.
  var shortName: String {
    switch self {
    case .head(let layer, let head): "\(layer).\(head)"
    case .mlp(let layer): "m\(layer)"
    case .embed: "embed"
    }
  }
}
