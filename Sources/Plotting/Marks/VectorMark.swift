extension Mark {
  /// Segments from the origin to each point with a dot at the end: the columns of a weight matrix in two dimensions.
  ///
  /// Thin lines mark the zero of both axes. Use with hidden axes and `aspect: .equal`.
  ///
  /// - Parameters:
  ///   - tips: Where the vectors end.
  ///   - name: The series' name in legend and data; nil to leave it out of the legend.
  ///   - color: One ink, one for each vector, or values with a scale.
  ///   - hasArrowheads: Whether the ends are arrowheads instead of dots.
  ///   - titles: Hover texts, one for each vector; nil for the coordinates.
  ///   - labels: Texts beyond the tips, one for each; those that find no room are left out.
  public static func vectors(
    _ tips: [Point], name: String? = nil, color: Coloring = .automatic, hasArrowheads: Bool = false,
    titles: [String]? = nil, labels: [String]? = nil
  ) -> Mark {
    for texts in [titles, labels] {
      precondition(
        texts == nil || texts?.count == tips.count, "Vectors need one text for each of the \(tips.count) tips.")
    }
    return Mark(
      VectorMark(
        name: name, tips: tips, color: color, hasArrowheads: hasArrowheads, titles: titles, labels: labels))
  }
}

struct VectorMark: MarkContent {
  let name: String?
  let tips: [Point]
  let color: Coloring
  let hasArrowheads: Bool
  let titles: [String]?
  let labels: [String]?

  var automaticNames: [String] { color == .automatic ? [name].compactMap(\.self) : [] }
  var colorScale: ColorScale? { color.scale }

  func legend(_ inks: SeriesInks) -> [LegendEntry] {
    switch color {
    case .automatic, .ink:
      name.map { [LegendEntry(name: $0, glyph: .line(.solid), ink: inks.ink($0, color))] } ?? []
    case .each, .values: []
    }
  }

  /// A square around the origin, so that panels of one kind look alike.
  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let reach = tips.flatMap { [abs($0.x), abs($0.y)] }.filter(\.isDrawable).max() ?? 0
    let side = reach > 0 ? reach * 1.2 : 1
    return (Extent([-side, side], isLog: logX, isTight: true), Extent([-side, side], isLog: logY, isTight: true))
  }

  var rows: [DataRow] {
    tips.indices.map { index in
      DataRow(
        mark: "vector", series: name, x: tips[index].x, y: tips[index].y, value: color.value(at: index),
        label: titles?[index] ?? labels?[index])
    }
  }

  func draw(on canvas: inout PanelCanvas) {
    canvas.drawZeroLines()
    guard let origin = canvas.pixel(Point(0.0, 0.0)) else { return }
    for (index, tip) in tips.enumerated() {
      guard let end = canvas.place(tip) else { continue }
      let ink = canvas.inks.ink(name, color, at: index) ?? .muted
      let title = titles?[index] ?? labels?[index] ?? canvas.describe(tip, name: name)
      canvas.scene.add(.line([origin, end]), .stroke(ink, width: 1.75), title: title)
      canvas.avoid([origin, end])
      let (dx, dy) = (end.x - origin.x, end.y - origin.y)
      let length = (dx * dx + dy * dy).squareRoot()
      if hasArrowheads {
        drawArrowhead(at: end, dx: dx, dy: dy, length: length, ink: ink, on: &canvas)
      } else {
        canvas.draw(.dot, at: end, radius: 3.2, ink: ink, opacity: 1, title: title)
      }
      if let text = labels?[index], !text.isEmpty {
        let direction = length > 0 ? Point(dx / length, dy / length) : nil
        canvas.labels.append(
          PointLabel(text: text, anchor: end, clearance: 4, priority: .ordinary, direction: direction))
      }
    }
    canvas.tally.clamped += color.clampedCount
  }

  private func drawArrowhead(
    at end: Point, dx: Double, dy: Double, length: Double, ink: Ink, on canvas: inout PanelCanvas
  ) {
    guard length > 0 else { return }
    let (ux, uy) = (dx / length, dy / length)
    let base = Point(end.x - 7 * ux, end.y - 7 * uy)
    canvas.scene.add(
      .polygon([end, Point(base.x - 3 * uy, base.y + 3 * ux), Point(base.x + 3 * uy, base.y - 3 * ux)]), .fill(ink))
  }
}

extension PanelCanvas {
  /// Draws thin lines through the zero of both axes, and a faint frame where the axes are hidden.
  mutating func drawZeroLines() {
    if let zero = x.position(0), x.shows(0) {
      let place = frame.x + zero
      scene.add(.line([Point(place, frame.y), Point(place, frame.maxY)]), .stroke(.grid))
    }
    if let zero = y.position(0), y.shows(0) {
      let place = frame.y + zero
      scene.add(.line([Point(frame.x, place), Point(frame.maxX, place)]), .stroke(.grid))
    }
  }
}
