/// A panel with everything decided but its place: its scales, its ticks, and the room its labels need.
struct PanelPlan {
  static let titleSize = 11.5
  static let axisTitleSize = 10.5
  /// Words longer than this break rather than widen the plot.
  static let longestWord = 150.0

  let panel: Panel
  let plot: Size
  let x: Scale
  let y: Scale
  let xLabels: AxisLabels
  let yLabels: AxisLabels
  let titleLines: [String]
  let xTitle: [String]
  let yTitle: [String]
  let right: EdgeLabelPlan
  let top: EdgeLabelPlan
  let colorBars: [ColorBar]

  /// Plans `panel` for the given ranges.
  ///
  /// - Parameters:
  ///   - panel: The panel.
  ///   - plot: The size of the plot, at least that of ``leastPlot(_:showsX:showsY:colorScales:inks:)``.
  ///   - xDomain: The range of x before the aspect is applied.
  ///   - yDomain: The range of y before the aspect is applied.
  ///   - showsX: Whether tick labels and title of the x axis are drawn.
  ///   - showsY: Whether tick labels and title of the y axis are drawn.
  ///   - colorScales: The colour scales to explain beside this panel.
  ///   - inks: The colours of the series.
  init(
    _ panel: Panel, plot: Size, xDomain: ClosedRange<Double>, yDomain: ClosedRange<Double>, showsX: Bool, showsY: Bool,
    colorScales: [ColorScale], inks: SeriesInks
  ) {
    self.panel = panel
    self.plot = plot
    let edgeLabels = panel.marks.flatMap { $0.content.edgeLabels(inks) }
    let domains = Self.aspect(panel.aspect, panel, xDomain, yDomain, plot)
    x = Scale(
      isLog: panel.x.kind == .log, low: domains.x.lowerBound, high: domains.x.upperBound, length: plot.width,
      isFlipped: panel.x.isReversed)
    y = Scale(
      isLog: panel.y.kind == .log, low: domains.y.lowerBound, high: domains.y.upperBound, length: plot.height,
      isFlipped: !panel.y.isReversed)
    xLabels = Self.labels(panel.x, x, isVertical: false, isShown: showsX)
    yLabels = Self.labels(panel.y, y, isVertical: true, isShown: showsY)
    titleLines = TextWrapping.lines(panel.title, width: plot.width, size: Self.titleSize, bold: true)
    xTitle = showsX ? TextWrapping.lines(panel.x.label, width: plot.width, size: Self.axisTitleSize) : []
    yTitle = showsY ? TextWrapping.lines(panel.y.label, width: plot.height, size: Self.axisTitleSize) : []
    right = EdgeLabelPlan.right(edgeLabels, scale: y)
    top = EdgeLabelPlan.top(edgeLabels, scale: x)
    let barLength = min(plot.height, 240)
    colorBars = colorScales.compactMap { ColorBar($0, isVertical: true, length: barLength) }
  }

  /// The room that labels take around the plot.
  var insets: Insets {
    var insets = Insets()
    let titleHeight = Double(titleLines.count) * Self.titleSize * TextMetrics.lineHeight
    let axisTitleHeight = Self.axisTitleSize * TextMetrics.lineHeight
    insets.top = max(top.topThickness, 6) + (titleLines.isEmpty ? 0 : titleHeight + 4)
    insets.left = yLabelOffset + (yTitle.isEmpty ? 0 : Double(yTitle.count) * axisTitleHeight + 4)
    insets.bottom = xLabelOffset + (xTitle.isEmpty ? 0 : Double(xTitle.count) * axisTitleHeight + 3)
    insets.right = right.rightThickness + colorBars.reduce(0) { $0 + $1.width }
    for item in xLabels.items {
      let half = xLabels.halfLength(item, isVertical: false)
      insets.left = max(insets.left, half - item.position)
      insets.right = max(insets.right, half - (plot.width - item.position))
    }
    for item in yLabels.items {
      let half = yLabels.halfLength(item, isVertical: true)
      insets.bottom = max(insets.bottom, half - (plot.height - item.position))
    }
    for item in top.items {
      insets.left = max(insets.left, item.width / 2 - item.position)
      insets.right = max(insets.right, item.width / 2 - (plot.width - item.position))
    }
    insets.bottom = max(insets.bottom, right.items.map { $0.position + $0.height / 2 - plot.height }.max() ?? 0)
    return insets
  }

  /// The distance from the plot to the far side of the y tick labels.
  var yLabelOffset: Double {
    let thickness = yLabels.thickness(isVertical: true)
    return panel.y.isHidden ? 0 : thickness == 0 ? 5 : thickness + 7
  }

  /// The distance from the plot to the lower side of the x tick labels.
  var xLabelOffset: Double {
    let thickness = xLabels.thickness(isVertical: false)
    return panel.x.isHidden ? 0 : thickness == 0 ? 5 : thickness + 6
  }

  /// The size asked for, grown until the longest word of every label fits along its side.
  static func leastPlot(
    _ panel: Panel, showsX: Bool, showsY: Bool, colorScales: [ColorScale], inks: SeriesInks
  ) -> Size {
    let edgeLabels = panel.marks.flatMap { $0.content.edgeLabels(inks) }
    let titleWord = TextMetrics.longestWord(panel.title, size: titleSize, bold: true)
    let xWord = showsX ? TextMetrics.longestWord(panel.x.label, size: axisTitleSize) : 0
    let yWord = showsY ? TextMetrics.longestWord(panel.y.label, size: axisTitleSize) : 0
    let barWord = colorScales.map { TextMetrics.longestWord($0.title, size: AxisLabels.textSize) }.max() ?? 0
    let width = max(panel.size.width, min(max(titleWord, xWord), longestWord), 24)
    let height = max(
      panel.size.height, min(max(yWord, barWord), longestWord), EdgeLabelPlan.heightNeeded(edgeLabels), 24)
    // A square stays a square.
    if panel.aspect == .equal && panel.size.width == panel.size.height {
      return Size(max(width, height), max(width, height))
    }
    return Size(width, height)
  }

  private static func labels(_ axis: Axis, _ scale: Scale, isVertical: Bool, isShown: Bool) -> AxisLabels {
    var labels = AxisLabels.fitted(axis, scale: scale, isVertical: isVertical)
    if !isShown {
      for index in labels.items.indices { labels.items[index].lines = [] }
    }
    return labels
  }

  /// The ranges after the aspect: for equal units, the range with more pixels per unit grows around its middle.
  private static func aspect(
    _ aspect: Panel.Aspect, _ panel: Panel, _ x: ClosedRange<Double>, _ y: ClosedRange<Double>, _ plot: Size
  ) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    guard aspect == .equal, panel.x.kind == .linear, panel.y.kind == .linear else { return (x, y) }
    let unit = min(
      plot.width / (x.upperBound - x.lowerBound), plot.height / (y.upperBound - y.lowerBound))
    guard unit > 0, unit.isFinite else { return (x, y) }
    func grown(_ range: ClosedRange<Double>, to span: Double) -> ClosedRange<Double> {
      let extra = max(span - (range.upperBound - range.lowerBound), 0) / 2
      return (range.lowerBound - extra)...(range.upperBound + extra)
    }
    return (grown(x, to: plot.width / unit), grown(y, to: plot.height / unit))
  }
}
