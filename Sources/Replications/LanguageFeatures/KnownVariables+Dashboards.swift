// The features themselves: a gallery of the best one of each variable, and a dashboard for each chosen one.

import Plotting

extension KnownVariables {
  // MARK: - Galleries

  static func figure(of gallery: FeatureGallery) -> Figure {
    let entries = gallery.entries
    let height = 20 * Double(entries.count)
    func panel(_ title: String, _ columns: [String], width: Double, _ mark: Mark, names: Bool = false) -> Panel {
      var rows = Axis.categories(entries.map { "\($0.variable) (\($0.feature))" }, reversed: true)
      rows.isHidden = !names
      return Panel(
        title: title, x: columns.isEmpty ? .hidden() : .categories(columns), y: rows, size: Size(width, height),
        marks: [mark])
    }
    let share = ColorScale.sequential("share, or part of the largest", 0...1)
    return Figure(
      title: "The best feature of the \(gallery.place.rawValue) for each variable of the language",
      subtitle: "one line a variable, with the number of its feature; seed 0",
      caption:
        "Held-out words. F1 of the feature and of the best dimension of the place itself, and the share of words on which the "
        + "feature is active. Histogram: those words by activation, in twelve parts of the largest. Context: seven words before "
        + "the largest activation that fits, and two after. Logits: the words that the feature's vector raises most on the direct "
        + "way through the unembedding\(gallery.place == .residual ? ", what the MLP makes of it left out" : "").",
      panels: [
        panel(
          "scores", ["feature", "dimension", "active"], width: 150,
          .heatMap(
            entries.map { [$0.score, $0.dimensionScore, $0.density] }, colors: share, cellText: .decimals(2)),
          names: true),
        panel("activations", [], width: 110, .heatMap(entries.map(\.histogram), colors: share)),
        panel(
          "context of the largest activation", [], width: 460,
          .heatMap(
            entries.map(\.context.activations), colors: share, cellText: .texts(entries.map(\.context.words)))),
        panel(
          "logits it raises most", [], width: 250,
          .heatMap(
            entries.map { $0.promoted.map(\.part) }, colors: share,
            cellText: .texts(entries.map { $0.promoted.map(\.word) }))),
      ], columns: 4)
  }

  // MARK: - Dashboards

  static func figure(of dashboard: FeatureDashboard) -> Figure {
    let largest = (dashboard.holding + dashboard.notHolding).max() ?? 1
    let histogram = Panel(
      title: "activations, where active", x: .linear("activation"), y: .linear("words"), size: Size(230, 150),
      marks: [
        .histogram(dashboard.variable, dashboard.holding, bins: 24, in: 0...largest),
        .histogram("not", dashboard.notHolding, bins: 24, in: 0...largest),
      ])
    func bars(_ title: String, _ axis: String, _ values: [(word: String, change: Double)]) -> Panel {
      Panel(
        title: title, x: .linear(axis), y: .categories(values.map(\.word), reversed: true), size: Size(150, 150),
        marks: [.bars(nil, values.map(\.change), orientation: .horizontal)])
    }
    let logits = bars("its logit weights", "logit of a unit", dashboard.promoted + dashboard.suppressed)
    let effects = bars("without it, less likely", "nats of log-probability", dashboard.raised + dashboard.lowered)
    let width = dashboard.contexts.first?.words.count ?? 0
    let contexts = Panel(
      title: "largest activations, one from each row", x: .hidden(-0.5...Double(width) - 0.5),
      y: .categories(dashboard.contexts.indices.map { "\($0 + 1)" }, reversed: true),
      size: Size(46 * Double(width), 20 * Double(dashboard.contexts.count)),
      marks: [
        .heatMap(
          dashboard.contexts.map(\.activations), colors: .sequential("activation", 0...largest),
          cellText: .texts(dashboard.contexts.map(\.words)))
      ])
    return Figure(
      title: "A feature of the \(dashboard.place.rawValue): \(dashboard.variable)",
      subtitle:
        "feature \(dashboard.feature), active on \((100 * dashboard.density).brief) % of words; F1 "
        + "\(((100 * dashboard.score).rounded() / 100).brief), best dimension "
        + "\(((100 * dashboard.dimensionScore).rounded() / 100).brief); seed 0",
      caption:
        "Held-out words. Left: split by whether the variable holds. Middle: the feature's vector through the unembedding. Right: "
        + "the log-probability of the next word less that with the feature set to zero, where it is active, mean. Below: each "
        + "row a stretch of text, shaded by activation.",
      rows: [[histogram, logits, effects], [contexts]])
  }
}
