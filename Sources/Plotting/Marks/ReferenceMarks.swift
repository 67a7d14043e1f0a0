/// A direction in which a reference runs.
enum ReferenceAxis {
  case x, y
}

extension Mark {
  /// A line across the panel at one value of x, with a label above the frame.
  public static func rule(
    x value: Double, label: String? = nil, color: Ink = .muted, style: LineStyle = .dashed
  ) -> Mark {
    Mark(ReferenceMark(kind: "rule", axis: .x, range: value...value, label: label, ink: color, style: style))
  }

  /// A line across the panel at one value of y, with a label to the right of the frame.
  public static func rule(
    y value: Double, label: String? = nil, color: Ink = .muted, style: LineStyle = .dashed
  ) -> Mark {
    Mark(ReferenceMark(kind: "rule", axis: .y, range: value...value, label: label, ink: color, style: style))
  }

  /// A shaded range of x, with a label above the frame.
  public static func band(
    x range: ClosedRange<Double>, label: String? = nil, color: Ink = .muted, opacity: Double = 0.15
  ) -> Mark {
    Mark(ReferenceMark(kind: "band", axis: .x, range: range, label: label, ink: color, opacity: opacity))
  }

  /// A shaded range of y, with a label to the right of the frame.
  public static func band(
    y range: ClosedRange<Double>, label: String? = nil, color: Ink = .muted, opacity: Double = 0.15
  ) -> Mark {
    Mark(ReferenceMark(kind: "band", axis: .y, range: range, label: label, ink: color, opacity: opacity))
  }

  /// A published value of y: a dashed line in the colour kept for published values, with its margin as a band.
  ///
  /// - Parameters:
  ///   - value: The value as published.
  ///   - margin: The stated tolerance on both sides; nil for none.
  ///   - label: The text at the line; nil for the value and its margin, empty for none.
  public static func published(_ value: Double, margin: Double? = nil, label: String? = nil) -> Mark {
    Mark(PublishedMark(axis: .y, value: value, margin: margin, label: label))
  }

  /// A published value of x; otherwise like ``published(_:margin:label:)``.
  public static func published(x value: Double, margin: Double? = nil, label: String? = nil) -> Mark {
    Mark(PublishedMark(axis: .x, value: value, margin: margin, label: label))
  }

  /// A published curve, in the style of published values.
  public static func publishedCurve(_ points: [Point], name: String = "published") -> Mark {
    line(name, points, color: .ink(.published), style: .dashed)
  }
}

struct ReferenceMark: MarkContent {
  let kind: String
  let axis: ReferenceAxis
  let range: ClosedRange<Double>
  let label: String?
  let ink: Ink
  var style = LineStyle.solid
  var opacity = 1.0

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let ends = [range.lowerBound, range.upperBound]
    return axis == .x ? (Extent(ends, isLog: logX), nil) : (nil, Extent(ends, isLog: logY))
  }

  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel] {
    guard let label, !label.isEmpty else { return [] }
    let middle = range.lowerBound / 2 + range.upperBound / 2
    return [EdgeLabel(side: axis == .x ? .top : .right, range: middle...middle, text: label, ink: ink)]
  }

  var rows: [DataRow] {
    var row = DataRow(mark: kind, label: label)
    if kind == "rule" {
      (row.x, row.y) = axis == .x ? (range.lowerBound, nil) : (nil, range.lowerBound)
    } else {
      (row.low, row.high) = (range.lowerBound, range.upperBound)
      row.series = axis == .x ? "x" : "y"
    }
    return [row]
  }

  func draw(on canvas: inout PanelCanvas) {
    var stroke = style.style(ink)
    stroke.strokeWidth = min(stroke.strokeWidth, 1.1)
    canvas.drawReference(
      axis, range, style: kind == "rule" ? stroke : .fill(ink, opacity: opacity),
      title: label ?? NumberFormat.short(range.lowerBound))
  }
}

struct PublishedMark: MarkContent {
  let axis: ReferenceAxis
  let value: Double
  let margin: Double?
  let label: String?

  private var text: String {
    label ?? NumberFormat.short(value) + (margin.map { " ± " + NumberFormat.short($0) } ?? "")
  }

  func legend(_ inks: SeriesInks) -> [LegendEntry] {
    [LegendEntry(name: "published", glyph: .published, ink: .published)]
  }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let ends = [value - (margin ?? 0), value + (margin ?? 0)]
    return axis == .x ? (Extent(ends, isLog: logX), nil) : (nil, Extent(ends, isLog: logY))
  }

  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel] {
    guard !text.isEmpty, value.isDrawable else { return [] }
    return [EdgeLabel(side: axis == .x ? .top : .right, range: value...value, text: text, ink: .published)]
  }

  var rows: [DataRow] {
    var row = DataRow(mark: "published", label: text)
    (row.x, row.y) = axis == .x ? (value, nil) : (nil, value)
    if let margin { (row.low, row.high) = (value - margin, value + margin) }
    return [row]
  }

  func draw(on canvas: inout PanelCanvas) {
    guard value.isDrawable else {
      canvas.tally.omitted += 1
      return
    }
    let title = "published " + text
    if let margin, margin.isDrawable, margin > 0 {
      canvas.drawReference(
        axis, (value - margin)...(value + margin), style: .fill(.published, opacity: 0.14), title: title)
    }
    canvas.drawReference(axis, value...value, style: .stroke(.published, width: 1.4, dash: [5, 3]), title: title)
  }
}

extension PanelCanvas {
  /// Draws a line (for a range of one value) or a band across the frame; outside the axes it is counted instead.
  mutating func drawReference(
    _ axis: ReferenceAxis, _ range: ClosedRange<Double>, style: Scene.Style, title: String
  ) {
    let span =
      axis == .x ? horizontalSpan(range.lowerBound, range.upperBound) : verticalSpan(range.lowerBound, range.upperBound)
    let scale = axis == .x ? x : y
    let isLine = range.lowerBound == range.upperBound
    guard let span, !isLine || scale.shows(range.lowerBound) else {
      tally.outside += 1
      return
    }
    if isLine {
      let ends =
        axis == .x
        ? [Point(span.0, frame.y), Point(span.0, frame.maxY)] : [Point(frame.x, span.0), Point(frame.maxX, span.0)]
      scene.add(.line(ends), style, title: title)
    } else {
      let rect =
        axis == .x
        ? Rect(Point(span.0, frame.y), Point(span.1, frame.maxY))
        : Rect(Point(frame.x, span.0), Point(frame.maxX, span.1))
      scene.add(.rectangle(rect), style, title: title)
    }
  }
}
