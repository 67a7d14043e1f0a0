extension Mark {
  /// Points, each with its own colour, hover text and label if wanted.
  ///
  /// - Parameters:
  ///   - name: The series' name in legend and data; nil to leave it out of the legend.
  ///   - points: The points.
  ///   - color: One ink, one for each point, or values with a scale.
  ///   - symbol: The shape of the points.
  ///   - radius: Their radius in pixels.
  ///   - opacity: From 0 through 1; below 1 to show where many points lie on each other.
  ///   - titles: Hover texts, one for each point; nil for the coordinates.
  ///   - labels: Texts beside the points, one for each, empty for none; those that find no room are left out.
  public static func scatter(
    _ name: String?, _ points: [Point], color: Coloring = .automatic, symbol: Symbol = .dot, radius: Double = 3,
    opacity: Double = 1, titles: [String]? = nil, labels: [String]? = nil
  ) -> Mark {
    for texts in [titles, labels] {
      precondition(
        texts == nil || texts?.count == points.count, "A scatter needs one text for each of its \(points.count) points."
      )
    }
    return Mark(
      ScatterMark(
        name: name, points: points, color: color, symbol: symbol, radius: radius, opacity: opacity, titles: titles,
        labels: labels))
  }

  /// Points of a negative control: open grey diamonds, the same in every figure.
  public static func control(_ points: [Point], name: String = "control", titles: [String]? = nil) -> Mark {
    scatter(name, points, color: .ink(.control), symbol: .diamond, radius: 3.2, titles: titles)
  }
}

struct ScatterMark: MarkContent {
  let name: String?
  let points: [Point]
  let color: Coloring
  let symbol: Symbol
  let radius: Double
  let opacity: Double
  let titles: [String]?
  let labels: [String]?

  var automaticNames: [String] { color == .automatic ? [name].compactMap(\.self) : [] }
  var colorScale: ColorScale? { color.scale }

  func legend(_ inks: SeriesInks) -> [LegendEntry] {
    switch color {
    case .automatic, .ink:
      name.map { [LegendEntry(name: $0, glyph: .symbol(symbol), ink: inks.ink($0, color))] } ?? []
    case .each, .values: []
    }
  }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    (Extent(points.map(\.x), isLog: logX), Extent(points.map(\.y), isLog: logY))
  }

  var rows: [DataRow] {
    points.indices.map { index in
      DataRow(
        mark: "scatter", series: name, x: points[index].x, y: points[index].y, value: color.value(at: index),
        label: titles?[index] ?? labels?[index])
    }
  }

  func draw(on canvas: inout PanelCanvas) {
    for (index, point) in points.enumerated() {
      guard let pixel = canvas.place(point) else { continue }
      let ink = canvas.inks.ink(name, color, at: index) ?? .muted
      let title =
        points.count > PanelCanvas.hoverLimit
        ? nil : titles?[index] ?? labels?[index] ?? canvas.describe(point, name: name)
      canvas.draw(symbol, at: pixel, radius: radius, ink: ink, opacity: opacity, title: title)
      if let text = labels?[index], !text.isEmpty {
        canvas.labels.append(PointLabel(text: text, anchor: pixel, clearance: radius + 2, priority: .ordinary))
      }
    }
    canvas.tally.clamped += color.clampedCount
  }
}

extension Coloring {
  /// How many values share the end colours of their scale.
  var clampedCount: Int {
    if case .values(let values, let scale) = self { scale.clampedCount(values) } else { 0 }
  }
}
