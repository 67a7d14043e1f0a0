extension Mark {
  /// Bars from zero to each value.
  ///
  /// - Parameters:
  ///   - name: The series' name in legend and data; nil to leave it out of the legend.
  ///   - values: The values, one bar each.
  ///   - positions: Where the bars stand; nil for 0, 1, 2, …, the slots of a categorical axis.
  ///   - width: The width of a bar in units of the other axis.
  ///   - color: One ink, one for each bar, or values with a scale.
  ///   - orientation: Which way the values run.
  ///   - titles: Hover texts, one for each bar; nil for the coordinates.
  public static func bars(
    _ name: String?, _ values: [Double], at positions: [Double]? = nil, width: Double = 0.8,
    color: Coloring = .automatic, orientation: Orientation = .vertical, titles: [String]? = nil
  ) -> Mark {
    let places = positions ?? values.indices.map(Double.init)
    precondition(places.count == values.count, "Bars need as many positions (\(places.count)) as values.")
    precondition(titles == nil || titles?.count == values.count, "Bars need one title for each value.")
    let bars = zip(places, values).map { place, value in
      Bar(start: place - width / 2, end: place + width / 2, base: 0, top: value, position: place)
    }
    return Mark(
      BarMark(
        kind: "bar", bars: bars, names: [name], color: color, orientation: orientation, titles: titles,
        isTouching: false)
    )
  }

  /// Bars made of segments on top of each other; negative segments stack downward from zero.
  ///
  /// - Parameters:
  ///   - stacks: The segments of each bar: `stacks[bar][segment]`.
  ///   - names: The legend's name of each segment index; nil for no legend.
  ///   - width: The width of a bar in units of the other axis.
  ///   - color: `.automatic` gives each segment index a series colour; `.each` and `.values` list all segments of the
  ///     first bar, then of the second, and so on.
  ///   - orientation: Which way the values run.
  ///   - titles: Hover texts in the same order as the colours; nil for the segment's value.
  public static func stackedBars(
    _ stacks: [[Double]], names: [String]? = nil, width: Double = 0.8, color: Coloring = .automatic,
    orientation: Orientation = .vertical, titles: [String]? = nil
  ) -> Mark {
    var bars: [Bar] = []
    for (position, stack) in stacks.enumerated() {
      var (up, down) = (0.0, 0.0)
      for (segment, value) in stack.enumerated() {
        let base = value < 0 ? down : up
        let place = Double(position)
        bars.append(
          Bar(
            start: place - width / 2, end: place + width / 2, base: base, top: base + value, position: place,
            segment: segment))
        if value.isDrawable { value < 0 ? (down += value) : (up += value) }
      }
    }
    precondition(titles == nil || titles?.count == bars.count, "Stacked bars need one title for each segment.")
    let count = stacks.map(\.count).max() ?? 0
    precondition(names == nil || names?.count == count, "Stacked bars need one name for each of \(count) segments.")
    let labels: [String?] = names ?? Array(repeating: nil, count: count)
    return Mark(
      BarMark(
        kind: "stack", bars: bars, names: labels, color: color, orientation: orientation, titles: titles,
        isTouching: false))
  }

  /// How many values fall into each of `bins` equal intervals of `range`.
  ///
  /// Each interval holds its lower end, the last one also its upper end. Values outside the range and values that are
  /// not finite fall into none.
  public static func histogram(
    _ name: String?, _ values: [Double], bins: Int, in range: ClosedRange<Double>, color: Coloring = .automatic,
    orientation: Orientation = .vertical
  ) -> Mark {
    precondition(bins > 0, "A histogram needs at least one bin, not \(bins).")
    precondition(range.lowerBound < range.upperBound, "A histogram needs a range with distinct ends.")
    let width = (range.upperBound - range.lowerBound) / Double(bins)
    var counts = Array(repeating: 0, count: bins)
    for value in values where range.contains(value) {
      counts[min(Int((value - range.lowerBound) / width), bins - 1)] += 1
    }
    let bars = counts.enumerated().map { index, count in
      let start = range.lowerBound + Double(index) * width
      return Bar(start: start, end: start + width, base: 0, top: Double(count), position: start + width / 2)
    }
    let titles = bars.map {
      "\(NumberFormat.short($0.start)) to \(NumberFormat.short($0.end)): \(NumberFormat.short($0.top))"
    }
    return Mark(
      BarMark(
        kind: "histogram", bars: bars, names: [name], color: color, orientation: orientation, titles: titles,
        isTouching: true))
  }
}

