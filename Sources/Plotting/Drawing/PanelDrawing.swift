/// Draws one placed panel: grid, marks, axes, and the texts around the frame.
struct PanelDrawing {
  private(set) var scene = Scene()
  private(set) var tally = Tally()

  private let plan: PanelPlan
  private let frame: Rect

  init(_ placed: FigureLayout.PlacedPanel, inks: SeriesInks) {
    plan = placed.plan
    frame = Rect(x: placed.origin.x, y: placed.origin.y, width: plan.plot.width, height: plan.plot.height)
    drawGrid()
    drawMarks(inks)
    drawAxes()
    drawTitle()
    drawAxisTitles()
    drawRightLabels()
    drawTopLabels()
    var x = frame.maxX + plan.right.rightThickness + 12
    for bar in plan.colorBars {
      bar.draw(at: Point(x, frame.y), on: &scene)
      x += bar.width
    }
  }

  /// Whether cells cover the panel, so that a grid would be hidden and axis lines would double the frame.
  private var isCovered: Bool { plan.panel.marks.contains { $0.content is HeatMapMark } }

  private mutating func drawGrid() {
    guard !isCovered else { return }
    if plan.panel.x.isHidden || plan.panel.y.isHidden {
      scene.add(.rectangle(frame), .stroke(.grid))
    }
    if plan.panel.x.kind == .linear || plan.panel.x.kind == .log {
      for item in plan.xLabels.items where !item.isMinor {
        let x = frame.x + item.position
        scene.add(.line([Point(x, frame.y), Point(x, frame.maxY)]), .stroke(.grid, width: 0.75))
      }
    }
    if plan.panel.y.kind == .linear || plan.panel.y.kind == .log {
      for item in plan.yLabels.items where !item.isMinor {
        let y = frame.y + item.position
        scene.add(.line([Point(frame.x, y), Point(frame.maxX, y)]), .stroke(.grid, width: 0.75))
      }
    }
  }

  private mutating func drawMarks(_ inks: SeriesInks) {
    var canvas = PanelCanvas(
      x: plan.x, y: plan.y, frame: frame, axes: (plan.panel.x, plan.panel.y), inks: inks, isCovered: isCovered)
    for mark in plan.panel.marks { mark.content.draw(on: &canvas) }
    var placement = PointLabelPlacement(
      frame: frame, obstacles: canvas.obstacles, taken: canvas.scene.texts.map(\.box))
    let (texts, unplaced) = placement.place(canvas.labels)
    canvas.tally.unlabelled += unplaced
    scene.nodes += canvas.scene.nodes
    for text in texts { scene.add(text) }
    tally = canvas.tally
  }

  private mutating func drawAxes() {
    let size = AxisLabels.textSize
    if !plan.panel.x.isHidden {
      if !isCovered {
        scene.add(.line([Point(frame.x, frame.maxY), Point(frame.maxX, frame.maxY)]), .stroke(.axis))
      }
      for item in plan.xLabels.items {
        let x = frame.x + item.position
        let length = item.isMinor ? 2.0 : 4.0
        scene.add(
          .line([Point(x, frame.maxY), Point(x, frame.maxY + length)]), .stroke(.axis, width: item.isMinor ? 0.75 : 1))
        guard let text = item.lines.first else { continue }
        scene.add(
          plan.xLabels.isRotated
            ? Scene.Text(
              content: text, origin: Point(x + size * 0.35, frame.maxY + 6), size: size, anchor: .end, ink: .muted,
              isVertical: true)
            : Scene.Text(
              content: text, origin: Point(x, frame.maxY + 6 + size * 0.8), size: size, anchor: .middle, ink: .muted))
      }
    }
    guard !plan.panel.y.isHidden else { return }
    if !isCovered { scene.add(.line([Point(frame.x, frame.y), Point(frame.x, frame.maxY)]), .stroke(.axis)) }
    for item in plan.yLabels.items {
      let y = frame.y + item.position
      let length = item.isMinor ? 2.0 : 4.0
      scene.add(.line([Point(frame.x - length, y), Point(frame.x, y)]), .stroke(.axis, width: item.isMinor ? 0.75 : 1))
      for (index, line) in item.lines.enumerated() {
        let shift = (Double(index) - Double(item.lines.count - 1) / 2) * size * TextMetrics.lineHeight
        scene.add(
          Scene.Text(
            content: line, origin: Point(frame.x - 7, y + size * 0.35 + shift), size: size, anchor: .end, ink: .muted))
      }
    }
  }

