/// An estimate with its interval, and what it is compared with.
public struct Interval: Sendable, Hashable {
  /// Where the interval stands on the other axis.
  public var position: Double
  /// The estimate, such as a mean over seeds; nil if there is none.
  public var estimate: Double?
  /// The ends of the interval; nil if there is none.
  public var range: ClosedRange<Double>?
  /// The published value; nil if there is none.
  public var published: Double?
  /// The stated tolerance around the published value; nil if there is none.
  public var margin: Double?
  /// The value under the negative control; nil if there is none.
  public var control: Double?
  /// The single values behind the estimate, such as one for each seed.
  public var samples: [Double]
  /// The hover text; nil for the numbers.
  public var title: String?

  /// Makes an interval at `position`.
  public init(
    at position: Double, estimate: Double?, range: ClosedRange<Double>? = nil, published: Double? = nil,
    margin: Double? = nil, control: Double? = nil, samples: [Double] = [], title: String? = nil
  ) {
    self.position = position
    self.estimate = estimate
    self.range = range
    self.published = published
    self.margin = margin
    self.control = control
    self.samples = samples
    self.title = title
  }

  /// The estimate and its interval in words.
  var numbers: String {
    let ends = range.map { "[\(NumberFormat.short($0.lowerBound)), \(NumberFormat.short($0.upperBound))]" }
    return [estimate.map { NumberFormat.short($0) }, ends].compactMap(\.self).joined(separator: " ")
  }
}

extension Mark {
  /// Intervals with their estimates: error bars, or with `.horizontal` the rows of a forest plot.
  ///
  /// Each published value is a short line in the colour kept for them with its margin as a band, each control an open
  /// diamond, each sample a small faint dot.
  public static func intervals(
    _ intervals: [Interval], name: String? = "measured", color: Coloring = .automatic,
    orientation: Orientation = .vertical, breadth: Double = 0.7
  ) -> Mark {
    Mark(IntervalMark(name: name, intervals: intervals, color: color, orientation: orientation, breadth: breadth))
  }
}

struct IntervalMark: MarkContent {
  let name: String?
  let intervals: [Interval]
  let color: Coloring
  let orientation: Orientation
  /// The length of the published lines across, in units of the other axis.
  let breadth: Double

  var automaticNames: [String] { color == .automatic ? [name].compactMap(\.self) : [] }
  var colorScale: ColorScale? { color.scale }

