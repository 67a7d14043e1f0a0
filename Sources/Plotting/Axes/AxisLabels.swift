/// The ticks of a placed axis, thinned until no two labels touch.
struct AxisLabels: Equatable {
  /// One mark with its place along the axis in pixels.
  struct Item: Equatable {
    var position: Double
    /// The lines of the label; empty for a mark without one.
    var lines: [String]
    var isMinor: Bool
  }

  static let textSize = 10.0
  /// The widest line of a category's name on a vertical axis, in pixels.
  static let categoryWidth = 200.0

  var items: [Item] = []
  /// Whether the labels of a horizontal axis stand upright, to be read from below.
  var isRotated = false

  /// The room the labels take across the axis: their height on a horizontal axis, their width on a vertical one.
  func thickness(isVertical: Bool) -> Double {
    let lines = items.flatMap(\.lines)
    guard !lines.isEmpty else { return 0 }
    let longest = lines.map { TextMetrics.width($0, size: Self.textSize) }.max() ?? 0
    return isVertical || isRotated ? longest : Self.textSize * TextMetrics.lineHeight
  }

  /// How far the label of `item` reaches on each side of its place, along the axis.
  func halfLength(_ item: Item, isVertical: Bool) -> Double {
    guard !item.lines.isEmpty else { return 0 }
    if isVertical { return Double(item.lines.count) * Self.textSize * TextMetrics.lineHeight / 2 }
    if isRotated { return Self.textSize * TextMetrics.lineHeight / 2 }
    return (item.lines.map { TextMetrics.width($0, size: Self.textSize) }.max() ?? 0) / 2
  }

  /// Chooses the ticks of `axis` for the room that `scale` has.
  static func fitted(_ axis: Axis, scale: Scale, isVertical: Bool) -> AxisLabels {
    if axis.isHidden { return AxisLabels() }
    let domain = scale.low...scale.high
    if let ticks = axis.ticks {
      let shown = ticks.filter { scale.shows($0.value) }.map { Ticks.Tick(value: $0.value, label: $0.label) }
      return placed(shown, scale, isVertical).withoutCollisions(isVertical: isVertical)
    }
    switch axis.kind {
    case .categories(let names): return categories(names, scale, isVertical)
    case .linear: return linear(domain, scale, isVertical)
    case .log: return logarithmic(domain, scale, isVertical)
    }
  }

  private static func linear(_ domain: ClosedRange<Double>, _ scale: Scale, _ isVertical: Bool) -> AxisLabels {
    let most = min(max(1, Int(scale.length / (isVertical ? 20 : 34))), isVertical ? 7 : 9)
    // A range between two round numbers may need a finer step before enough ticks fall inside it.
    for least in [3, 2] {
      for count in Array((1...most).reversed()) + Array(most...(most + 12)) {
        let labels = placed(Ticks.linear(domain, count: count), scale, isVertical)
        if labels.items.count >= least && labels.fits(isVertical: isVertical) { return labels }
      }
    }
    return placed(Ticks.linear(domain, count: 2), scale, isVertical).withoutCollisions(isVertical: isVertical)
  }

  private static func logarithmic(_ domain: ClosedRange<Double>, _ scale: Scale, _ isVertical: Bool) -> AxisLabels {
    let decades = placed(Ticks.decades(domain, stride: 1), scale, isVertical)
    if decades.items.count(where: { !$0.lines.isEmpty }) < 3 {
      let fine = placed(Ticks.oneTwoFive(domain), scale, isVertical)
      let count = fine.items.count { !$0.lines.isEmpty }
      if count >= 2 && fine.fits(isVertical: isVertical) { return fine }
      if count < 2 { return linear(domain, scale, isVertical) }
    }
    for stride in [1, 2, 3, 5, 10, 20, 50, 100, 200, 300] {
      let labels = placed(Ticks.decades(domain, stride: stride), scale, isVertical)
      if labels.fits(isVertical: isVertical) { return labels }
    }
    return decades.withoutCollisions(isVertical: isVertical)
  }

  private static func categories(_ names: [String], _ scale: Scale, _ isVertical: Bool) -> AxisLabels {
    let ticks = names.enumerated().map { Ticks.Tick(value: Double($0.offset), label: $0.element) }
    var labels = placed(ticks, scale, isVertical)
    if isVertical {
      for index in labels.items.indices {
        labels.items[index].lines = labels.items[index].lines.flatMap {
          TextWrapping.lines($0, width: categoryWidth, size: textSize)
        }
      }
    } else if !labels.fits(isVertical: false) {
      labels.isRotated = names.contains { $0.count > 3 }
    }
    for stride in 1...max(names.count, 1) {
      var thinned = labels
      thinned.items = thinned.items.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
      if thinned.fits(isVertical: isVertical) { return thinned }
    }
    return labels.withoutCollisions(isVertical: isVertical)
  }

  private static func placed(_ ticks: [Ticks.Tick], _ scale: Scale, _ isVertical: Bool) -> AxisLabels {
    AxisLabels(
      items: ticks.compactMap { tick in
        scale.position(tick.value).map {
          Item(position: $0, lines: tick.label.map { $0.isEmpty ? [] : [$0] } ?? [], isMinor: tick.label == nil)
        }
      })
  }

  private func fits(isVertical: Bool) -> Bool { collisions(isVertical: isVertical).isEmpty }

  private func withoutCollisions(isVertical: Bool) -> AxisLabels {
    var result = self
    for index in collisions(isVertical: isVertical).sorted(by: >) { result.items.remove(at: index) }
    return result
  }

  /// The items whose labels touch an earlier one that is kept, in order along the axis.
  private func collisions(isVertical: Bool) -> [Int] {
    let gap = isVertical ? 0.0 : isRotated ? 1 : 7
    var end = -Double.infinity
    var colliding: [Int] = []
    for index in items.indices.sorted(by: { items[$0].position < items[$1].position })
    where !items[index].lines.isEmpty {
      let half = halfLength(items[index], isVertical: isVertical)
      if items[index].position - half < end + gap {
        colliding.append(index)
      } else {
        end = items[index].position + half
      }
    }
    return colliding
  }
}