  private mutating func drawTitle() {
    let size = PanelPlan.titleSize
    let lineHeight = size * TextMetrics.lineHeight
    let bottom = frame.y - max(plan.top.topThickness, 6)
    for (index, line) in plan.titleLines.enumerated() {
      let baseline = bottom - Double(plan.titleLines.count - 1 - index) * lineHeight - size * 0.3
      scene.add(Scene.Text(content: line, origin: Point(frame.x, baseline), size: size, isBold: true))
    }
  }

  private mutating func drawAxisTitles() {
    let size = PanelPlan.axisTitleSize
    let lineHeight = size * TextMetrics.lineHeight
    for (index, line) in plan.xTitle.enumerated() {
      let y = frame.maxY + plan.xLabelOffset + 3 + size * 0.85 + Double(index) * lineHeight
      scene.add(Scene.Text(content: line, origin: Point(frame.midX, y), size: size, anchor: .middle))
    }
    for (index, line) in plan.yTitle.enumerated() {
      let linesAfter = Double(plan.yTitle.count - 1 - index)
      let x = frame.x - plan.yLabelOffset - 4 - size * 0.25 - linesAfter * lineHeight
      scene.add(
        Scene.Text(content: line, origin: Point(x, frame.midY), size: size, anchor: .middle, isVertical: true))
    }
  }

  private mutating func drawRightLabels() {
    let size = EdgeLabelPlan.textSize
    for item in plan.right.items {
      let (start, end) = (frame.maxX + 1, frame.maxX + EdgeLabelPlan.leader)
      if let bracket = item.bracket {
        let outline = [
          Point(start + 1, frame.y + bracket.0 + 1), Point(start + 4, frame.y + bracket.0 + 1),
          Point(start + 4, frame.y + bracket.1 - 1), Point(start + 1, frame.y + bracket.1 - 1),
        ]
        scene.add(.line(outline), .stroke(.axis))
      }
      let from = Point(item.bracket == nil ? start : start + 4, frame.y + item.target)
      if abs(item.position - item.target) > 1 || item.bracket != nil || item.label.hasColoredLeader {
        scene.add(.line([from, Point(end, frame.y + item.position)]), item.label.leader)
      }
      for (index, line) in item.lines.enumerated() {
        let top = item.position - item.height / 2 + Double(index) * EdgeLabelPlan.lineHeight
        let baseline = frame.y + top + EdgeLabelPlan.lineHeight / 2 + size * 0.35
        scene.add(Scene.Text(content: line, origin: Point(end + 3, baseline), size: size, ink: item.label.textInk))
      }
    }
  }

  private mutating func drawTopLabels() {
    let size = EdgeLabelPlan.textSize
    let heights = plan.top.rowHeights
    for item in plan.top.items {
      let bottom = frame.y - EdgeLabelPlan.leader - heights.prefix(item.row).reduce(0, +)
      let start = frame.y - 1
      if let bracket = item.bracket {
        let outline = [
          Point(frame.x + bracket.0 + 1, start - 1), Point(frame.x + bracket.0 + 1, start - 4),
          Point(frame.x + bracket.1 - 1, start - 4), Point(frame.x + bracket.1 - 1, start - 1),
        ]
        scene.add(.line(outline), .stroke(.axis))
      }
      let from = Point(frame.x + item.target, item.bracket == nil ? start : start - 4)
      if item.row == 0 {
        scene.add(
          .line([from, Point(frame.x + item.position, frame.y - EdgeLabelPlan.leader + 1)]),
          item.label.leader)
      }
      for (index, line) in item.lines.enumerated() {
        let below = Double(item.lines.count - 1 - index) * EdgeLabelPlan.lineHeight
        scene.add(
          Scene.Text(
            content: line, origin: Point(frame.x + item.position, bottom - below - size * 0.28), size: size,
            anchor: .middle, ink: item.label.textInk))
      }
    }
  }
}
