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
    let rowLabelWidth = figure.rowLabels.isEmpty ? 0 : Self.headingSize * TextMetrics.lineHeight * 2 + 8
    var grid = GridLayout(plans, columnLabels: figure.columnLabels, rowLabelWidth: rowLabelWidth)
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
    addRowLabels(figure.rowLabels, grid)
    y += grid.size.height + 12
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

  private mutating func addRowLabels(_ labels: [String], _ grid: GridLayout) {
    for (label, span) in zip(labels, grid.rowSpans) {
      let lines = TextWrapping.lines(label, width: span.height, size: Self.headingSize, bold: true)
      // Two lines have room; a third would run into the plots.
      let shown = Array(lines.prefix(2))
      let x = Self.margin + Self.headingSize * 0.95
      blocks.append(
        TextBlock(
          lines: shown, size: Self.headingSize, origin: Point(x, span.top + span.height / 2), ink: .foreground,
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
    return figure.rows.enumerated().map { row, panels in
      panels.enumerated().map { column, panel in
        let isLowest =
          row == figure.rows.count - 1 || blocks[row + 1] != blocks[row] || figure.rows[row + 1].count <= column
        return PanelPlan(
          panel, xDomain: xDomains.domains[row][column], yDomain: yDomains.domains[row][column],
          showsX: figure.sharedX == .separate || isLowest, showsY: figure.sharedY == .separate || column == 0,
          colorScales: scales.own(panel), inks: inks)
      }
    }
  }
}

/// Which colour scales a figure explains once, in its legend, and which beside their only panel.
struct FigureScales {
  private(set) var shared: [ColorScale] = []

  init(_ rows: [[Panel]]) {
    var seen: [ColorScale] = []
    for panel in rows.joined() {
      for scale in Self.scales(panel) {
        let isRepeated = seen.contains(scale)
        seen.append(scale)
        if case .categories = scale.kind {
          if !isRepeated { shared.append(scale) }
        } else if isRepeated && !shared.contains(scale) {
          shared.append(scale)
        }
      }
    }
  }

  /// The continuous scales that only `panel` uses.
  func own(_ panel: Panel) -> [ColorScale] {
    Self.scales(panel).filter { !shared.contains($0) }
  }

  private static func scales(_ panel: Panel) -> [ColorScale] {
    var scales: [ColorScale] = []
    for scale in panel.marks.compactMap({ $0.content.colorScale }) where !scales.contains(scale) {
      scales.append(scale)
    }
    return scales
  }
}

/// The range that each panel of a figure shows on one axis.
struct SharedDomains {
  let domains: [[ClosedRange<Double>]]

  init(_ rows: [[Panel]], sharing: Figure.Sharing, isX: Bool) {
    func axis(_ panel: Panel) -> Axis { isX ? panel.x : panel.y }
    let blocks = GridLayout.blocks(rows.map(\.count))
    func group(_ row: Int, _ column: Int) -> [Int] {
      switch sharing {
      case .separate: [row, column]
      case .aligned: isX ? [blocks[row], column] : [row]
      case .all: []
      }
    }
    var members: [[Int]: [Panel]] = [:]
    for (row, panels) in rows.enumerated() {
      for (column, panel) in panels.enumerated() { members[group(row, column), default: []].append(panel) }
    }
    domains = rows.enumerated().map { row, panels in
      panels.enumerated().map { column, panel in
        let peers = members[group(row, column)] ?? [panel]
        let given = peers.compactMap { axis($0).domain }
        var resolved = axis(panel)
        if let low = given.map(\.lowerBound).min(), let high = given.map(\.upperBound).max() {
          resolved.domain = low...high
        }
        let extents = peers.flatMap { peer in
          peer.marks.compactMap { mark -> Extent? in
            let both = mark.content.extents(logX: peer.x.kind == .log, logY: peer.y.kind == .log)
            return isX ? both.x : both.y
          }
        }
        let extent = extents.dropFirst().reduce(extents.first) { $0?.union($1) }
        return Domain.resolve(resolved, extent: extent)
      }
    }
  }
}
