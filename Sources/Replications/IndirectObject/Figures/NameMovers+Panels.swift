// What name movers do, as Wang et al. 2022 draw it: attention against projection (figure 3c), and how far apart the two
// answers are.

import Plotting

extension AttentionProjection {
  /// Attention from END to a name against what the head writes in its direction, a point a name and sentence.
  func panel(_ title: String, size: Size = Size(230, 200)) -> Panel {
    func points(_ points: [Point]) -> [Plotting.Point] {
      points.map { Plotting.Point(Double($0.attention), Double($0.projection)) }
    }
    return Panel(
      title: title, x: .linear("attention from END", -0.02...1.02), y: .linear("projection on the name"), size: size,
      marks: [
        .scatter("IO", points(io), color: .ink(.series(0)), radius: 2, opacity: 0.6),
        .scatter("S", points(subject), color: .ink(.series(1)), radius: 2, opacity: 0.6),
      ])
  }
}

extension Panel {
  /// How the logit differences of sentences are distributed, with those of a control as a line.
  static func logitDifferences(
    _ title: String, _ measured: [Double], control: [Double],
    names: (measured: String, control: String) = ("IOI", "ABC (control)"), bins: Int = 30, size: Size = Size(260, 190)
  ) -> Panel {
    let all = (measured + control).filter(\.isFinite)
    let (low, high) = (all.min() ?? 0, all.max() ?? 1)
    let range = low...max(high, low + 1e-6)
    let step = (range.upperBound - range.lowerBound) / Double(bins)
    var counts = Array(repeating: 0.0, count: bins)
    for value in control where value.isFinite { counts[min(bins - 1, Int((value - low) / step))] += 1 }
    return Panel(
      title: title, x: .linear("logit of IO less logit of S"), y: .linear("sentences"), size: size,
      marks: [
        .histogram(names.measured, measured, bins: bins, in: range, color: .ink(.series(0))),
        .line(
          names.control, xs: counts.indices.map { low + (Double($0) + 0.5) * step }, ys: counts,
          color: .ink(.control), markers: false),
        .rule(x: 0),
      ])
  }
}
