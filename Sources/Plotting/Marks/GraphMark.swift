import Foundation

extension Mark {
  /// A connection between two vertices of a graph, given by their indices.
  public struct Edge: Sendable, Hashable {
    /// The index of one end.
    public var from: Int
    /// The index of the other end.
    public var to: Int
    /// The strength, which sets the width of the line: 1 is the usual width.
    public var weight: Double

    /// Makes an edge between vertices `from` and `to`.
    public init(_ from: Int, _ to: Int, weight: Double = 1) {
      self.from = from
      self.to = to
      self.weight = weight
    }
  }

  /// Vertices joined by edges whose widths show their weights.
  ///
  /// - Parameters:
  ///   - vertices: The places of the vertices.
  ///   - edges: The edges, drawn beneath the vertices.
  ///   - color: One ink, one for each vertex, or values with a scale.
  ///   - titles: Hover texts, one for each vertex; nil for the coordinates.
  ///   - labels: Texts beside the vertices; those that find no room are left out.
  public static func graph(
    _ vertices: [Point], edges: [Edge], color: Coloring = .ink(.series(0)), titles: [String]? = nil,
    labels: [String]? = nil
  ) -> Mark {
    Mark(
      GraphMark(
        vertices: vertices, depths: Array(repeating: 0.5, count: vertices.count), edges: edges, color: color,
        titles: titles, labels: labels, source: vertices.map { [$0.x, $0.y] }))
  }

  /// A polytope in three dimensions seen from a fixed direction, farther edges fainter.
  ///
  /// - Parameters:
  ///   - vertices: Three coordinates for each vertex; missing ones count as zero.
  ///   - edges: The edges.
  ///   - yaw: The turn about the vertical axis in degrees.
  ///   - pitch: The tilt toward the viewer in degrees.
  ///   - color: One ink, one for each vertex, or values with a scale.
  ///   - titles: Hover texts, one for each vertex; nil for the coordinates.
  ///   - labels: Texts beside the vertices; those that find no room are left out.
  public static func wireframe(
    _ vertices: [[Double]], edges: [Edge], yaw: Double = 28, pitch: Double = 18, color: Coloring = .ink(.series(0)),
    titles: [String]? = nil, labels: [String]? = nil
  ) -> Mark {
    let (a, b) = (yaw * .pi / 180, pitch * .pi / 180)
    let seen = vertices.map { vertex -> (Point, depth: Double) in
      let (x, y, z) = (vertex.value(0), vertex.value(1), vertex.value(2))
      let (turnedX, turnedY) = (x * cos(a) - y * sin(a), x * sin(a) + y * cos(a))
      return (Point(turnedX, z * cos(b) + turnedY * sin(b)), turnedY * cos(b) - z * sin(b))
    }
    let finite = seen.map(\.depth).filter(\.isDrawable)
    let (near, far) = (finite.min() ?? 0, finite.max() ?? 0)
    // 0 for the farthest vertex, 1 for the nearest.
    let depths = seen.map { far > near ? 1 - ($0.depth - near) / (far - near) : 0.5 }
    return Mark(
      GraphMark(
        vertices: seen.map(\.0), depths: depths, edges: edges, color: color, titles: titles, labels: labels,
        source: vertices))
  }
}

extension [Double] {
  fileprivate func value(_ index: Int) -> Double { indices.contains(index) ? self[index] : 0 }
}

struct GraphMark: MarkContent {
  let vertices: [Point]
  /// How near each vertex is to the viewer, from 0 through 1.
  let depths: [Double]
  let edges: [Mark.Edge]
  let color: Coloring
  let titles: [String]?
  let labels: [String]?
  /// The coordinates as given, before projection.
  let source: [[Double]]

  init(
    vertices: [Point], depths: [Double], edges: [Mark.Edge], color: Coloring, titles: [String]?, labels: [String]?,
    source: [[Double]]
  ) {
    for edge in edges {
      precondition(
        vertices.indices.contains(edge.from) && vertices.indices.contains(edge.to),
        "Edge \(edge.from)–\(edge.to) names a vertex beyond the \(vertices.count) given.")
    }
    for texts in [titles, labels] {
      precondition(texts == nil || texts?.count == vertices.count, "A graph needs one text for each vertex.")
    }
    self.vertices = vertices
    self.depths = depths
    self.edges = edges
    self.color = color
    self.titles = titles
    self.labels = labels
    self.source = source
  }

  var colorScale: ColorScale? { color.scale }

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) {
    let reach = vertices.flatMap { [abs($0.x), abs($0.y)] }.filter(\.isDrawable).max() ?? 0
    let side = reach > 0 ? reach * 1.3 : 1
    return (Extent([-side, side], isLog: logX, isTight: true), Extent([-side, side], isLog: logY, isTight: true))
  }

  var rows: [DataRow] {
    source.indices.map { index in
      let place = source[index]
      return DataRow(
        mark: "vertex", x: place.value(0), y: place.value(1),
        value: place.count > 2 ? place[2] : color.value(at: index),
        label: titles?[index] ?? labels?[index])
    }
      + edges.map { DataRow(mark: "edge", low: Double($0.from), high: Double($0.to), value: $0.weight) }
  }

  func draw(on canvas: inout PanelCanvas) {
    let pixels = vertices.map { canvas.place($0) }
    let byDepth = edges.indices.sorted { (depth(edges[$0]), $0) < (depth(edges[$1]), $1) }
    for index in byDepth {
      let edge = edges[index]
      guard let a = pixels[edge.from], let b = pixels[edge.to], edge.weight.isDrawable else { continue }
      canvas.avoid([a, b])
      let style = Scene.Style.stroke(
        .muted, width: min(1.4 * max(edge.weight, 0.15), 6), opacity: 0.35 + 0.6 * depth(edge))
      canvas.scene.add(
        .line([a, b]), style, title: "\(name(edge.from)) – \(name(edge.to)): \(NumberFormat.short(edge.weight))")
    }
    let center = Point(canvas.frame.midX, canvas.frame.midY)
    for index in vertices.indices.sorted(by: { (depths[$0], $0) < (depths[$1], $1) }) {
      guard let pixel = pixels[index] else { continue }
      let ink = canvas.inks.ink(nil, color, at: index) ?? .muted
      let title = titles?[index] ?? labels?[index] ?? canvas.describe(vertices[index])
      canvas.draw(.dot, at: pixel, radius: 3 + depths[index], ink: ink, opacity: 1, title: title)
      if let text = labels?[index], !text.isEmpty {
        let (dx, dy) = (pixel.x - center.x, pixel.y - center.y)
        let length = (dx * dx + dy * dy).squareRoot()
        canvas.labels.append(
          PointLabel(
            text: text, anchor: pixel, clearance: 5, priority: .ordinary,
            direction: length > 1 ? Point(dx / length, dy / length) : nil))
      }
    }
    canvas.tally.clamped += color.clampedCount
  }

  private func depth(_ edge: Mark.Edge) -> Double { (depths[edge.from] + depths[edge.to]) / 2 }

  private func name(_ index: Int) -> String { labels?[index] ?? titles?[index] ?? "vertex \(index)" }
}
