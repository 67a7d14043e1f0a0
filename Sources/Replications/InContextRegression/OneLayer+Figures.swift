// The figures of von Oswald et al. 2022, section 3: the way of training, the weights, and inputs of other scales.

import Plotting
import ToyModels

extension OneLayer {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.training(seeds)), try Drawing("\(name)-weights", Self.weights(first, of: seeds.count)),
      try Drawing("\(name)-scales", Self.scales(seeds)),
    ]
  }

  private static let setting = "d = N = 10, x ~ U(−1, 1)"

  // MARK: The way of training

  private static func training(_ seeds: [Observation]) -> Figure {
    let xs = (0...(steps / interval)).map { Double($0 * interval) }
    func curve(_ value: (LayerComparison) -> Double) -> [[Double]] { seeds.map { $0.way.map(value) } }
    let x = Axis.linear("step", 0...Double(steps))
    let size = Size(300, 200)
    let loss = Panel(
      title: "loss", x: x, y: .linear("mean squared error", 0...4), size: size,
      marks: [
        .seeds("linear self-attention", xs: xs, curve(\.loss), color: .ink(.series(0)), markers: false),
        .seeds(
          "softmax, one head (control)", xs: xs, seeds.map { $0.softmaxWay.map(\.loss) }, color: .ink(.control),
          markers: false),
        .rule(y: theory.loss(rate: theory.optimalRate), label: "gradient descent, in theory"),
      ])
    let alignment = Panel(
      title: "sensitivities", x: x, y: .linear("cosine", -0.2...1.05), size: size,
      marks: [
        .seeds("cosine", xs: xs, curve(\.cosine), color: .ink(.series(1)), markers: false), .rule(y: 1, style: .dotted),
      ])
    let differences = Panel(
      title: "differences from gradient descent", x: x, y: .linear("difference", 0...2.2), size: size,
      marks: [
        .seeds("predictions, |Δŷ|", xs: xs, curve(\.difference), color: .ink(.series(2)), markers: false),
        .seeds("sensitivities, ‖Δ∂ŷ/∂x‖", xs: xs, curve(\.distance), color: .ink(.series(3)), markers: false),
      ])
    return Figure(
      title: "A layer of linear self-attention becomes a step of gradient descent",
      subtitle: "\(setting); \(seedsInWords(seeds.count))",
      caption:
        "On \(followed) tasks that were never trained on. Left: the loss falls, after a plateau, to the loss of one step of "
        + "gradient descent at its optimal rate, in closed form; one head of softmax attention does not get "
        + "there. Middle and right: cosine and distance of the gradients of both predictions by the query, and "
        + "the mean difference of the predictions.",
      panels: [loss, alignment, differences], columns: 3)
  }

  // MARK: Weights

  private static func weights(_ seed: Observation, of count: Int) -> Figure {
    func panels(_ title: String, _ weights: ProductWeights) -> [Panel] {
      // Scaled as for interpolation, so that both layers can be compared.
      let scale = weights.scale
      let names = (1...dimensions).map { "x\($0)" } + ["y"]
      return [
        .matrix(
          title: "KᵀQ, \(title)", weights.keyQuery.map { row in row.map { $0 / scale } },
          colors: .diverging("KᵀQ", limit: 1), rowLabel: "token", columnLabel: "query", rowNames: names,
          columnNames: names, cell: 20),
        .matrix(
          title: "last row of PV, \(title)", [weights.readout.map { $0 * scale }],
          colors: .diverging("PV", limit: 0.16), columnLabel: "token", rowNames: ["y"], columnNames: names, cell: 20),
      ]
    }
    let rows = [
      panels("trained", ProductWeights(seed.trained)), panels("construction", ProductWeights(descent)),
    ]
    return Figure(
      title: "Trained weights are those of the construction",
      subtitle: "\(setting); the first of \(seedsInWords(count))",
      caption:
        "Products of the layer's matrices, KᵀQ scaled to the norm that it has in the construction. The query's y is "
        + "always zero, so the last column of KᵀQ has no effect and stays where it started. The last entry of PV is minus "
        + "the learning rate.",
      rows: [rows.map { $0[0] }, rows.map { $0[1] }])
  }

  // MARK: Other scales

  private static func scales(_ seeds: [Observation]) -> Figure {
    func losses(_ loss: KeyPath<(descent: Double, trained: Double, softmax: Double), Double>) -> [[Double]] {
      seeds.map { $0.scaled.map { $0[keyPath: loss] } }
    }
    let fine = stride(from: 0.5, through: 2, by: 0.05).map { scale in
      Point(
        scale,
        GradientDescentTheory(dimensions: dimensions, examples: examples, scale: scale).loss(rate: theory.optimalRate))
    }
    return Figure(
      title: "On other inputs it does the same still",
      subtitle: "x ~ U(−α, α), trained at α = 1; \(seedsInWords(seeds.count))",
      caption:
        "Loss on \(heldOut) tasks. Line: one step of gradient descent at the rate that is optimal for α = 1, in closed "
        + "form. From α = 1.5 on it overshoots and is worse than predicting zero, and so is the layer.",
      panels: [
        Panel(
          x: .linear("scale α of the inputs", 0.4...2.1), y: .log("mean squared error"), size: Size(420, 240),
          marks: [
            .publishedCurve(fine, name: "gradient descent, in theory"),
            .seeds(
              "linear self-attention", xs: scales, losses(\.trained), color: .ink(.series(0)), style: .thin),
            .control(
              zip(scales, losses(\.softmax).first ?? []).map { Point($0, $1) }, name: "softmax, one head (control)"),
          ])
      ])
  }
}
