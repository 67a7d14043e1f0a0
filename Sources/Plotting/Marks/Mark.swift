/// One layer of a panel: data with a way of drawing them.
///
/// Make marks with the factories, such as ``line(_:_:low:high:color:style:markers:directLabel:)`` and
/// ``heatMap(_:colors:xs:ys:cellText:titles:)``; a panel draws its marks in order, the last on top.
/// Data that are not finite, or that have no place on a logarithmic axis, are gaps: nothing is drawn for them, the
/// figure's description counts them, and the CSV lists them.
public struct Mark: Sendable {
  let content: any MarkContent

  init(_ content: any MarkContent) {
    self.content = content
  }
}

/// What every kind of mark can say about itself and draw.
protocol MarkContent: Sendable {
  /// The names that take a series colour when none is chosen, in order.
  var automaticNames: [String] { get }
  /// The entries of the legend.
  func legend(_ inks: SeriesInks) -> [LegendEntry]
  /// The colour scale to explain, if colours stand for values.
  var colorScale: ColorScale? { get }
  /// The ranges that the axes must hold to show the data.
  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?)
  /// The texts outside the frame that point at a value on an axis.
  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel]
  /// Exactly what is drawn, as rows of the data file.
  var rows: [DataRow] { get }
  /// Draws the data.
  func draw(on canvas: inout PanelCanvas)
}

extension MarkContent {
  var automaticNames: [String] { [] }
  var colorScale: ColorScale? { nil }
  func legend(_ inks: SeriesInks) -> [LegendEntry] { [] }
  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel] { [] }
}

/// Which way the values of bars and intervals run.
public enum Orientation: Sendable, Hashable {
  /// Values run along the y axis.
  case vertical
  /// Values run along the x axis.
  case horizontal
}

/// The shape of a point.
public enum Symbol: Sendable, Hashable {
  /// A filled disc.
  case dot
  /// An open circle.
  case ring
  /// An open diamond: by convention of this module, a negative control.
  case diamond
  /// A filled square.
  case square
}

/// How a line is dashed.
public enum LineStyle: Sendable, Hashable {
  /// Unbroken.
  case solid
  /// Long dashes.
  case dashed
  /// Dots.
  case dotted
  /// Unbroken and faint, for single runs behind their mean.
  case thin

  func style(_ ink: Ink) -> Scene.Style {
    switch self {
    case .solid: .stroke(ink, width: 1.75)
    case .dashed: .stroke(ink, width: 1.75, dash: [6, 4])
    case .dotted: .stroke(ink, width: 1.75, dash: [1.5, 3])
    case .thin: .stroke(ink, width: 0.9, opacity: 0.6)
    }
  }
}

/// The series colour of each name, the same in every panel of a figure.
struct SeriesInks {
  private var indices: [String: Int] = [:]

  init(names: [String]) {
    for name in names where indices[name] == nil { indices[name] = indices.count }
  }

  /// The ink of `coloring` for the whole series `name`.
  func ink(_ name: String?, _ coloring: Coloring) -> Ink {
    if case .ink(let ink) = coloring { return ink }
    return .series(name.flatMap { indices[$0] } ?? 0)
  }

  /// The ink of datum `index` of series `name`; nil when its colour value has none.
  func ink(_ name: String?, _ coloring: Coloring, at index: Int) -> Ink? {
    switch coloring {
    case .automatic, .ink: ink(name, coloring)
    case .each(let inks): inks.indices.contains(index) ? inks[index] : .muted
    case .values(let values, let scale): values.indices.contains(index) ? scale.ink(for: values[index]) : nil
    }
  }
}

/// One line of the legend.
struct LegendEntry: Hashable {
  enum Glyph: Hashable {
    case line(LineStyle)
    case lineWithBand(LineStyle)
    case swatch
    case symbol(Symbol)
    case published
    case interval
  }

  var name: String
  var glyph: Glyph
  var ink: Ink
}

/// A text outside the frame that points at a value, or brackets a range, of an axis.
struct EdgeLabel {
  enum Side { case top, right }

  var side: Side
  /// The value, or the range that a bracket spans.
  var range: ClosedRange<Double>
  var text: String
  var ink: Ink

  /// Whether the leader shows which series the text belongs to.
  var hasColoredLeader: Bool {
    switch ink {
    case .series, .fixed: true
    default: false
    }
  }

  /// The colour of the text: that of ordinary text where the series' own would be too faint for small letters.
  var textInk: Ink {
    switch ink {
    case .series, .fixed: .foreground
    case .grid, .axis, .surface: .muted
    default: ink
    }
  }

  /// How the line from the frame to the text is drawn.
  var leader: Scene.Style { hasColoredLeader ? .stroke(ink, width: 1.5) : .stroke(.axis, width: 0.75) }

  var isBracket: Bool { range.lowerBound < range.upperBound }
  var middle: Double { range.lowerBound / 2 + range.upperBound / 2 }
}
