/// Draws a laid-out figure as a scene.
struct FigureDrawing {
  private(set) var scene = Scene()
  /// What could not be drawn as given, over all panels.
  private(set) var tally = Tally()

  init(_ figure: Figure, _ layout: FigureLayout) {
    for block in layout.blocks { add(block) }
    layout.legend.draw(at: layout.legendOrigin, on: &scene)
    for placed in layout.panels {
      let drawing = PanelDrawing(placed, inks: layout.inks)
      scene.nodes += drawing.scene.nodes
      tally += drawing.tally
    }
  }

  private mutating func add(_ block: FigureLayout.TextBlock) {
    let lineHeight = block.size * TextMetrics.lineHeight
    for (index, line) in block.lines.enumerated() {
      let offset = Double(index) * lineHeight
      let origin =
        block.isVertical
        ? Point(block.origin.x + offset, block.origin.y) : Point(block.origin.x, block.origin.y + offset)
      scene.add(
        Scene.Text(
          content: line, origin: origin, size: block.size, anchor: block.anchor, ink: block.ink, isBold: block.isBold,
          isVertical: block.isVertical))
    }
  }
}