/// One rectangle of a bar chart, in data units: from `start` to `end` along the axis, from `base` to `top` in value.
struct Bar {
  var start: Double
  var end: Double
  var base: Double
  var top: Double
  var position: Double
  var segment = 0
}

struct BarMark: MarkContent {
  let kind: String
  let bars: [Bar]
  /// The name of each segment index.
  let names: [String?]
  let color: Coloring
  let orientation: Orientation
  let titles: [String]?
  /// Whether neighbours share an edge, as in a histogram.
  let isTouching: Bool

  private var isStacked: Bool { kind == "stack" }

  var automaticNames: [String] { color == .automatic ? names.compactMap(\.self) : [] }
  var colorScale: ColorScale? { color.scale }

  func legend(_ inks: SeriesInks) -> [LegendEntry] {
    switch color {
    case .automatic, .ink:
      names.compactMap(\.self).map { LegendEntry(name: $0, glyph: .swatch, ink: inks.ink($0, color)) }
    case .each, .values: []
    }
  }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let along = bars.flatMap { [$0.start, $0.end] }
    let across = bars.flatMap { [$0.base, $0.top] }
    return orientation == .vertical
      ? (Extent(along, isLog: logX, isTight: isTouching), Extent(across, isLog: logY))
      : (Extent(across, isLog: logX), Extent(along, isLog: logY, isTight: isTouching))
  }

  var rows: [DataRow] {
    bars.enumerated().map { index, bar in
      let height = isStacked ? bar.top - bar.base : bar.top
      var row = DataRow(
        mark: kind, series: names.indices.contains(bar.segment) ? names[bar.segment] : nil,
        value: color.value(at: index), label: titles?[index])
      (row.x, row.y) = orientation == .vertical ? (bar.position, height) : (height, bar.position)
      if isStacked { (row.low, row.high) = (min(bar.base, bar.top), max(bar.base, bar.top)) }
      if kind == "histogram" { (row.low, row.high) = (bar.start, bar.end) }
      return row
    }
  }

  func draw(on canvas: inout PanelCanvas) {
    for (index, bar) in bars.enumerated() {
      let isVertical = orientation == .vertical
      let spans =
        isVertical
        ? (canvas.horizontalSpan(bar.start, bar.end), canvas.verticalSpan(bar.base, bar.top))
        : (canvas.horizontalSpan(bar.base, bar.top), canvas.verticalSpan(bar.start, bar.end))
      guard let horizontal = spans.0, let vertical = spans.1 else {
        if bar.top.isDrawable { canvas.tally.outside += 1 } else { canvas.tally.omitted += 1 }
        continue
      }
      if !(isVertical ? canvas.y : canvas.x).shows(bar.top) { canvas.tally.outside += 1 }
      let name = names.indices.contains(bar.segment) ? names[bar.segment] : nil
      let ink: Ink =
        isStacked && color == .automatic && name == nil
        ? .series(bar.segment) : canvas.inks.ink(name, color, at: index) ?? .muted
      let height = isStacked ? bar.top - bar.base : bar.top
      let place = isVertical ? Point(bar.position, height) : Point(height, bar.position)
      let rect = Rect(Point(horizontal.0, vertical.0), Point(horizontal.1, vertical.1))
      var style = Scene.Style.fill(ink)
      let thickness = isVertical ? rect.width : rect.height
      if (isTouching || isStacked) && thickness > 3 {
        style.stroke = .surface
        style.strokeWidth = 0.6
      }
      canvas.scene.add(.rectangle(rect), style, title: titles?[index] ?? canvas.describe(place, name: name))
    }
    canvas.tally.clamped += color.clampedCount
  }
}
