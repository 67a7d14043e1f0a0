/// A strip of colours with ticks that explains a continuous colour scale.
struct ColorBar {
  static let thickness = 10.0
  static let steps = 64

  let scale: ColorScale
  let isVertical: Bool
  let length: Double
  let labels: AxisLabels
  let titleLines: [String]

  private let colormap: Colormap

  /// A bar for `scale`, `length` pixels long; nil for a categorical scale, which the legend explains.
  ///
  /// The title of a horizontal bar stands before it and wraps at `titleLimit` pixels.
  init?(_ scale: ColorScale, isVertical: Bool, length: Double, titleLimit: Double = 220) {
    guard case .continuous(let map, let low, let high, let center) = scale.kind, low < high else { return nil }
    self.scale = scale
    self.isVertical = isVertical
    self.length = length
    colormap = map
    var ticks: [Axis.Tick]?
    if let center, center != 0 {
      let texts = [low, center, high].map { NumberFormat.short($0) }
      ticks = zip([low, center, high], texts).map { Axis.Tick($0, $1) }
    }
    let axis = Axis.linear("", low...high, ticks: ticks)
    let place = Scale(isLog: false, low: low, high: high, length: length, isFlipped: isVertical)
    labels = AxisLabels.fitted(axis, scale: place, isVertical: isVertical)
    titleLines = TextWrapping.lines(
      scale.title, width: isVertical ? max(length, 40) : titleLimit, size: AxisLabels.textSize)
  }

  /// The room a vertical bar takes to the right of a plot.
  var width: Double {
    let title = titleLines.isEmpty ? 0 : 5 + Double(titleLines.count) * AxisLabels.textSize * TextMetrics.lineHeight
    return 12 + Self.thickness + 5 + labels.thickness(isVertical: true) + title
  }

  /// The room that ticks take beyond the ends of the bar, on each side.
  var overhang: Double {
    labels.items.map { item in
      let half = labels.halfLength(item, isVertical: isVertical)
      return max(half - item.position, half - (length - item.position), 0)
    }.max() ?? 0
  }

  /// The room that the title takes before a horizontal bar.
  var titleWidth: Double {
    let width = titleLines.map { TextMetrics.width($0, size: AxisLabels.textSize) }.max() ?? 0
    return width > 0 ? width + 8 : 0
  }

  /// Draws the bar with its upper left corner at `origin`.
  func draw(at origin: Point, on scene: inout Scene) {
    let step = length / Double(Self.steps)
    for index in 0..<Self.steps {
      let fraction = (Double(index) + 0.5) / Double(Self.steps)
      let color = Ink.fixed(colormap.color(at: isVertical ? 1 - fraction : fraction))
      let offset = Double(index) * step
      let overlap = index == Self.steps - 1 ? 0 : 0.5
      let cell =
        isVertical
        ? Rect(x: origin.x, y: origin.y + offset, width: Self.thickness, height: step + overlap)
        : Rect(x: origin.x + offset, y: origin.y, width: step + overlap, height: Self.thickness)
      scene.add(.rectangle(cell), .fill(color))
    }
    let frame = Rect(
      x: origin.x, y: origin.y, width: isVertical ? Self.thickness : length,
      height: isVertical ? length : Self.thickness)
    scene.add(.rectangle(frame), .stroke(.axis, width: 0.75))
    for item in labels.items { draw(item, at: origin, on: &scene) }
    drawTitle(at: origin, on: &scene)
  }

  private func draw(_ item: AxisLabels.Item, at origin: Point, on scene: inout Scene) {
    guard let text = item.lines.first else { return }
    let size = AxisLabels.textSize
    if isVertical {
      let y = origin.y + item.position
      let x = origin.x + Self.thickness
      scene.add(.line([Point(x, y), Point(x + 3, y)]), .stroke(.axis))
      scene.add(Scene.Text(content: text, origin: Point(x + 5, y + size * 0.35), size: size, ink: .muted))
    } else {
      let x = origin.x + item.position
      let y = origin.y + Self.thickness
      scene.add(.line([Point(x, y), Point(x, y + 3)]), .stroke(.axis))
      scene.add(
        Scene.Text(content: text, origin: Point(x, y + 4 + size * 0.85), size: size, anchor: .middle, ink: .muted))
    }
  }

  private func drawTitle(at origin: Point, on scene: inout Scene) {
    let size = AxisLabels.textSize
    for (index, line) in titleLines.enumerated() {
      let offset = Double(index) * size * TextMetrics.lineHeight
      if isVertical {
        let x = origin.x + Self.thickness + 5 + labels.thickness(isVertical: true) + 5 + size * 0.8 + offset
        scene.add(
          Scene.Text(
            content: line, origin: Point(x, origin.y + length / 2), size: size, anchor: .middle, isVertical: true))
      } else {
        scene.add(
          Scene.Text(
            content: line, origin: Point(origin.x - overhang - titleWidth, origin.y + size * 0.9 + offset), size: size))
      }
    }
  }
}
