// The stages of the minimal model under both priors, and what its two layers have learned.

import Plotting
import ToyModels

extension MinimalModel {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.stages(seeds)), try Drawing("\(name)-weights", Self.weights(first, of: seeds.count)),
    ]
  }

  private static func stages(_ seeds: [Observation]) -> Figure {
    func takeovers(_ run: KeyPath<Observation, Run>) -> [Mark] {
      let steps = seeds.compactMap { $0[keyPath: run].stages.takeover }.map(Double.init)
      return steps.isEmpty ? [] : [.rule(x: mean(steps), label: "bigrams take over", style: .dotted)]
    }
    func panel(_ title: String, _ run: KeyPath<Observation, Run>) -> Panel {
      var panel = LearningStages.panel(title, seeds.map { $0[keyPath: run].stages })
      panel.marks += takeovers(run)
      return panel
    }
    return Figure(
      title: "First frequencies, then, suddenly, bigrams",
      subtitle: "minimal model, \(symbols) symbols, \(length - 1) positions; \(seedsInWords(seeds.count))",
      caption:
        "Divergence from each strategy to the model on \(heldOut) chains that were never trained on. Shading: the "
        + "strategy that the model is closest to. On doubly stochastic chains, where frequencies of symbols predict "
        + "nothing, bigrams take over sooner. Without a first layer that learns, the model stays at unigrams.",
      panels: [
        panel("rows from Dirichlet(1, 1, 1)", \.dirichlet),
        panel("doubly stochastic", \.doublyStochastic),
        panel("Dirichlet, first layer not trained", \.frozen),
      ], columns: 3, sharedY: .aligned)
  }

  private static func weights(_ seed: Observation, of count: Int) -> Figure {
    let runs = [("Dirichlet", seed.dirichlet.model), ("doubly stochastic", seed.doublyStochastic.model)]
    let shown = 12
    let matrices = runs.map { name, model in
      let rows = (0..<symbols).map { row in (0..<symbols).map { Double(model.weights[row, $0]) } }
      return Panel.matrix(
        title: "W, \(name)", rows, colors: .diverging("W", limit: 0.15), rowLabel: "present symbol",
        columnLabel: "symbol looked at", cell: 48, cellText: .decimals(3))
    }
    let distances = runs.map { name, model in
      Panel(
        title: "v, \(name)", x: .linear("distance", -0.7...(Double(shown) - 0.3)), y: .linear("v"),
        size: Size(230, 150),
        marks: [.bars(nil, (0..<shown).map { Double(model.distances[$0]) }), .rule(y: 0, style: .thin)])
    }
    return Figure(
      title: "What the two layers learn: to look one back, and to match",
      subtitle: "minimal model at the end of training; the first of \(seedsInWords(count))",
      caption:
        "W: how much the present symbol attends to places after a symbol; its diagonal makes the model count what "
        + "followed the present symbol. v: scores of the first \(shown) of \(length - 1) distances, of which the first "
        + "layer takes the softmax.",
      rows: [matrices, distances])
  }
}
