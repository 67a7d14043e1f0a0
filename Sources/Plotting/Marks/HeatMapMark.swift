extension Mark {
  /// What is written into the cells of a heat map.
  public enum CellText: Sendable, Hashable {
    /// Nothing.
    case none
    /// The value with this many decimals.
    case decimals(Int)
    /// A text for each cell: `texts[row][column]`; empty for none.
    case texts([[String]])
  }

  /// A grid of coloured cells.
  ///
  /// Cells of values that are not finite are crossed out. Cell texts are drawn only if all fit.
  ///
  /// - Parameters:
  ///   - values: The values: `values[row][column]`; all rows have the same length.
  ///   - colors: The colour scale, explained by a colour bar or legend.
  ///   - xs: The centres of the columns; nil for 0, 1, 2, …
  ///   - ys: The centres of the rows; nil for 0, 1, 2, …, upward unless the axis is reversed.
  ///   - cellText: What is written into the cells.
  ///   - titles: Hover texts: `titles[row][column]`; nil for coordinates and value.
  public static func heatMap(
    _ values: [[Double]], colors: ColorScale, xs: [Double]? = nil, ys: [Double]? = nil, cellText: CellText = .none,
    titles: [[String]]? = nil
  ) -> Mark {
    let columns = values.first?.count ?? 0
    precondition(values.allSatisfy { $0.count == columns }, "The rows of a heat map must have the same length.")
    precondition((xs?.count ?? columns) == columns, "A heat map needs one x for each of its \(columns) columns.")
    precondition((ys?.count ?? values.count) == values.count, "A heat map needs one y for each of its rows.")
    precondition(
      titles == nil || titles?.map(\.count) == values.map(\.count), "A heat map needs one title for each cell.")
    return Mark(
      HeatMapMark(
        values: values, colors: colors, xs: xs ?? (0..<columns).map(Double.init),
        ys: ys ?? values.indices.map(Double.init), cellText: cellText, titles: titles))
  }
}

struct HeatMapMark: MarkContent {
  static let textSizes = [9.5, 8.5, 7.5]

  let values: [[Double]]
  let colors: ColorScale
  let xs: [Double]
  let ys: [Double]
  let cellText: Mark.CellText
  let titles: [[String]]?

  var colorScale: ColorScale? { colors }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    (
      Extent(Self.edges(xs, isLog: logX), isLog: logX, isTight: true),
      Extent(Self.edges(ys, isLog: logY), isLog: logY, isTight: true)
    )
  }

  /// The borders of cells around `centers`: halfway between neighbours, by ratio on a log axis.
  static func edges(_ centers: [Double], isLog: Bool) -> [Double] {
    guard let first = centers.first, let last = centers.last else { return [] }
    func between(_ a: Double, _ b: Double) -> Double { isLog ? (a * b).squareRoot() : a / 2 + b / 2 }
    func beyond(_ end: Double, _ edge: Double) -> Double { isLog ? end * end / edge : 2 * end - edge }
    guard centers.count > 1 else { return isLog ? [first / 2, first * 2] : [first - 0.5, first + 0.5] }
    let inner = zip(centers, centers.dropFirst()).map { between($0, $1) }
    return [beyond(first, inner[0])] + inner + [beyond(last, inner[inner.count - 1])]
  }

  var rows: [DataRow] {
    values.indices.flatMap { row in
      values[row].indices.map { column in
        DataRow(mark: "heat map", x: xs[column], y: ys[row], value: values[row][column], label: titles?[row][column])
      }
    }
  }

  func draw(on canvas: inout PanelCanvas) {
    let columns = Self.edges(xs, isLog: canvas.x.isLog)
    let rows = Self.edges(ys, isLog: canvas.y.isLog)
    var texts: [(text: String, cell: Rect, ink: Ink)] = []
    for row in values.indices {
      for column in values[row].indices {
        let value = values[row][column]
        guard let horizontal = canvas.horizontalSpan(columns[column], columns[column + 1]),
          let vertical = canvas.verticalSpan(rows[row], rows[row + 1])
        else {
          canvas.tally.outside += 1
          continue
        }
        let cell = Rect(Point(horizontal.0, vertical.0), Point(horizontal.1, vertical.1))
        let title = titles?[row][column] ?? describe(row, column, canvas)
        guard let ink = colors.ink(for: value) else {
          canvas.tally.omitted += 1
          cross(out: cell, on: &canvas, title: title)
          continue
        }
        // Cells reach under their neighbours to close the seams that antialiasing would leave.
        var filled = cell
        filled.width = min(cell.maxX + 0.6, canvas.frame.maxX) - cell.x
        filled.height = min(cell.maxY + 0.6, canvas.frame.maxY) - cell.y
        canvas.scene.add(.rectangle(filled), .fill(ink), title: title)
        if let text = text(row, column) { texts.append((text, cell, readableInk(on: ink))) }
      }
    }
    canvas.tally.clamped += colors.clampedCount(values.joined())
    write(texts, on: &canvas)
    canvas.scene.add(.rectangle(canvas.frame), .stroke(.axis, width: 0.75))
  }

  private func text(_ row: Int, _ column: Int) -> String? {
    switch cellText {
    case .none: nil
    case .decimals(let count): NumberFormat.fixed(values[row][column], decimals: count)
    case .texts(let texts):
      texts.indices.contains(row) && texts[row].indices.contains(column) && !texts[row][column].isEmpty
        ? texts[row][column] : nil
    }
  }

  private func write(_ texts: [(text: String, cell: Rect, ink: Ink)], on canvas: inout PanelCanvas) {
    let size = Self.textSizes.first { size in
      texts.allSatisfy { text, cell, _ in
        TextMetrics.width(text, size: size) + 2 <= cell.width && size * 1.05 <= cell.height
      }
    }
    guard let size else {
      canvas.tally.unlabelled += texts.count
      return
    }
    for (text, cell, ink) in texts {
      let origin = Point(cell.midX, cell.midY + size * 0.35)
      canvas.scene.add(Scene.Text(content: text, origin: origin, size: size, anchor: .middle, ink: ink))
    }
  }

  private func cross(out cell: Rect, on canvas: inout PanelCanvas, title: String) {
    canvas.scene.add(.rectangle(cell), .fill(.grid), title: title)
    for ends in [
      [Point(cell.x, cell.y), Point(cell.maxX, cell.maxY)], [Point(cell.x, cell.maxY), Point(cell.maxX, cell.y)],
    ] {
      canvas.scene.add(.line(ends), .stroke(.muted, width: 0.75))
    }
  }

  private func describe(_ row: Int, _ column: Int, _ canvas: PanelCanvas) -> String {
    let value = values[row][column]
    var shown = NumberFormat.short(value)
    if case .categories(let classes) = colors.kind, let index = Int(exactly: value), classes.indices.contains(index) {
      shown = classes[index].name
    }
    return canvas.describe(Point(xs[column], ys[row])) + ": " + shown
  }

  /// Black or white, whichever reads better on `ink`; the text colour where the fill follows the theme.
  private func readableInk(on ink: Ink) -> Ink {
    guard case .fixed(let color) = ink else { return .surface }
    let (black, white) = (RGB(0x111111), RGB(0xFFFFFF))
    return .fixed(color.contrast(with: black) >= color.contrast(with: white) ? black : white)
  }
}
