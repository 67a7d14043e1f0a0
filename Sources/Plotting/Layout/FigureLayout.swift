/// Where everything in a figure goes: the header, the plots in their grid, the caption, and the size that follows.
struct FigureLayout {
  static let margin = 16.0
  static let columnGap = 20.0
  static let rowGap = 16.0
  static let titleSize = 15.0
  static let subtitleSize = 11.5
  static let captionSize = 11.0
  static let footerSize = 9.5
  static let headingSize = 11.5
  /// Narrower figures would break their captions into ribbons.
  static let leastWidth = 340.0

  /// A panel and the upper left corner of its plot.
  struct PlacedPanel {
    var plan: PanelPlan
    var origin: Point
  }

  /// A block of text, its lines, and where its first baseline starts.
  struct TextBlock {
    var lines: [String]
    var size: Double
    var origin: Point
    var ink: Ink
    var isBold = false
    var anchor = Scene.Text.Anchor.start
    var isVertical = false
  }

  private(set) var size = Size(0, 0)
  private(set) var panels: [PlacedPanel] = []
  private(set) var blocks: [TextBlock] = []
  let legend: LegendLayout
  private(set) var legendOrigin = Point(0.0, 0.0)
  let inks: SeriesInks

  init(_ figure: Figure) {
    inks = SeriesInks(names: figure.rows.joined().flatMap { $0.marks.flatMap { $0.content.automaticNames } })
    let scales = FigureScales(figure.rows)
    let plans = Self.plans(figure, scales: scales, inks: inks)
    let rowLabels = zip(figure.rowLabels, plans).map { label, row in
      let height = row.map(\.plot.height).max() ?? 0
      return TextWrapping.lines(label, width: height, size: Self.headingSize, bold: true)
    }
    let mostLines = Double(rowLabels.map(\.count).max() ?? 0)
    var grid = GridLayout(
      plans, columnLabels: figure.columnLabels,
      rowLabelWidth: mostLines == 0 ? 0 : mostLines * Self.headingSize * TextMetrics.lineHeight + 8)
    let titleWord = min(TextMetrics.longestWord(figure.title, size: Self.titleSize, bold: true), 400)
    let inner = max(grid.size.width, Self.leastWidth, titleWord)
    legend = LegendLayout(entries: Self.entries(figure, inks), scales: scales.shared, width: inner)

    var y = Self.margin
    let titleLines = TextWrapping.lines(figure.title, width: inner, size: Self.titleSize, bold: true)
    y = addBlock(titleLines, size: Self.titleSize, at: y, ink: .foreground, isBold: true)
    let subtitleLines = TextWrapping.lines(figure.subtitle, width: inner, size: Self.subtitleSize)
    y = addBlock(subtitleLines, size: Self.subtitleSize, at: y, ink: .muted)
    if legend.height > 0 {
      legendOrigin = Point(Self.margin, y + 6)
      y += legend.height + 6
    }
    y += 10
    grid.offset(by: Point(Self.margin, y))
    panels = grid.panels
    blocks += grid.columnHeadings
    addRowLabels(rowLabels, grid)
    y += grid.size.height + (figure.caption.isEmpty && figure.footer.isEmpty ? 2 : 12)
    let captionLines = TextWrapping.lines(figure.caption, width: inner, size: Self.captionSize)
    y = addBlock(captionLines, size: Self.captionSize, at: y, ink: .muted)
    if !figure.footer.isEmpty {
      let lines = TextWrapping.lines(figure.footer, width: inner, size: Self.footerSize)
      y = addBlock(lines, size: Self.footerSize, at: y + 3, ink: .muted)
    }
    size = Size((inner + 2 * Self.margin).rounded(.up), (y + Self.margin - 4).rounded(.up))
  }

  /// Adds lines under each other and returns where the next thing may start.
  private mutating func addBlock(
    _ lines: [String], size: Double, at top: Double, ink: Ink, isBold: Bool = false
  ) -> Double {
    guard !lines.isEmpty else { return top }
    blocks.append(
      TextBlock(
        lines: lines, size: size, origin: Point(Self.margin, top + size * 0.95), ink: ink, isBold: isBold))
    return top + Double(lines.count) * size * TextMetrics.lineHeight + 2
  }

  private mutating func addRowLabels(_ labels: [[String]], _ grid: GridLayout) {
    for (lines, span) in zip(labels, grid.rowSpans) {
      let x = Self.margin + Self.headingSize * 0.95
      blocks.append(
        TextBlock(
          lines: lines, size: Self.headingSize, origin: Point(x, span.top + span.height / 2), ink: .foreground,
          isBold: true, anchor: .middle, isVertical: true))
    }
  }

  private static func entries(_ figure: Figure, _ inks: SeriesInks) -> [LegendEntry] {
    var entries: [LegendEntry] = []
    for entry in figure.rows.joined().flatMap({ $0.marks.flatMap { $0.content.legend(inks) } })
    where !entries.contains(where: { $0.name == entry.name && $0.ink == entry.ink }) {
      entries.append(entry)
    }
    return entries
  }

  private static func plans(_ figure: Figure, scales: FigureScales, inks: SeriesInks) -> [[PanelPlan]] {
    let xDomains = SharedDomains(figure.rows, sharing: figure.sharedX, isX: true)
    let yDomains = SharedDomains(figure.rows, sharing: figure.sharedY, isX: false)
    let blocks = GridLayout.blocks(figure.rows.map(\.count))
    func shows(_ row: Int, _ column: Int) -> (x: Bool, y: Bool) {
      let rows = figure.rows
      let isLowest = row == rows.count - 1 || blocks[row + 1] != blocks[row] || rows[row + 1].count <= column
      return (figure.sharedX == .separate || isLowest, figure.sharedY == .separate || column == 0)
    }
    var plots = figure.rows.enumerated().map { row, panels in
      panels.enumerated().map { column, panel in
        let shown = shows(row, column)
        return PanelPlan.leastPlot(
          panel, showsX: shown.x, showsY: shown.y, colorScales: scales.own(panel), inks: inks)
      }
    }
    alignSizes(&plots, blocks: blocks, figure)
    return figure.rows.enumerated().map { row, panels in
      panels.enumerated().map { column, panel in
        let shown = shows(row, column)
        return PanelPlan(
          panel, plot: plots[row][column], xDomain: xDomains.domains[row][column],
          yDomain: yDomains.domains[row][column], showsX: shown.x, showsY: shown.y, colorScales: scales.own(panel),
          inks: inks)
      }
    }
  }

  /// Makes plots that share an axis equally long along it, and rows high enough for the words of their labels.
  private static func alignSizes(_ plots: inout [[Size]], blocks: [Int], _ figure: Figure) {
    let words = figure.rowLabels.map { TextMetrics.longestWord($0, size: headingSize, bold: true) }
    let least = min(words.max() ?? 0, PanelPlan.longestWord)
    for row in plots.indices {
      let tallest = plots[row].map(\.height).max() ?? 0
      for column in plots[row].indices {
        if figure.sharedY != .separate { plots[row][column].height = tallest }
        plots[row][column].height = max(plots[row][column].height, least)
        guard figure.sharedX != .separate else { continue }
        let peers = plots.indices.filter { blocks[$0] == blocks[row] && plots[$0].indices.contains(column) }
        plots[row][column].width = peers.map { plots[$0][column].width }.max() ?? 0
      }
    }
  }
}
