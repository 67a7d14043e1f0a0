// How figures show the heads of a model: a map of layers and heads as readers know it, and bars for single heads.

import Plotting

extension Panel {
  /// A map of heads: layers downward, heads rightward, some of them with a dot.
  ///
  /// - Parameters:
  ///   - values: The values, `[layer][head]`; those that are not finite are crossed out.
  ///   - layers: The layers that are shown; all unless given.
  ///   - marked: The heads that have a dot, such as those that were published.
  static func heads(
    title: String, _ values: [[Double]], colors: ColorScale, layers: Range<Int>? = nil, marked: Set<HeadName> = []
  ) -> Panel {
    let layers = layers ?? values.indices
    let dots = layers.map { layer in
      values[layer].indices.map { marked.contains(HeadName(layer, $0)) ? "●" : "" }
    }
    let titles = layers.map { layer in
      values[layer].enumerated().map { "\(HeadName(layer, $0)): \($1.isFinite ? $1.brief : "–")" }
    }
    return .matrix(
      title: title, Array(values[layers]), colors: colors, rowLabel: "layer", columnLabel: "head",
      rowNames: layers.map(String.init), cell: 17, cellText: .texts(dots), titles: titles)
  }

  /// Bars for single heads, with a colour for each.
  static func headBars(
    title: String, _ bars: [(head: HeadName, value: Double, ink: Ink)], y: Axis, size: Size, marks: [Mark] = []
  ) -> Panel {
    Panel(
      title: title, x: .categories(bars.map(\.head.description)), y: y, size: size,
      marks: [
        .bars(
          nil, bars.map(\.value), width: 0.7, color: .each(bars.map(\.ink)),
          titles: bars.map { "\($0.head): \($0.value.brief)" })
      ] + marks)
  }
}
