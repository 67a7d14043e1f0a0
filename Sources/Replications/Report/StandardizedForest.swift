// All claims on one scale: how far each measurement is inside or outside what was asked of it. Claims that are compared in
// different ways never share a figure, and rules that mean different things never share an axis.

import Plotting

/// The forest plot of the claims of one kind of comparison.
struct StandardizedForest {
  /// The farthest place on an axis; what lies beyond is said in words.
  private static let reach = 10.0

  private let rows: [Board.Row]
  private let comparison: Comparison

  /// Collects the rows of one kind of comparison.
  init(_ rows: [Board.Row], comparison: Comparison) {
    self.rows = rows.filter { $0.claim.comparison == comparison }
    self.comparison = comparison
  }

  /// The figure; nil where no claim is compared so.
  var figure: Figure? {
    let panels = [margins, bounds, orderings].compactMap(\.self)
    guard !panels.isEmpty else { return nil }
    return Figure(
      title: "Claims compared by \(comparison.rawValue), standardised",
      subtitle: "means over seeds with their 90 % intervals; \(rows.count) claims",
      rows: panels.map { [$0] })
  }

  /// Equivalence: the distance from the published value, in margins.
  private var margins: Panel? {
    panel(
      "Distance from the published value, in margins", atLeast: -2...2, marks: [.published(x: 0, margin: 1, label: "")]
    ) {
      row in
      if case .within(let range) = row.claim.criterion, range.lowerBound.isFinite, range.upperBound.isFinite {
        let (middle, half) = ((range.lowerBound + range.upperBound) / 2, (range.upperBound - range.lowerBound) / 2)
        return half > 0 ? Scale(unit: half) { ($0 - middle) / half } : Scale(unit: nil) { $0 }
      }
      guard let published = row.claim.criterion.published, let margin = row.claim.criterion.margin else { return nil }
      guard margin > 0 else { return Scale(unit: nil) { $0 } }
      return Scale(unit: margin) { ($0 - published) / margin }
    }
  }

  /// Bounds: the distance past the bound, in units of the control's distance before it.
  private var bounds: Panel? {
    let title = "Distance beyond the bound, the control's distance before it being 1"
    return panel(
      title, atLeast: -1.2...0.3, marks: [.rule(x: 0, label: "bound"), .rule(x: -1, label: "control")]
    ) { row in
      let (bound, sign): (Double, Double)
      switch row.claim.criterion {
      case .atLeast(let value): (bound, sign) = (value, 1)
      case .atMost(let value): (bound, sign) = (value, -1)
      case .within(let range) where range.upperBound == .infinity: (bound, sign) = (range.lowerBound, 1)
      case .within(let range) where range.lowerBound == -.infinity: (bound, sign) = (range.upperBound, -1)
      default: return nil
      }
      guard let control = row.control?.mean, control != bound else { return Scale(unit: nil) { $0 } }
      let unit = abs(bound - control)
      return Scale(unit: unit) { sign * ($0 - bound) / unit }
    }
  }

  /// Orderings: the share of seeds in which the order held.
  private var orderings: Panel? {
    panel("Share of seeds in which the order holds", atLeast: 0...1, marks: []) { row in
      guard case .ordering = row.claim.criterion else { return nil }
      return Scale(unit: 1) { $0 }
    }
  }

  /// How a row is brought onto an axis; without a unit it cannot be.
  private struct Scale {
    let unit: Double?
    let place: (Double) -> Double
  }

  /// The panel of the rows that have a scale; nil where there is none.
  private func panel(
    _ title: String, atLeast domain: ClosedRange<Double>, marks: [Mark], _ scale: (Board.Row) -> Scale?
  ) -> Panel? {
    let forest = rows.compactMap { row in scale(row).map { forestRow(row, $0) } }
    guard !forest.isEmpty else { return nil }
    let ends = forest.flatMap { row in
      [row.interval.estimate, row.interval.range?.lowerBound, row.interval.range?.upperBound].compactMap(\.self)
    }
    let low = max(min(domain.lowerBound, ends.min() ?? 0), -Self.reach)
    let high = min(max(domain.upperBound, ends.max() ?? 0), Self.reach)
    var panel = Panel.forest(title: title, forest, x: .linear("", low...high), width: 360)
    panel.marks = marks + panel.marks
    return panel
  }

  private func forestRow(_ row: Board.Row, _ scale: Scale) -> ForestRow {
    guard let measured = row.measured else { return ForestRow(row.claim.id, estimate: nil, note: row.outcome.words) }
    guard scale.unit != nil else {
      return ForestRow(row.claim.id, estimate: nil, note: "\(row.outcome.words): no scale")
    }
    let mean = scale.place(measured.mean)
    guard abs(mean) <= Self.reach else {
      return ForestRow(row.claim.id, estimate: nil, note: "\(row.outcome.words): \(mean.brief)")
    }
    let range = measured.interval.map { interval in
      let ends = [interval.lower, interval.upper].map { min(max(scale.place($0), -Self.reach), Self.reach) }.sorted()
      return ends[0]...ends[1]
    }
    let note = "\(row.outcome.words): \(measured.mean.brief)\(row.claim.criterion.shortWords)"
    return ForestRow(row.claim.id, estimate: mean, range: range, note: note)
  }
}

extension Criterion {
  /// What is asked of the measurement, as short as can be; empty for an ordering, of which the axis says all.
  fileprivate var shortWords: String {
    switch self {
    case .value(let published, let margin), .exact(let published, let margin):
      " (\(published.brief) ± \(margin.brief))"
    case .atLeast(let bound): " (≥ \(bound.brief))"
    case .atMost(let bound): " (≤ \(bound.brief))"
    case .ordering: ""
    case .within(let range): " (\(range.inWords))"
    }
  }
}
