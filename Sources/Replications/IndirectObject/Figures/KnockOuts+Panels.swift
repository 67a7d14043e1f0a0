// Knock-outs as Wang et al. 2022 draw them: completeness (figure 6), minimality (figure 7), and what takes over when
// the name movers are gone (figure 15).

import Plotting
import Tensors
import Transformer

extension Panel {
  /// F(C∖K) against F(M∖K), which agree on the diagonal where a circuit is complete.
  static func completeness(
    _ title: String, _ series: [(name: String, points: [Incompleteness])],
    published: [(name: String, point: Point)] = [], size: Size = Size(230, 230)
  ) -> Panel {
    let found = series.flatMap { $0.points.flatMap { [Double($0.circuit), Double($0.model)] } }
    let values = (found + published.flatMap { [$0.point.x, $0.point.y] }).filter(\.isFinite)
    let (low, high) = (min(0, values.min() ?? 0), max(values.max() ?? 1, 1))
    let range = low - 0.05 * (high - low)...high + 0.05 * (high - low)
    var marks: [Mark] = [
      .line(
        nil, xs: [range.lowerBound, range.upperBound], ys: [range.lowerBound, range.upperBound],
        color: .ink(.muted), style: .dashed, markers: false)
    ]
    if !published.isEmpty {
      marks.append(
        .scatter(
          "published classes", published.map(\.point), color: .ink(.published), radius: 5, opacity: 0.5,
          titles: published.map(\.name)))
    }
    return Panel(
      title: title, x: .linear("F(C∖K), circuit without K", range), y: .linear("F(M∖K), model without K", range),
      aspect: .equal, size: size,
      marks: marks
        + series.enumerated().map { index, entry in
          .scatter(
            entry.name, entry.points.map { Point(Double($0.circuit), Double($0.model)) }, color: .ink(.series(index)),
            radius: entry.points.count > 20 ? 2 : 4, titles: entry.points.map(\.name))
        })
  }

  /// What each head of a circuit changes, in percent of F(M), coloured by class.
  static func minimality(
    _ title: String, _ heads: [Minimality], of circuit: IndirectObjectCircuit, marks: [Mark] = [], height: Double = 180
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
      } + marks + [.rule(y: 1, label: "1 %")])
  }

  /// The direct effect of each head with the name movers in place and without them, in logits.
  static func selfRepair(_ title: String, _ repair: SelfRepair, size: Size = Size(230, 230)) -> Panel {
    selfRepair(
      title, before: (repair.effects.result.effect.mean(axis: 2) * -1).rows,
      after: (repair.effectsKnockedOut.result.effect.mean(axis: 2) * -1).rows, removed: repair.removed, size: size)
  }

  /// The same from what each head adds to the logit difference before and after, `[layer][head]`, in logits.
  ///
  /// `marks` come between the diagonal and the heads; the axes reach as far as the heads, and as `reach` at least.
  static func selfRepair(
    _ title: String, before: [[Double]], after: [[Double]], removed: [Writer],
    axes: (x: String, y: String) = ("direct effect, intact", "without name movers"), marks: [Mark] = [],
    reach: Double = 0.1, size: Size = Size(230, 230)
  ) -> Panel {
    func points(_ isWanted: (Writer) -> Bool) -> (points: [Point], names: [String]) {
      let all = before.indices.flatMap { layer in before[layer].indices.map { Writer.head(layer, $0) } }
      let chosen = all.filter(isWanted)
      return (chosen.map { Point(before[HeadName($0)], after[HeadName($0)]) }, chosen.map(\.shortName))
    }
    let (gone, others) = (points { removed.contains($0) }, points { !removed.contains($0) })
    let values = (gone.points + others.points).flatMap { [$0.x, $0.y] }.filter(\.isFinite)
    let end = max(values.map(\.magnitude).max() ?? 1, reach) * 1.1
    let axesAndDiagonal: [Mark] = [
      .rule(x: 0), .rule(y: 0),
      .line(nil, xs: [-end, end], ys: [-end, end], color: .ink(.muted), style: .dashed, markers: false),
    ]
    let heads: [Mark] = [
      .scatter("knocked out", gone.points, color: .ink(.muted), titles: gone.names),
      .scatter("other heads", others.points, color: .ink(.series(0)), titles: others.names),
    ]
    return Panel(
      title: title, x: .linear(axes.x, -end...end), y: .linear(axes.y, -end...end), aspect: .equal, size: size,
      marks: axesAndDiagonal + marks + heads)
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
