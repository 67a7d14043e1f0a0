/// Labels outside a frame, moved along its edge until none touches another, each tied to its value by a leader.
struct EdgeLabelPlan {
  static let textSize = 10.0
  static let lineHeight = textSize * TextMetrics.lineHeight
  /// The length of the leaders, and the distance between frame and text.
  static let leader = 9.0
  /// The widest line before a label wraps.
  static let widest = 190.0

  struct Item {
    var label: EdgeLabel
    var lines: [String]
    /// Where on the edge the value is; for a bracket, its middle.
    var target: Double
    /// The ends of the bracket along the edge; nil for a single value.
    var bracket: (Double, Double)?
    /// The middle of the text along the edge.
    var position: Double
    /// The row of texts counted away from the frame; only labels above a frame use several.
    var row = 0

    var width: Double { lines.map { TextMetrics.width($0, size: EdgeLabelPlan.textSize) }.max() ?? 0 }
    var height: Double { Double(lines.count) * EdgeLabelPlan.lineHeight }
  }

  var items: [Item] = []

  /// The height that the labels to the right of a frame need when stacked without gaps.
  static func heightNeeded(_ labels: [EdgeLabel]) -> Double {
    labels.filter { $0.side == .right }.reduce(0) {
      $0 + Double(TextWrapping.lines($1.text, width: widest, size: textSize).count) * lineHeight
    }
  }

  /// Labels to the right of a frame, in one column.
  static func right(_ labels: [EdgeLabel], scale: Scale) -> EdgeLabelPlan {
    var items = items(labels.filter { $0.side == .right }, scale: scale, width: widest)
    let middles = spread(
      items.map { ($0.target, $0.height) }, within: -Self.lineHeight / 2...(scale.length + Self.lineHeight / 2))
    for index in items.indices { items[index].position = middles[index] }
    return EdgeLabelPlan(items: items)
  }

  /// Labels above a frame: in one row if all fit, else in as many rows as needed.
  static func top(_ labels: [EdgeLabel], scale: Scale) -> EdgeLabelPlan {
    let gap = 8.0
    var items = items(labels.filter { $0.side == .top }, scale: scale, width: max(scale.length, 40))
    if items.reduce(0, { $0 + $1.width + gap }) <= scale.length + gap {
      let middles = spread(items.map { ($0.target, $0.width + gap) }, within: -gap / 2...(scale.length + gap / 2))
      for index in items.indices { items[index].position = middles[index] }
      return EdgeLabelPlan(items: items)
    }
    var ends: [Double] = []
    for index in items.indices.sorted(by: { (items[$0].target, $0) < (items[$1].target, $1) }) {
      let half = items[index].width / 2
      let middle = min(max(items[index].target, half), max(scale.length - half, half))
      let row = ends.firstIndex { $0 + gap <= middle - half } ?? ends.count
      if row == ends.count { ends.append(0) }
      ends[row] = middle + half
      items[index].position = middle
      items[index].row = row
    }
    return EdgeLabelPlan(items: items)
  }

  /// The room needed away from the frame on the right.
  var rightThickness: Double {
    items.isEmpty ? 0 : Self.leader + 3 + (items.map(\.width).max() ?? 0)
  }

  /// The room needed away from the frame at the top.
  var topThickness: Double {
    items.isEmpty ? 0 : Self.leader + rowHeights.reduce(0, +)
  }

  /// The height of each row of labels above a frame.
  var rowHeights: [Double] {
    let rows = (items.map(\.row).max() ?? -1) + 1
    return (0..<rows).map { row in items.filter { $0.row == row }.map(\.height).max() ?? 0 }
  }

  private static func items(_ labels: [EdgeLabel], scale: Scale, width: Double) -> [Item] {
    labels.compactMap { label in
      guard label.isBracket || scale.shows(label.middle) else { return nil }
      let ends = [label.range.lowerBound, label.range.upperBound].compactMap { scale.position($0) }
      guard ends.count == 2 else { return nil }
      let (start, end) = (max(min(ends[0], ends[1]), 0), min(max(ends[0], ends[1]), scale.length))
      guard start <= end + 1 else { return nil }
      let target = min(max((start + end) / 2, 0), scale.length)
      return Item(
        label: label, lines: TextWrapping.lines(label.text, width: width, size: textSize), target: target,
        bracket: label.isBracket ? (start, end) : nil, position: target)
    }
  }

  /// The middles nearest to the wanted ones at which intervals of the given lengths do not overlap.
  ///
  /// Neighbours that collide form a block around their mean, as in isotonic regression. If the intervals are longer
  /// together than the bounds, they run past the upper bound.
  static func spread(_ wanted: [(middle: Double, length: Double)], within bounds: ClosedRange<Double>) -> [Double] {
    struct Block {
      var members: [Int]
      var length: Double
      /// The sum over members of the start that each would like the block to have.
      var wishes: Double
      func start(_ bounds: ClosedRange<Double>) -> Double {
        max(min(wishes / Double(members.count), bounds.upperBound - length), bounds.lowerBound)
      }
    }
    var blocks: [Block] = []
    for index in wanted.indices.sorted(by: { (wanted[$0].middle, $0) < (wanted[$1].middle, $1) }) {
      let (middle, length) = wanted[index]
      blocks.append(Block(members: [index], length: length, wishes: middle - length / 2))
      while blocks.count > 1 {
        let (last, previous) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
        guard previous.start(bounds) + previous.length > last.start(bounds) else { break }
        blocks.removeLast(2)
        blocks.append(
          Block(
            members: previous.members + last.members, length: previous.length + last.length,
            wishes: previous.wishes + last.wishes - previous.length * Double(last.members.count)))
      }
    }
    var middles = wanted.map(\.middle)
    for block in blocks {
      var cursor = block.start(bounds)
      for index in block.members {
        middles[index] = cursor + wanted[index].length / 2
        cursor += wanted[index].length
      }
    }
    return middles
  }
}
