/// Checks that every text of a scene can be read: inside the canvas, and clear of every other text.
enum LayoutAudit {
  /// Pixels by which boxes may overlap before it counts: the boxes are generous.
  static let tolerance = 0.5

  /// A sentence for each fault.
  static func issues(_ scene: Scene, size: Size) -> [String] {
    let canvas = Rect(x: 0, y: 0, width: size.width, height: size.height)
    let texts = scene.texts.map { (text: $0, box: $0.box) }
    var issues: [String] = []
    for (text, box) in texts where !canvas.contains(box, tolerance: tolerance) {
      issues.append("“\(text.content)” leaves the canvas.")
    }
    // Sorted by left edge, only neighbours that begin before this one ends can touch it.
    let order = texts.indices.sorted { (texts[$0].box.x, $0) < (texts[$1].box.x, $1) }
    for (rank, index) in order.enumerated() {
      for other in order[(rank + 1)...] {
        guard texts[other].box.x < texts[index].box.maxX else { break }
        if texts[index].box.overlaps(texts[other].box, tolerance: tolerance) {
          issues.append("“\(texts[index].text.content)” overlaps “\(texts[other].text.content)”.")
        }
      }
    }
    return issues
  }
}
