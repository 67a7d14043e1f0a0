extension Mark {
  /// A line through `points`, with a band between `low` and `high` if given.
  ///
  /// - Parameters:
  ///   - name: The series' name in legend and data; nil to leave it out of the legend.
  ///   - points: The points in the order in which the line visits them.
  ///   - low: The lower edge of the band at each point.
  ///   - high: The upper edge of the band at each point.
  ///   - color: One ink; `.automatic` takes the series' colour.
  ///   - style: How the line is dashed.
  ///   - markers: Whether each point has a dot.
  ///   - directLabel: Whether the name stands beside the line's last point instead of in the legend.
  public static func line(
    _ name: String?, _ points: [Point], low: [Double]? = nil, high: [Double]? = nil, color: Coloring = .automatic,
    style: LineStyle = .solid, markers: Bool = false, directLabel: Bool = false
  ) -> Mark {
    precondition(
      (low == nil) == (high == nil) && (low?.count ?? points.count) == points.count
        && (high?.count ?? points.count) == points.count,
      "A band needs a low and a high value for each of the \(points.count) points.")
    return Mark(
      LineMark(
        name: name, points: points, low: low, high: high, color: color, style: style, hasMarkers: markers,
        hasDirectLabel: directLabel))
  }

  /// A line through the values `ys` at `xs`.
  public static func line(
    _ name: String?, xs: [Double], ys: [Double], low: [Double]? = nil, high: [Double]? = nil,
    color: Coloring = .automatic, style: LineStyle = .solid, markers: Bool = false, directLabel: Bool = false
  ) -> Mark {
    precondition(xs.count == ys.count, "A line needs as many x values (\(xs.count)) as y values (\(ys.count)).")
    return line(
      name, zip(xs, ys).map { Point($0, $1) }, low: low, high: high, color: color, style: style, markers: markers,
      directLabel: directLabel)
  }
}

struct LineMark: MarkContent {
  let name: String?
  let points: [Point]
  let low: [Double]?
  let high: [Double]?
  let color: Coloring
  let style: LineStyle
  let hasMarkers: Bool
  let hasDirectLabel: Bool

  var automaticNames: [String] { color == .automatic ? [name].compactMap(\.self) : [] }

  func legend(_ inks: SeriesInks) -> [LegendEntry] {
    guard let name, !hasDirectLabel else { return [] }
    return [
      LegendEntry(name: name, glyph: low == nil ? .line(style) : .lineWithBand(style), ink: inks.ink(name, color))
    ]
  }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    (
      Extent(points.map(\.x), isLog: logX),
      Extent(points.map(\.y) + (low ?? []) + (high ?? []), isLog: logY)
    )
  }

  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel] {
    guard hasDirectLabel, let name, let last = points.last(where: { $0.x.isDrawable && $0.y.isDrawable }) else {
      return []
    }
    return [EdgeLabel(side: .right, range: last.y...last.y, text: name, ink: inks.ink(name, color))]
  }

  var rows: [DataRow] {
    points.indices.map {
      DataRow(mark: "line", series: name, x: points[$0].x, y: points[$0].y, low: low?[$0], high: high?[$0])
    }
  }

  func draw(on canvas: inout PanelCanvas) {
    let ink = canvas.inks.ink(name, color)
    let pixels = points.map { canvas.pixel($0) }
    var group: [Scene.Node] = bandNodes(canvas, ink: ink)
    for run in Self.runs(pixels) {
      if run.count == 1 {
        group.append(Scene.Node(shape: .circle(run[0], radius: 2), style: .fill(ink)))
      } else {
        if canvas.isCovered {
          group.append(Scene.Node(shape: .line(run), style: .stroke(.surface, width: 4.5, opacity: 0.85)))
        }
        group.append(Scene.Node(shape: .line(run), style: style.style(ink)))
        canvas.avoid(run)
      }
    }
    canvas.scene.add(.clip(canvas.frame.outset(by: 1), group))
    for (point, pixel) in zip(points, pixels) where points.count <= PanelCanvas.hoverLimit {
      guard let pixel, canvas.x.shows(point.x), canvas.y.shows(point.y) else { continue }
      let title = canvas.describe(point, name: name)
      if hasMarkers {
        canvas.draw(.dot, at: pixel, radius: 2.6, ink: ink, opacity: 1, title: title)
      } else {
        canvas.scene.add(.circle(pixel, radius: 4), Scene.Style(), title: title)
      }
    }
  }

  private func bandNodes(_ canvas: PanelCanvas, ink: Ink) -> [Scene.Node] {
    guard let low, let high else { return [] }
    var canvas = canvas
    let edges = points.indices.map { index -> [Point]? in
      guard let lower = canvas.pixel(Point(points[index].x, low[index])),
        let upper = canvas.pixel(Point(points[index].x, high[index]))
      else { return nil }
      return [lower, upper]
    }
    return Self.runs(edges).filter { $0.count > 1 }.map { run in
      let outline = run.map { $0[0] } + run.reversed().map { $0[1] }
      return Scene.Node(shape: .polygon(outline), style: .fill(ink, opacity: 0.2))
    }
  }

  /// The stretches of `items` without gaps.
  static func runs<Item>(_ items: [Item?]) -> [[Item]] {
    var runs: [[Item]] = [[]]
    for item in items {
      if let item {
        runs[runs.count - 1].append(item)
      } else if !(runs.last ?? []).isEmpty {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }
}
