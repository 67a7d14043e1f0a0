/// A figure: panels in a grid under a title, drawn as SVG, with its data as CSV.
///
/// ```swift
/// let figure = Figure(
///   title: "Five features in two dimensions",
///   subtitle: "best of 20 models, 5 seeds",
///   panels: sparsities.map { sparsity in
///     .geometry(title: "1−S = \(sparsity.density)", reach: 1.5, marks: [.vectors(sparsity.columns)])
///   },
///   columns: 5)
/// try figure.svg.write(to: url, atomically: true, encoding: .utf8)
/// ```
///
/// The size follows from the panels and their labels. The same figure gives the same bytes on every run: coordinates have
/// two decimals and nothing depends on hashing, the clock or the locale.
public struct Figure: Sendable {
  /// Which panels show the same range on an axis.
  public enum Sharing: Sendable, Hashable {
    /// Each panel has its own range.
    case separate
    /// Panels of one column share x, or panels of one row share y; only the outermost of them has labels.
    case aligned
    /// All panels share the range; only the outermost of each column or row has labels.
    case all
  }

  /// The heading.
  public var title: String
  /// What the figure rests on, such as the number of seeds, under the heading.
  public var subtitle: String
  /// What the figure shows, under the panels.
  public var caption: String
  /// Small print under the caption, such as a claim's id and verdict.
  public var footer: String
  /// The panels by row, from the top; neighbouring rows of equal length are aligned in columns.
  public var rows: [[Panel]]
  /// How panels share their x axes.
  public var sharedX: Sharing
  /// How panels share their y axes.
  public var sharedY: Sharing
  /// A heading for each column; empty for none.
  public var columnLabels: [String]
  /// A heading for each row, at the left; empty for none.
  public var rowLabels: [String]
  /// Which background the figure is drawn for.
  public var theme: Theme

  /// Makes a figure of rows of panels.
  public init(
    title: String, subtitle: String = "", caption: String = "", footer: String = "", rows: [[Panel]],
    sharedX: Sharing = .separate, sharedY: Sharing = .separate, columnLabels: [String] = [], rowLabels: [String] = [],
    theme: Theme = .automatic
  ) {
    self.title = title
    self.subtitle = subtitle
    self.caption = caption
    self.footer = footer
    self.rows = rows
    self.sharedX = sharedX
    self.sharedY = sharedY
    self.columnLabels = columnLabels
    self.rowLabels = rowLabels
    self.theme = theme
  }

  /// Makes a figure of panels that fill rows of `columns` from the left.
  public init(
    title: String, subtitle: String = "", caption: String = "", footer: String = "", panels: [Panel], columns: Int = 1,
    sharedX: Sharing = .separate, sharedY: Sharing = .separate, columnLabels: [String] = [], rowLabels: [String] = [],
    theme: Theme = .automatic
  ) {
    precondition(columns > 0, "A figure needs at least one column, not \(columns).")
    let rows = stride(from: 0, to: panels.count, by: columns).map { start in
      Array(panels[start..<min(start + columns, panels.count)])
    }
    self.init(
      title: title, subtitle: subtitle, caption: caption, footer: footer, rows: rows, sharedX: sharedX,
      sharedY: sharedY, columnLabels: columnLabels, rowLabels: rowLabels, theme: theme)
  }

  /// The figure as an SVG document.
  public var svg: String {
    let layout = FigureLayout(self)
    let drawing = FigureDrawing(self, layout)
    let description = ([subtitle, caption, footer].filter { !$0.isEmpty } + drawing.tally.sentences)
      .joined(separator: " ")
    return SVGWriter.document(
      drawing.scene, size: layout.size, theme: theme, title: title, description: description)
  }

  /// The data drawn, one row per datum in full precision, as CSV with a header line.
  ///
  /// Columns: the panel's number in reading order and its title, the kind of mark, the series, x and y, low and high
  /// (of a band, an interval, a bin), value (what the colour shows), and a label.
  public var csv: String {
    DataTable.csv(rows.joined().map { panel in (panel.title, panel.marks.flatMap { $0.content.rows }) })
  }

  /// The size of the drawing in pixels.
  public var size: Size { FigureLayout(self).size }

  /// What is wrong with the layout: a sentence for each text that touches another or leaves the canvas; empty if all is
  /// well.
  public func layoutIssues() -> [String] {
    let layout = FigureLayout(self)
    return LayoutAudit.issues(FigureDrawing(self, layout).scene, size: layout.size)
  }

  /// What could not be drawn as given: a sentence each for gaps, data outside the axes, clamped colours, dropped labels.
  public var notes: [String] { FigureDrawing(self, FigureLayout(self)).tally.sentences }
}
