/// What a figure draws, placed in pixels: the last stage before SVG, and what the layout audit reads.
struct Scene {
  /// Fill, outline and opacity of a shape.
  struct Style: Equatable {
    var fill: Ink?
    var stroke: Ink?
    var strokeWidth = 1.0
    var opacity = 1.0
    /// Lengths of dashes and gaps in pixels; empty for a solid line.
    var dash: [Double] = []

    static func fill(_ ink: Ink, opacity: Double = 1) -> Style { Style(fill: ink, opacity: opacity) }

    static func stroke(_ ink: Ink, width: Double = 1, opacity: Double = 1, dash: [Double] = []) -> Style {
      Style(stroke: ink, strokeWidth: width, opacity: opacity, dash: dash)
    }
  }

  /// One line of text.
  struct Text: Equatable {
    enum Anchor: String { case start, middle, end }

    var content: String
    /// The anchor point on the baseline.
    var origin: Point
    var size: Double
    var anchor = Anchor.start
    var ink = Ink.foreground
    var isBold = false
    /// Whether the text runs upward, turned a quarter to the left about its origin.
    var isVertical = false
    /// Whether the text has an edge in the colour of the background, to stay readable over marks.
    var hasHalo = false

    /// The room the text takes.
    var box: Rect {
      let width = TextMetrics.width(content, size: size, bold: isBold)
      let shift =
        switch anchor {
        case .start: 0.0
        case .middle: -width / 2
        case .end: -width
        }
      let (above, below) = (size * TextMetrics.ascent, size * TextMetrics.descent)
      if isVertical {
        return Rect(x: origin.x - above, y: origin.y - shift - width, width: above + below, height: width)
      }
      return Rect(x: origin.x + shift, y: origin.y - above, width: width, height: above + below)
    }
  }

  enum Shape {
    case rectangle(Rect)
    case circle(Point, radius: Double)
    case line([Point])
    case polygon([Point])
    case text(Text)
    /// A group of which nothing outside the rectangle shows.
    case clip(Rect, [Node])
  }

  /// A shape, how it looks, and what it says when pointed at.
  struct Node {
    var shape: Shape
    var style = Style()
    var title: String?
  }

  var nodes: [Node] = []

  mutating func add(_ shape: Shape, _ style: Style = Style(), title: String? = nil) {
    nodes.append(Node(shape: shape, style: style, title: title))
  }

  mutating func add(_ text: Text) {
    nodes.append(Node(shape: .text(text)))
  }

  /// Every text of the scene, in drawing order.
  var texts: [Text] {
    func collect(_ nodes: [Node]) -> [Text] {
      nodes.flatMap { node -> [Text] in
        switch node.shape {
        case .text(let text): [text]
        case .clip(_, let children): collect(children)
        default: []
        }
      }
    }
    return collect(nodes)
  }
}
