// Trajectories of per-token losses in the plane of their first two principal components.

import Plotting

extension PerTokenLosses {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    return [try Drawing(name, Self.trajectories(seeds))]
  }

  private static func trajectories(_ seeds: [Observation]) -> Figure {
    func path(_ seed: Observation, _ number: Int) -> Panel {
      func line(_ name: String?, _ points: [[Double]], _ color: Ink) -> Mark {
        .line(name, points.map { Point($0[0], $0[1]) }, color: .ink(color), markers: true)
      }
      let window = seed.twoLayers.window
      let inside = steps.indices.filter { window.contains(Double(steps[$0])) }
      let (first, last) = (max((inside.first ?? 1) - 1, 0), min((inside.last ?? 0) + 1, steps.count - 1))
      let turn = pivot(of: seed.twoLayerPath, at: steps, in: window)
      return Panel(
        title: "seed \(number): turns by \(turn.angle.rounded().brief)°",
        x: .linear("component 1 (\((100 * seed.explained[0]).rounded().brief) %)"),
        y: .linear("component 2 (\((100 * seed.explained[1]).rounded().brief) %)"), aspect: .equal,
        size: Size(260, 220),
        marks: [
          line("one layer (control)", seed.oneLayerPath, .control),
          line("two layers", seed.twoLayerPath, .series(0)),
          line("two layers, in the window", Array(seed.twoLayerPath[first...max(first, last)]), .series(1)),
        ])
    }
    func matching(_ seed: Observation) -> Panel {
      Panel(
        x: .linear("step", 0...(seed.twoLayers.end)), y: .linear("prefix matching", 0...1), size: Size(260, 90),
        marks: [
          .band(x: seed.twoLayers.window),
          .line(nil, xs: seed.oneLayer.xs, ys: seed.oneLayer.prefixMatching, color: .ink(.control)),
          .line(nil, xs: seed.twoLayers.xs, ys: seed.twoLayers.prefixMatching, color: .ink(.series(0))),
        ])
    }
    return Figure(
      title: "In the window the trajectory of per-token losses turns; with one layer it does not",
      subtitle: "losses on \(tokens) tokens every \(steps[1]) steps, Markov background; \(seedsInWords(seeds.count))",
      caption:
        "Above: both models' losses in the plane of their common first two principal components, from the untrained models, "
        + "which lie together. Below: prefix matching, with the window. Paper: the trajectory of every model "
        + "pivots in its phase change, except for the one-layer model's; no angle is published.",
      rows: [seeds.enumerated().map { path($1, $0) }, seeds.map(matching)])
  }
}
