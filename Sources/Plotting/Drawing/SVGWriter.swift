/// Writes a scene as SVG: no scripts, no fonts, no identifiers, the same bytes for the same scene.
///
/// Clipping uses nested `svg` elements, so several figures can stand in one HTML page without colliding identifiers.
struct SVGWriter {
  private var output = ""

  /// The document for `scene`, with `title` as its name and `description` for those who cannot see it.
  static func document(_ scene: Scene, size: Size, theme: Theme, title: String, description: String) -> String {
    var writer = SVGWriter()
    let (width, height) = (NumberFormat.coordinate(size.width), NumberFormat.coordinate(size.height))
    writer.output += """
      <svg xmlns="http://www.w3.org/2000/svg" class="\(theme.rootClass)" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" aria-label="\(XML.escape(title))" \
      font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif">
      <title>\(XML.escape(title))</title>
      <desc>\(XML.escape(description))</desc>
      <style>
      \(theme.styleSheet)
      </style>

      """
    let canvas = Rect(x: 0, y: 0, width: size.width, height: size.height)
    writer.write(Scene.Node(shape: .rectangle(canvas), style: .fill(.surface)))
    for node in scene.nodes { writer.write(node) }
    return writer.output + "</svg>\n"
  }

  private mutating func write(_ node: Scene.Node) {
    switch node.shape {
    case .rectangle(let rect):
      element("rect", box(rect), node)
    case .circle(let center, let radius):
      element("circle", " cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\"", node)
    case .line(let points):
      if points.count == 2 {
        let (a, b) = (points[0], points[1])
        element(
          "line", " x1=\"\(number(a.x))\" y1=\"\(number(a.y))\" x2=\"\(number(b.x))\" y2=\"\(number(b.y))\"", node)
      } else {
        element("polyline", " points=\"\(list(points))\" stroke-linejoin=\"round\"", node)
      }
    case .polygon(let points):
      element("polygon", " points=\"\(list(points))\"", node)
    case .text(let text):
      write(text)
    case .clip(let rect, let children):
      output += "<svg\(box(rect)) viewBox=\"\(number(rect.x)) \(number(rect.y)) "
      output += "\(number(rect.width)) \(number(rect.height))\" overflow=\"hidden\">\n"
      for child in children { write(child) }
      output += "</svg>\n"
    }
  }

  private mutating func write(_ text: Scene.Text) {
    output += "<text x=\"\(number(text.origin.x))\" y=\"\(number(text.origin.y))\" font-size=\"\(number(text.size))\""
    if text.anchor != .start { output += " text-anchor=\"\(text.anchor.rawValue)\"" }
    if text.isBold { output += " font-weight=\"bold\"" }
    if text.isVertical {
      output += " transform=\"rotate(-90 \(number(text.origin.x)) \(number(text.origin.y)))\""
    }
    let style =
      text.hasHalo ? Scene.Style(fill: text.ink, stroke: .surface, strokeWidth: 3) : Scene.Style.fill(text.ink)
    output += attributes(style)
    if text.hasHalo { output += " paint-order=\"stroke\" stroke-linejoin=\"round\"" }
    output += ">\(XML.escape(text.content))</text>\n"
  }

  private mutating func element(_ name: String, _ geometry: String, _ node: Scene.Node) {
    output += "<\(name)\(geometry)\(attributes(node.style))"
    if let title = node.title {
      output += "><title>\(XML.escape(title))</title></\(name)>\n"
    } else {
      output += "/>\n"
    }
  }

  private func attributes(_ style: Scene.Style) -> String {
    var classes: [String] = []
    var result = ""
    if let fill = style.fill {
      if let role = fill.role { classes.append("f-\(role)") }
      if case .fixed(let color) = fill { result += " fill=\"\(color.hex)\"" }
    } else {
      result += " fill=\"none\""
    }
    if let stroke = style.stroke {
      if let role = stroke.role { classes.append("s-\(role)") }
      if case .fixed(let color) = stroke { result += " stroke=\"\(color.hex)\"" }
      if style.strokeWidth != 1 { result += " stroke-width=\"\(number(style.strokeWidth))\"" }
      if !style.dash.isEmpty { result += " stroke-dasharray=\"\(style.dash.map(number).joined(separator: " "))\"" }
    }
    if style.fill == nil && style.stroke == nil { result += " pointer-events=\"all\"" }
    if style.opacity != 1 { result += " opacity=\"\(number(style.opacity))\"" }
    return (classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\"") + result
  }

  private func box(_ rect: Rect) -> String {
    " x=\"\(number(rect.x))\" y=\"\(number(rect.y))\" width=\"\(number(rect.width))\" height=\"\(number(rect.height))\""
  }

  private func list(_ points: [Point]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  private func number(_ value: Double) -> String { NumberFormat.coordinate(value) }
}

/// Text made safe for XML.
enum XML {
  /// `text` with markup characters escaped, and characters that XML 1.0 forbids replaced by U+FFFD.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += " "
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
