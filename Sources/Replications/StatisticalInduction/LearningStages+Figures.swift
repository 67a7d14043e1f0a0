// The figure that readers of Edelman et al. 2024 know: the divergence from each strategy over training, with the
// background in the colour of the strategy that the model is closest to.

import Plotting

extension LearningStages.Strategy {
  /// The strategy's colour in every figure.
  var ink: Ink {
    switch self {
    case .uniform: .series(2)
    case .unigram: .series(1)
    case .bigram: .series(0)
    }
  }
}

extension LearningStages {
  /// A panel of the divergences of some seeds: means as lines, ranges as bands, stages as shading.
  static func panel(_ title: String, _ seeds: [LearningStages], size: Size = Size(330, 220)) -> Panel {
    guard let first = seeds.first else { return Panel(title: title, marks: []) }
    let steps = first.steps.map(Double.init)
    let curves = Strategy.allCases.map { strategy in seeds.map { $0.curve(strategy) } }
    let lines = zip(Strategy.allCases, curves).map { strategy, curve in
      Mark.seeds("KL(\(strategy.rawValue) ‖ model)", xs: steps, curve, color: .ink(strategy.ink), markers: false)
    }
    return Panel(
      title: title, x: .linear("step", 0...(steps.last ?? 1)), y: .linear("nats", 0...0.3), size: size,
      marks: shading(steps, curves) + lines)
  }

  /// A band for each stretch of steps in which one strategy is the closest, by the means over seeds.
  private static func shading(_ steps: [Double], _ curves: [[[Double]]]) -> [Mark] {
    let closest = steps.indices.map { place in
      let means = curves.map { seeds in mean(seeds.map { $0[place] }) }
      return means.indices.min { means[$0] < means[$1] } ?? 0
    }
    var (bands, start) = ([Mark](), 0)
    for place in steps.indices.dropFirst() where closest[place] != closest[start] || place == steps.count - 1 {
      bands.append(
        .band(x: steps[start]...steps[place], color: Strategy.allCases[closest[start]].ink, opacity: 0.12))
      start = place
    }
    return bands
  }
}
