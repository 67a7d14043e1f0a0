/// The legend of a figure: entries and shared colour bars, flowing into lines of a given width.
struct LegendLayout {
  static let textSize = 10.5
  static let gap = 18.0
  static let barLength = 130.0

  enum Item {
    case heading(String)
    case entry(LegendEntry)
    case bar(ColorBar)
  }

  struct Placed {
    var item: Item
    /// The upper left corner, counted from that of the legend.
    var origin: Point
    var lines: [String]
  }

  private(set) var placed: [Placed] = []
  private(set) var height = 0.0

  /// Lays out entries first, then categorical scales, then continuous ones.
  init(entries: [LegendEntry], scales: [ColorScale], width: Double) {
    var items = entries.map(Item.entry)
    for scale in scales {
      switch scale.kind {
      case .categories(let classes):
        if !scale.title.isEmpty { items.append(.heading(scale.title)) }
        items += classes.map { .entry(LegendEntry(name: $0.name, glyph: .swatch, ink: $0.ink)) }
      case .continuous:
        if let bar = ColorBar(
          scale, isVertical: false, length: min(Self.barLength, width * 0.4), titleLimit: width * 0.4)
        {
          items.append(.bar(bar))
        }
      }
    }
    var (x, y, lineHeight) = (0.0, 0.0, 0.0)
    for item in items {
      let lines = Self.lines(item, width: width)
      let size = Self.size(item, lines: lines)
      if x > 0 && x + size.width > width {
        x = 0
        y += lineHeight + 3
        lineHeight = 0
      }
      placed.append(Placed(item: item, origin: Point(x, y), lines: lines))
      x += size.width + Self.gap
      lineHeight = max(lineHeight, size.height)
    }
    height = items.isEmpty ? 0 : y + lineHeight
  }

  /// Draws the legend with its upper left corner at `origin`.
  func draw(at origin: Point, on scene: inout Scene) {
    for placed in placed {
      let corner = Point(origin.x + placed.origin.x, origin.y + placed.origin.y)
      switch placed.item {
      case .heading:
        write(placed.lines, at: corner, ink: .muted, on: &scene)
      case .entry(let entry):
        drawGlyph(entry, at: corner, on: &scene)
        write(placed.lines, at: Point(corner.x + Self.glyphWidth(entry) + 6, corner.y), ink: .foreground, on: &scene)
      case .bar(let bar):
        bar.draw(at: Point(corner.x + bar.titleWidth + bar.overhang, corner.y + 2), on: &scene)
      }
    }
  }

  private static func lines(_ item: Item, width: Double) -> [String] {
    switch item {
    case .heading(let text): TextWrapping.lines(text, width: width, size: textSize)
    case .entry(let entry):
      TextWrapping.lines(entry.name, width: max(width - glyphWidth(entry) - 6, 30), size: textSize)
    case .bar: []
    }
  }

  private static func size(_ item: Item, lines: [String]) -> Size {
    let width = lines.map { TextMetrics.width($0, size: textSize) }.max() ?? 0
    let height = max(Double(lines.count), 1) * textSize * TextMetrics.lineHeight + 2
    return switch item {
    case .heading: Size(width, height)
    case .entry(let entry): Size(glyphWidth(entry) + 6 + width, height)
    case .bar(let bar):
      Size(
        bar.titleWidth + bar.length + 2 * bar.overhang,
        max(30, Double(bar.titleLines.count) * AxisLabels.textSize * TextMetrics.lineHeight + 4))
    }
  }

  private static func glyphWidth(_ entry: LegendEntry) -> Double {
    switch entry.glyph {
    case .swatch: 12
    case .symbol: 10
    case .line, .lineWithBand, .published, .interval: 22
    }
  }

  private func write(_ lines: [String], at corner: Point, ink: Ink, on scene: inout Scene) {
    for (index, line) in lines.enumerated() {
      let baseline = corner.y + Self.textSize * (0.95 + Double(index) * TextMetrics.lineHeight)
      scene.add(Scene.Text(content: line, origin: Point(corner.x, baseline), size: Self.textSize, ink: ink))
    }
  }

  private func drawGlyph(_ entry: LegendEntry, at corner: Point, on scene: inout Scene) {
    let (left, right) = (corner.x, corner.x + Self.glyphWidth(entry))
    let y = corner.y + Self.textSize * 0.6
    let box = Rect(x: left, y: y - 5, width: Self.glyphWidth(entry), height: 10)
    let line = [Point(left, y), Point(right, y)]
    switch entry.glyph {
    case .line(let style):
      scene.add(.line(line), style.style(entry.ink))
    case .lineWithBand(let style):
      scene.add(.rectangle(box), .fill(entry.ink, opacity: 0.2))
      scene.add(.line(line), style.style(entry.ink))
    case .swatch:
      scene.add(.rectangle(box), Scene.Style(fill: entry.ink, stroke: .axis, strokeWidth: 0.5))
    case .symbol(let symbol):
      scene.add(symbol, at: Point(box.midX, y), radius: 3.4, ink: entry.ink)
    case .published:
      scene.add(.rectangle(box), .fill(.published, opacity: 0.14))
      scene.add(.line(line), .stroke(.published, width: 1.4, dash: [5, 3]))
    case .interval:
      scene.add(.line(line), .stroke(entry.ink, width: 1.5))
      for x in [left, right] {
        scene.add(.line([Point(x, y - 3.5), Point(x, y + 3.5)]), .stroke(entry.ink, width: 1.5))
      }
      scene.add(.circle(Point(box.midX, y), radius: 3.8), .fill(entry.ink))
    }
  }
}
