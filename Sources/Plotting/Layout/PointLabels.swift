/// A text to be placed near a point inside a frame.
struct PointLabel {
  enum Priority: Int {
    /// Left out when there is no room.
    case ordinary
    /// Placed first, anywhere in the frame if need be.
    case annotation
  }

  var text: String
  var anchor: Point
  /// Pixels between the anchor and the text.
  var clearance: Double
  var priority: Priority
  var size = 9.5
  var ink = Ink.foreground
  /// The direction to try first, as a pixel offset; nil to start at the upper right.
  var direction: Point?
}

/// Places labels near their points so that no two texts touch and none leaves the frame.
struct PointLabelPlacement {
  let frame: Rect
  /// Marks that a label should rather not cover.
  let obstacles: [Rect]
  /// The room taken by texts so far.
  private(set) var taken: [Rect]

  init(frame: Rect, obstacles: [Rect], taken: [Rect]) {
    self.frame = frame
    self.obstacles = obstacles
    self.taken = taken
  }

  /// The placed texts, and how many found no room.
  mutating func place(_ labels: [PointLabel]) -> (texts: [Scene.Text], unplaced: Int) {
    var texts: [Scene.Text] = []
    var unplaced = 0
    for priority in [PointLabel.Priority.annotation, .ordinary] {
      for label in labels where label.priority == priority {
        let lines = TextWrapping.lines(label.text, width: max(frame.width - 4, 12), size: label.size)
        guard let box = room(for: label, lines: lines) else {
          unplaced += 1
          continue
        }
        taken.append(box)
        let height = label.size * TextMetrics.lineHeight
        for (index, line) in lines.enumerated() {
          let baseline = box.y + label.size * TextMetrics.ascent + Double(index) * height
          texts.append(
            Scene.Text(
              content: line, origin: Point(box.midX, baseline), size: label.size, anchor: .middle, ink: label.ink,
              hasHalo: true))
        }
      }
    }
    return (texts, unplaced)
  }

  /// The free place nearest to the wishes of `label`; nil if there is none.
  private func room(for label: PointLabel, lines: [String]) -> Rect? {
    let width = (lines.map { TextMetrics.width($0, size: label.size) }.max() ?? 0) + 1
    let height =
      label.size * (Double(lines.count - 1) * TextMetrics.lineHeight + TextMetrics.ascent + TextMetrics.descent)
    var best: (cost: Int, box: Rect)?
    for candidate in candidates(label, width, height) {
      guard frame.contains(candidate), !taken.contains(where: { $0.overlaps(candidate) }) else { continue }
      let cost = obstacles.count { $0.overlaps(candidate) }
      if cost == 0 { return candidate }
      if cost < (best?.cost ?? .max) { best = (cost, candidate) }
    }
    if let best { return best.box }
    return label.priority == .annotation ? anywhere(label, width, height) : nil
  }

  private func candidates(_ label: PointLabel, _ width: Double, _ height: Double) -> [Rect] {
    var directions = [(1.0, -1.0), (1, 0), (1, 1), (0, -1), (0, 1), (-1, -1), (-1, 0), (-1, 1)].map { Point($0, $1) }
    if let direction = label.direction {
      // Stretched to the side of a square, so that the text clears the point in one direction at least.
      let reach = max(abs(direction.x), abs(direction.y), 1e-6)
      directions.insert(Point(direction.x / reach, direction.y / reach), at: 0)
    }
    return [0.0, 7, 15].flatMap { extra in
      directions.map { direction in
        let gap = label.clearance + extra
        let center = Point(
          label.anchor.x + direction.x * (width / 2 + gap), label.anchor.y + direction.y * (height / 2 + gap))
        return Rect(x: center.x - width / 2, y: center.y - height / 2, width: width, height: height)
      }
    }
  }

  /// The free place in the whole frame that is nearest to the anchor.
  private func anywhere(_ label: PointLabel, _ width: Double, _ height: Double) -> Rect? {
    var best: (distance: Double, box: Rect)?
    for top in stride(from: frame.y + 1, through: frame.maxY - height, by: 4) {
      for left in stride(from: frame.x + 1, through: frame.maxX - width, by: 6) {
        let box = Rect(x: left, y: top, width: width, height: height)
        guard !taken.contains(where: { $0.overlaps(box) }) else { continue }
        let (dx, dy) = (box.midX - label.anchor.x, box.midY - label.anchor.y)
        let distance = dx * dx + dy * dy
        if distance < (best?.distance ?? .infinity) { best = (distance, box) }
      }
    }
    return best?.box
  }
}
