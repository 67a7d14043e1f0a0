/// Which colour scales a figure explains once, in its legend, and which beside their only panel.
struct FigureScales {
  private(set) var shared: [ColorScale] = []

  init(_ rows: [[Panel]]) {
    var seen: [ColorScale] = []
    for panel in rows.joined() {
      for scale in Self.scales(panel) {
        let isRepeated = seen.contains(scale)
        seen.append(scale)
        if case .categories = scale.kind {
          if !isRepeated { shared.append(scale) }
        } else if isRepeated && !shared.contains(scale) {
          shared.append(scale)
        }
      }
    }
  }

  /// The continuous scales that only `panel` uses.
  func own(_ panel: Panel) -> [ColorScale] {
    Self.scales(panel).filter { !shared.contains($0) }
  }

  private static func scales(_ panel: Panel) -> [ColorScale] {
    var scales: [ColorScale] = []
    for scale in panel.marks.compactMap({ $0.content.colorScale }) where !scales.contains(scale) {
      scales.append(scale)
    }
    return scales
  }
}

/// The range that each panel of a figure shows on one axis.
struct SharedDomains {
  let domains: [[ClosedRange<Double>]]

  init(_ rows: [[Panel]], sharing: Figure.Sharing, isX: Bool) {
    func axis(_ panel: Panel) -> Axis { isX ? panel.x : panel.y }
    let blocks = GridLayout.blocks(rows.map(\.count))
    func group(_ row: Int, _ column: Int) -> [Int] {
      switch sharing {
      case .separate: [row, column]
      case .aligned: isX ? [blocks[row], column] : [row]
      case .all: []
      }
    }
    var members: [[Int]: [Panel]] = [:]
    for (row, panels) in rows.enumerated() {
      for (column, panel) in panels.enumerated() { members[group(row, column), default: []].append(panel) }
    }
    domains = rows.enumerated().map { row, panels in
      panels.enumerated().map { column, panel in
        let peers = members[group(row, column)] ?? [panel]
        let given = peers.compactMap { axis($0).domain }
        var resolved = axis(panel)
        if let low = given.map(\.lowerBound).min(), let high = given.map(\.upperBound).max() {
          resolved.domain = low...high
        }
        let extents = peers.flatMap { peer in
          peer.marks.compactMap { mark -> Extent? in
            let both = mark.content.extents(logX: peer.x.kind == .log, logY: peer.y.kind == .log)
            return isX ? both.x : both.y
          }
        }
        let extent = extents.dropFirst().reduce(extents.first) { $0?.union($1) }
        return Domain.resolve(resolved, extent: extent)
      }
    }
  }
}
