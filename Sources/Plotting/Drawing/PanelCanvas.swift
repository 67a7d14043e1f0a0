/// Where the marks of one panel draw: its scales, its frame, and a record of what could not be drawn.
struct PanelCanvas {
  /// Data that carry no hover text beyond this many per mark, to keep files small.
  static let hoverLimit = 3000

  let x: Scale
  let y: Scale
  /// The frame in the pixels of the whole figure.
  let frame: Rect
  let axes: (x: Axis, y: Axis)
  let inks: SeriesInks
  /// Whether cells of a heat map lie under what is drawn, so that lines need an edge to stand out.
  let isCovered: Bool
  var scene = Scene()
  /// Texts to be placed near points once all marks are drawn.
  var labels: [PointLabel] = []
  /// Small marks that labels should rather not cover.
  var obstacles: [Rect] = []
  var tally = Tally()

  /// The pixel of a datum; nil, and counted, if it has none or lies outside the axes.
  mutating func place(_ point: Point) -> Point? {
    guard let pixel = pixel(point) else { return nil }
    guard x.shows(point.x), y.shows(point.y) else {
      tally.outside += 1
      return nil
    }
    return pixel
  }

  /// The pixel of a datum, perhaps outside the frame; nil, and counted, if it has none.
  mutating func pixel(_ point: Point) -> Point? {
    guard let horizontal = x.position(point.x), let vertical = y.position(point.y) else {
      tally.omitted += 1
      return nil
    }
    return Point(frame.x + horizontal, frame.y + vertical)
  }

  /// The pixels between two values along the x axis, cut off at the frame; nil where nothing of it shows.
  func horizontalSpan(_ a: Double, _ b: Double) -> (Double, Double)? {
    span(x, a, b, from: frame.x, length: frame.width)
  }

  /// The pixels between two values along the y axis, cut off at the frame; nil where nothing of it shows.
  func verticalSpan(_ a: Double, _ b: Double) -> (Double, Double)? {
    span(y, a, b, from: frame.y, length: frame.height)
  }

  /// A value with the words of its axis: a category's name where there is one.
  func describe(_ point: Point, name: String? = nil) -> String {
    let values = [(axes.x, point.x), (axes.y, point.y)].map { axis, value in
      axis.category(at: value) ?? NumberFormat.short(value)
    }
    return (name.map { $0 + ": " } ?? "") + "(" + values.joined(separator: ", ") + ")"
  }

  /// Draws a symbol around a pixel.
  mutating func draw(_ symbol: Symbol, at center: Point, radius: Double, ink: Ink, opacity: Double, title: String?) {
    scene.add(symbol, at: center, radius: radius, ink: ink, opacity: opacity, title: title)
    if radius >= 2 {
      obstacles.append(
        Rect(x: center.x - radius, y: center.y - radius, width: 2 * radius, height: 2 * radius))
    }
  }

  /// Asks labels to keep clear of a line through pixels.
  mutating func avoid(_ line: [Point]) {
    for (a, b) in zip(line, line.dropFirst()) where obstacles.count < 2000 {
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let pieces = min(max(Int(max(abs(dx), abs(dy)) / 6), 1), 60)
      for piece in 0..<pieces {
        let fraction = (Double(piece) + 0.5) / Double(pieces)
        obstacles.append(Rect(x: a.x + dx * fraction - 1.5, y: a.y + dy * fraction - 1.5, width: 3, height: 3))
      }
    }
  }

  private func span(_ scale: Scale, _ a: Double, _ b: Double, from start: Double, length: Double) -> (Double, Double)? {
    // A bar on a log axis starts at zero, which has no place: it runs from the end of the axis.
    let floor = scale.isFlipped ? length : 0
    func pixel(_ value: Double) -> Double? {
      scale.position(value) ?? (value.isDrawable ? floor : nil)
    }
    guard let first = pixel(a), let second = pixel(b) else { return nil }
    let (low, high) = (max(min(first, second), 0), min(max(first, second), length))
    return low <= high ? (start + low, start + high) : nil
  }
}

/// What could not be shown as given, for the figure's description.
struct Tally: Equatable {
  /// Data without a place: not finite, or zero and below on a log axis.
  var omitted = 0
  /// Data outside the range of the axes.
  var outside = 0
  /// Data whose colour is that of the nearer end of the colour scale.
  var clamped = 0
  /// Labels for which there was no room.
  var unlabelled = 0

  static func += (a: inout Tally, b: Tally) {
    a.omitted += b.omitted
    a.outside += b.outside
    a.clamped += b.clamped
    a.unlabelled += b.unlabelled
  }

  /// A sentence for each count above zero.
  var sentences: [String] {
    func sentence(_ count: Int, _ one: String, _ many: String) -> String? {
      count == 0 ? nil : "\(count) \(count == 1 ? one : many)."
    }
    return [
      sentence(
        omitted, "datum has no place on the axes (not finite, or not above zero on a log axis) and is a gap",
        "data have no place on the axes (not finite, or not above zero on a log axis) and are gaps"),
      sentence(outside, "datum lies outside the axes", "data lie outside the axes"),
      sentence(
        clamped, "value lies beyond the colour scale and has the colour of its end",
        "values lie beyond the colour scale and have the colours of its ends"),
      sentence(
        unlabelled, "label found no room; its mark still says it when pointed at",
        "labels found no room; their marks still say them when pointed at"),
    ].compactMap(\.self)
  }
}

extension Scene {
  /// Adds a symbol around `center`.
  mutating func add(
    _ symbol: Symbol, at center: Point, radius: Double, ink: Ink, opacity: Double = 1, title: String? = nil
  ) {
    switch symbol {
    case .dot:
      add(.circle(center, radius: radius), .fill(ink, opacity: opacity), title: title)
    case .ring:
      let style = Style(fill: .surface, stroke: ink, strokeWidth: 1.5, opacity: opacity)
      add(.circle(center, radius: radius), style, title: title)
    case .diamond:
      let reach = radius * 1.3
      let corners = [(0, -reach), (reach, 0), (0, reach), (-reach, 0)].map { Point(center.x + $0.0, center.y + $0.1) }
      add(
        .polygon(corners), Style(fill: .surface, stroke: ink, strokeWidth: 1.5, opacity: opacity), title: title)
    case .square:
      let side = radius * 1.8
      let square = Rect(x: center.x - side / 2, y: center.y - side / 2, width: side, height: side)
      add(.rectangle(square), .fill(ink, opacity: opacity), title: title)
    }
  }
}
