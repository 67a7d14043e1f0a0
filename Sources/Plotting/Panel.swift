/// One plot of a figure: two axes and the marks between them.
public struct Panel: Sendable {
  /// How lengths on the two axes relate.
  public enum Aspect: Sendable, Hashable {
    /// Each axis fills its side of the plot.
    case free
    /// A unit is as long on x as on y; the range of one axis grows to fill the plot.
    case equal
  }

  /// The text above the plot; wrapped, and broken at newlines.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// How lengths on the two axes relate.
  public var aspect: Aspect
  /// The size of the plot without its labels; it grows if they need more room.
  public var size: Size
  /// The layers, drawn in order.
  public var marks: [Mark]

  /// Makes a panel of the given marks.
  public init(
    title: String = "", x: Axis = .linear(), y: Axis = .linear(), aspect: Aspect = .free,
    size: Size = Size(260, 180), marks: [Mark]
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.aspect = aspect
    self.size = size
    self.marks = marks
  }

  /// A panel of vectors from the origin in a square without ticks: weight columns in two dimensions.
  ///
  /// - Parameters:
  ///   - title: The text above the plot.
  ///   - reach: The largest coordinate shown on each side of the origin; nil to fit the data.
  ///   - side: The side of the square in pixels.
  ///   - marks: The layers, usually of `.vectors`, `.graph` or `.wireframe`.
  public static func geometry(title: String = "", reach: Double? = nil, side: Double = 120, marks: [Mark]) -> Panel {
    let domain = reach.map { -$0...$0 }
    return Panel(
      title: title, x: .hidden(domain), y: .hidden(domain), aspect: .equal, size: Size(side, side), marks: marks)
  }

  /// A panel that shows a matrix as it is written: row 0 at the top, square cells.
  ///
  /// - Parameters:
  ///   - title: The text above the plot.
  ///   - values: The matrix: `values[row][column]`.
  ///   - colors: The colour scale.
  ///   - rowLabel: The label of the vertical axis.
  ///   - columnLabel: The label of the horizontal axis.
  ///   - rowNames: A name for each row; nil for its index.
  ///   - columnNames: A name for each column; nil for its index.
  ///   - cell: The side of a cell in pixels; nil for one that suits the number of cells and their texts.
  ///   - cellText: What is written into the cells.
  ///   - titles: Hover texts: `titles[row][column]`.
  ///   - marks: Further layers, such as brackets.
  public static func matrix(
    title: String = "", _ values: [[Double]], colors: ColorScale, rowLabel: String = "", columnLabel: String = "",
    rowNames: [String]? = nil, columnNames: [String]? = nil, cell: Double? = nil, cellText: Mark.CellText = .none,
    titles: [[String]]? = nil, marks: [Mark] = []
  ) -> Panel {
    let (rows, columns) = (max(values.count, 1), max(values.first?.count ?? 0, 1))
    var side = cell ?? min(max(200 / Double(max(rows, columns)), 6), 32)
    if cell == nil {
      // Room for the widest text, at the size that heat maps try first.
      let texts: [String] =
        switch cellText {
        case .none: []
        case .decimals(let count): values.joined().map { NumberFormat.fixed($0, decimals: count) }
        case .texts(let texts): Array(texts.joined())
        }
      let widest = texts.map { TextMetrics.width($0, size: HeatMapMark.textSizes[0]) }.max() ?? 0
      side = max(side, widest > 0 ? widest + 5 : 0)
    }
    func axis(_ names: [String]?, _ label: String, _ count: Int, reversed: Bool) -> Axis {
      if let names { return .categories(names, label: label, reversed: reversed) }
      return .categories((0..<count).map(String.init), label: label, reversed: reversed)
    }
    return Panel(
      title: title, x: axis(columnNames, columnLabel, columns, reversed: false),
      y: axis(rowNames, rowLabel, rows, reversed: true), size: Size(side * Double(columns), side * Double(rows)),
      marks: [.heatMap(values, colors: colors, cellText: cellText, titles: titles)] + marks)
  }
}
