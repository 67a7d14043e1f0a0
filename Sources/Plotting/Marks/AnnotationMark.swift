extension Mark {
  /// A text near a point, moved to the nearest free place if it would cover another text.
  public static func annotation(_ text: String, at point: Point, color: Ink = .foreground) -> Mark {
    Mark(AnnotationMark(text: text, point: point, ink: color))
  }

  /// A set of neighbouring rows or columns, such as one group of features.
  public struct Group: Sendable, Hashable {
    /// The first and last value of the set along its axis, edges included.
    public var range: ClosedRange<Double>
    /// The name written at the bracket.
    public var label: String

    /// Makes a set over `range` called `label`.
    public init(_ range: ClosedRange<Double>, _ label: String) {
      self.range = range
      self.label = label
    }
  }

  /// Brackets to the right of the frame, over ranges of y.
  public static func rowBrackets(_ groups: [Group]) -> Mark {
    Mark(BracketMark(groups: groups, side: .right))
  }

  /// Brackets above the frame, over ranges of x.
  public static func columnBrackets(_ groups: [Group]) -> Mark {
    Mark(BracketMark(groups: groups, side: .top))
  }
}

struct AnnotationMark: MarkContent {
  let text: String
  let point: Point
  let ink: Ink

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    (Extent([point.x], isLog: logX), Extent([point.y], isLog: logY))
  }

  var rows: [DataRow] { [DataRow(mark: "annotation", x: point.x, y: point.y, label: text)] }

  func draw(on canvas: inout PanelCanvas) {
    guard let pixel = canvas.place(point), !text.isEmpty else { return }
    canvas.labels.append(PointLabel(text: text, anchor: pixel, clearance: 3, priority: .annotation, ink: ink))
  }
}

struct BracketMark: MarkContent {
  let groups: [Mark.Group]
  let side: EdgeLabel.Side

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let ends = groups.flatMap { [$0.range.lowerBound, $0.range.upperBound] }
    return side == .top
      ? (Extent(ends, isLog: logX, isTight: true), nil) : (nil, Extent(ends, isLog: logY, isTight: true))
  }

  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel] {
    groups.map { EdgeLabel(side: side, range: $0.range, text: $0.label, ink: .muted) }
  }

  var rows: [DataRow] {
    groups.map {
      DataRow(
        mark: "bracket", series: side == .top ? "x" : "y", low: $0.range.lowerBound, high: $0.range.upperBound,
        label: $0.label)
    }
  }

  /// Brackets stand outside the frame, where the layout draws them with the other edge labels.
  func draw(on canvas: inout PanelCanvas) {}
}
