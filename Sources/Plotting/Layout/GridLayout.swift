/// The plots of a figure in their grid: neighbouring rows of equal length form a block with aligned columns.
struct GridLayout {
  private(set) var panels: [FigureLayout.PlacedPanel] = []
  private(set) var columnHeadings: [FigureLayout.TextBlock] = []
  /// The top and height of the plots of each row.
  private(set) var rowSpans: [(top: Double, height: Double)] = []
  private(set) var size = Size(0, 0)

  /// Places plans with the upper left corner of the grid at the origin.
  init(_ rows: [[PanelPlan]], columnLabels: [String], rowLabelWidth: Double) {
    var y = 0.0
    let blocks = Self.blocks(rows.map(\.count))
    for index in 0..<((blocks.last ?? -1) + 1) {
      let block = zip(blocks, rows).filter { $0.0 == index }.map(\.1)
      let count = block.map(\.count).max() ?? 0
      var insets = Array(repeating: Insets(), count: count)
      var widths = Array(repeating: 0.0, count: count)
      for row in block {
        for (column, plan) in row.enumerated() {
          insets[column].formUnion(plan.insets)
          widths[column] = max(widths[column], plan.plot.width)
        }
      }
      if index == 0 {
        // A heading's longest word is never broken: the column makes room for it.
        for (column, label) in columnLabels.enumerated() where column < count {
          let word = TextMetrics.longestWord(label, size: FigureLayout.headingSize, bold: true)
          let excess = max(min(word, PanelPlan.longestWord) - widths[column], 0) / 2
          insets[column].left = max(insets[column].left, excess)
          insets[column].right = max(insets[column].right, excess)
        }
      }
      var starts: [Double] = []
      var x = rowLabelWidth
      for column in 0..<count {
        starts.append(x + insets[column].left)
        x += insets[column].left + widths[column] + insets[column].right + FigureLayout.columnGap
      }
      if index == 0 { y = placeHeadings(columnLabels, starts: starts, widths: widths) }
      for row in block { y = place(row, starts: starts, top: y) }
      size.width = max(size.width, x - FigureLayout.columnGap)
    }
    size.height = max(y - FigureLayout.rowGap, 0)
  }

  /// Moves everything by `delta`.
  mutating func offset(by delta: Point) {
    for index in panels.indices {
      panels[index].origin.x += delta.x
      panels[index].origin.y += delta.y
    }
    for index in columnHeadings.indices {
      columnHeadings[index].origin.x += delta.x
      columnHeadings[index].origin.y += delta.y
    }
    for index in rowSpans.indices { rowSpans[index].top += delta.y }
  }

  private mutating func place(_ row: [PanelPlan], starts: [Double], top: Double) -> Double {
    var insets = Insets()
    for plan in row { insets.formUnion(plan.insets) }
    let plotTop = top + insets.top
    let height = row.map(\.plot.height).max() ?? 0
    for (column, plan) in row.enumerated() {
      panels.append(FigureLayout.PlacedPanel(plan: plan, origin: Point(starts[column], plotTop)))
    }
    rowSpans.append((plotTop, height))
    return plotTop + height + insets.bottom + FigureLayout.rowGap
  }

  /// Places a heading over each column and returns where the first row may start.
  private mutating func placeHeadings(_ labels: [String], starts: [Double], widths: [Double]) -> Double {
    let lineHeight = FigureLayout.headingSize * TextMetrics.lineHeight
    var most = 0
    for (column, label) in labels.enumerated() where column < starts.count {
      let word = TextMetrics.longestWord(label, size: FigureLayout.headingSize, bold: true)
      let width = max(widths[column], min(word, PanelPlan.longestWord))
      let lines = TextWrapping.lines(label, width: width, size: FigureLayout.headingSize, bold: true)
      most = max(most, lines.count)
      columnHeadings.append(
        FigureLayout.TextBlock(
          lines: lines, size: FigureLayout.headingSize,
          origin: Point(starts[column] + widths[column] / 2, FigureLayout.headingSize * 0.95), ink: .foreground,
          isBold: true, anchor: .middle))
    }
    return most == 0 ? 0 : Double(most) * lineHeight + 2
  }

  /// The block that each row belongs to, given how many panels it has.
  ///
  /// Neighbouring rows of equal length form a block; a shorter last row of several panels stays with the rows before it.
  static func blocks(_ counts: [Int]) -> [Int] {
    var blocks: [Int] = []
    for (row, count) in counts.enumerated() {
      guard let block = blocks.last else {
        blocks.append(0)
        continue
      }
      let isShortLast = row == counts.count - 1 && count > 1 && count < counts[row - 1]
      blocks.append(count == counts[row - 1] || isShortLast ? block : block + 1)
    }
    return blocks
  }
}