  func legend(_ inks: SeriesInks) -> [LegendEntry] {
    var entries: [LegendEntry] = []
    if let name { entries.append(LegendEntry(name: name, glyph: .interval, ink: inks.ink(name, color))) }
    if intervals.contains(where: { $0.published != nil }) {
      entries.append(LegendEntry(name: "published", glyph: .published, ink: .published))
    }
    if intervals.contains(where: { $0.control != nil }) {
      entries.append(LegendEntry(name: "control", glyph: .symbol(.diamond), ink: .control))
    }
    return entries
  }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let values = intervals.flatMap { interval -> [Double] in
      var values = interval.samples + [interval.estimate, interval.control].compactMap(\.self)
      if let range = interval.range { values += [range.lowerBound, range.upperBound] }
      if let published = interval.published {
        let margin = interval.margin ?? 0
        values += [published - margin, published + margin]
      }
      return values
    }
    let places = intervals.flatMap { [$0.position - breadth / 2, $0.position + breadth / 2] }
    return orientation == .vertical
      ? (Extent(places, isLog: logX), Extent(values, isLog: logY))
      : (Extent(values, isLog: logX), Extent(places, isLog: logY))
  }

  var rows: [DataRow] {
    intervals.flatMap { interval -> [DataRow] in
      func row(_ mark: String, _ value: Double?, _ range: (Double, Double)?) -> DataRow {
        var row = DataRow(mark: mark, series: name, low: range?.0, high: range?.1, label: interval.title)
        (row.x, row.y) = orientation == .vertical ? (interval.position, value) : (value, interval.position)
        return row
      }
      var rows = [row("interval", interval.estimate, interval.range.map { ($0.lowerBound, $0.upperBound) })]
      rows += interval.samples.map { row("sample", $0, nil) }
      if let published = interval.published {
        rows.append(row("published", published, interval.margin.map { (published - $0, published + $0) }))
      }
      if let control = interval.control { rows.append(row("control", control, nil)) }
      return rows
    }
  }

  func draw(on canvas: inout PanelCanvas) {
    for (index, interval) in intervals.enumerated() {
      let ink = canvas.inks.ink(name, color, at: index) ?? .muted
      drawPublished(interval, on: &canvas)
      for sample in interval.samples {
        guard let pixel = canvas.place(point(interval, sample)) else { continue }
        canvas.scene.add(
          .dot, at: pixel, radius: 1.8, ink: ink, opacity: 0.4, title: "sample " + NumberFormat.short(sample))
      }
      drawRange(interval, ink: ink, on: &canvas)
      if let estimate = interval.estimate, let pixel = canvas.place(point(interval, estimate)) {
        canvas.draw(.dot, at: pixel, radius: 3.8, ink: ink, opacity: 1, title: title(interval))
      }
      if let control = interval.control, let pixel = canvas.place(point(interval, control)) {
        canvas.draw(
          .diamond, at: pixel, radius: 3.4, ink: .control, opacity: 1, title: "control " + NumberFormat.short(control))
      }
    }
  }

  private func point(_ interval: Interval, _ value: Double) -> Point {
    orientation == .vertical ? Point(interval.position, value) : Point(value, interval.position)
  }

  /// The pixel rectangle from one value to another across the breadth of the row, cut off at the frame.
  private func rect(_ interval: Interval, _ low: Double, _ high: Double, _ canvas: PanelCanvas) -> Rect? {
    let (start, end) = (interval.position - breadth / 2, interval.position + breadth / 2)
    let horizontal = orientation == .vertical ? canvas.horizontalSpan(start, end) : canvas.horizontalSpan(low, high)
    let vertical = orientation == .vertical ? canvas.verticalSpan(low, high) : canvas.verticalSpan(start, end)
    guard let horizontal, let vertical else { return nil }
    return Rect(Point(horizontal.0, vertical.0), Point(horizontal.1, vertical.1))
  }

  private func drawPublished(_ interval: Interval, on canvas: inout PanelCanvas) {
    guard let published = interval.published else { return }
    guard canvas.place(point(interval, published)) != nil, let line = rect(interval, published, published, canvas)
    else { return }
    let margin = interval.margin ?? 0
    let title = "published " + NumberFormat.short(published) + (margin > 0 ? " ± " + NumberFormat.short(margin) : "")
    if margin > 0, let band = rect(interval, published - margin, published + margin, canvas) {
      canvas.scene.add(.rectangle(band), .fill(.published, opacity: 0.16), title: title)
    }
    let ends = [Point(line.x, line.y), Point(line.maxX, line.maxY)]
    canvas.scene.add(.line(ends), .stroke(.published, width: 1.6), title: title)
  }

  private func drawRange(_ interval: Interval, ink: Ink, on canvas: inout PanelCanvas) {
    guard let range = interval.range else { return }
    guard let box = rect(interval, range.lowerBound, range.upperBound, canvas) else {
      canvas.tally.outside += 1
      return
    }
    let cap = 3.5
    let lines =
      orientation == .vertical
      ? [
        [Point(box.midX, box.y), Point(box.midX, box.maxY)],
        [Point(box.midX - cap, box.y), Point(box.midX + cap, box.y)],
        [Point(box.midX - cap, box.maxY), Point(box.midX + cap, box.maxY)],
      ]
      : [
        [Point(box.x, box.midY), Point(box.maxX, box.midY)],
        [Point(box.x, box.midY - cap), Point(box.x, box.midY + cap)],
        [Point(box.maxX, box.midY - cap), Point(box.maxX, box.midY + cap)],
      ]
    for line in lines { canvas.scene.add(.line(line), .stroke(ink, width: 1.5), title: title(interval)) }
  }

  private func title(_ interval: Interval) -> String { interval.title ?? interval.numbers }
}
