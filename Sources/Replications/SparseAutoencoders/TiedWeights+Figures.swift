// Tied and untied autoencoders over the penalty: what they recover, and what it costs them to reconstruct.

import Plotting

extension TiedWeights {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    let xs = Self.penalties.map { Double("\($0)") ?? .nan }
    let x = Axis.log("penalty α", ticks: xs.map { Axis.Tick($0, $0.brief) })
    func lines(_ value: (Outcome) -> Double) -> [Mark] {
      [
        .seeds("tied", xs: xs, seeds.map { $0.tied.map(value) }),
        .seeds("untied", xs: xs, seeds.map { $0.untied.map(value) }),
      ]
    }
    let components = mean(seeds.map { mean($0.components) })
    let figure = Figure(
      title: "Tied weights find the features too, in a narrower band of penalties",
      subtitle: "\(Self.latents) latents for \(Recovery.features) features in \(Recovery.inputs) dimensions; "
        + seedsInWords(seeds.count),
      caption:
        "Mean and range over seeds; both have the same data in the same order. The claims are read at α = 1. Principal "
        + "components with both signs, 64 vectors, are the most that can be had from the covariance alone. A tied encoder "
        + "cannot correct for interference between features that are not orthogonal, which shows in what it leaves unexplained.",
      panels: [
        Panel(
          title: "recovery", x: x, y: .linear("mean max cosine", 0.2...1.02), size: Size(270, 200),
          marks: [.rule(y: components, label: "PCA", color: .control)] + lines(\.recovery)),
        Panel(
          title: "reconstruction", x: x, y: .linear("unexplained variance", 0...1.1), size: Size(270, 200),
          marks: lines(\.unexplained)),
      ], columns: 2)
    return [try Drawing(name, figure)]
  }
}
