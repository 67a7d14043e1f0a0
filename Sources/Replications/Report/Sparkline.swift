// A trend in a cell: the means of recorded runs as a line, each run a mark whose shape is its verdict.

/// Draws the recorded runs of a claim small.
enum Sparkline {
  private static let width = 96.0
  private static let height = 24.0
  private static let inset = 4.0
  /// The most runs that are drawn: more would run into each other.
  static let limit = 24

  /// The SVG of the last runs; nil where there is none with a mean.
  static func svg(_ runs: [Trends.Run]) -> String? {
    let shown = Array(runs.suffix(limit))
    let means = shown.compactMap(\.mean).filter(\.isFinite)
    guard let low = means.min(), let high = means.max() else { return nil }
    func x(_ index: Int) -> Double {
      shown.count == 1 ? width / 2 : inset + (width - 2 * inset) * Double(index) / Double(shown.count - 1)
    }
    func y(_ mean: Double) -> Double {
      high == low ? height / 2 : height - inset - (height - 2 * inset) * ((mean - low) / (high - low))
    }
    var lines = ""
    var marks = ""
    var last: [Series: (x: Double, y: Double)] = [:]
    for (index, run) in shown.enumerated() {
      let series = Series(run)
      guard let mean = run.mean, mean.isFinite else {
        last[series] = nil
        continue
      }
      let (px, py) = (x(index), y(mean))
      if let last = last[series] {
        lines += "<line x1=\"\(tenths(last.x))\" y1=\"\(tenths(last.y))\" x2=\"\(tenths(px))\" y2=\"\(tenths(py))\"/>"
      }
      let title =
        "\(run.date.prefix(10)), \(run.commit.prefix(7)), root seed \(run.rootSeed), \(run.tier.rawValue), version "
        + "\(run.version): \(mean.brief), \(run.verdict.words)"
      marks +=
        "<path class=\"\(run.verdict.rawValue)\" d=\"\(shape(run.verdict, px, py))\">"
        + "<title>\(HTML.escape(title))</title></path>"
      last[series] = (px, py)
    }
    return """
      <svg class="sparkline" width="96" height="24" viewBox="0 0 96 24" role="img" \
      aria-label="\(HTML.escape(words(runs)))">\(lines)\(marks)</svg>
      """
  }

  /// Runs that a line joins: another version asked something else, and another root seed or tier drew something else, so
  /// that a line between them would show chance as change.
  private struct Series: Hashable {
    let version: Int
    let rootSeed: UInt64
    let tier: Tier

    init(_ run: Trends.Run) { (version, rootSeed, tier) = (run.version, run.rootSeed, run.tier) }
  }

  /// The trend in words: how many runs came out how, and between what their means lie.
  static func words(_ runs: [Trends.Run]) -> String {
    let counts = Verdict.Outcome.allCases.compactMap { outcome -> String? in
      let count = runs.count { $0.verdict == outcome }
      return count == 0 ? nil : "\(count) \(outcome.words)"
    }
    let means = runs.compactMap(\.mean).filter(\.isFinite)
    let range = means.min().flatMap { low in means.max().map { "; means from \(low.brief) to \($0.brief)" } } ?? ""
    return "\(runs.count) recorded \(runs.count == 1 ? "run" : "runs"): \(counts.joined(separator: ", "))\(range)"
  }

  /// A disc for reproduced, a cross for not reproduced, a triangle for inconclusive, a square for the rest.
  private static func shape(_ outcome: Verdict.Outcome, _ x: Double, _ y: Double) -> String {
    func point(_ dx: Double, _ dy: Double) -> String { "\(tenths(x + dx)) \(tenths(y + dy))" }
    switch outcome {
    case .reproduced: return "M\(point(-2.5, 0))a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z"
    case .notReproduced: return "M\(point(-2.5, -2.5))L\(point(2.5, 2.5))M\(point(-2.5, 2.5))L\(point(2.5, -2.5))"
    case .inconclusive: return "M\(point(0, -3))L\(point(3, 2.5))L\(point(-3, 2.5))z"
    case .notEvaluated, .error: return "M\(point(-2.2, -2.2))h4.4v4.4h-4.4z"
    }
  }

  /// A coordinate with one decimal, the same in every locale.
  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
