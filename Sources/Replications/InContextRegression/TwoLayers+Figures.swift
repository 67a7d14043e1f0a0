// How two layers learn, beside one and two steps of gradient descent and two of GD++.

import Plotting

extension TwoLayers {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    let xs = (0...(Self.steps / OneLayer.interval)).map { Double($0 * OneLayer.interval) }
    func level(_ loss: KeyPath<Losses, Double>) -> Double { mean(seeds.map { $0.losses[keyPath: loss] }) }
    let panel = Panel(
      x: .linear("step", 0...Double(Self.steps)), y: .linear("mean squared error", 0...3.6), size: Size(440, 240),
      marks: [
        .seeds(
          "two layers of linear self-attention", xs: xs, seeds.map(\.way), color: .ink(.series(0)), markers: false),
        .rule(y: level(\.oneStep), label: "one step of gradient descent", style: .dotted),
        .rule(y: level(\.descent), label: "two steps", style: .dotted),
        .rule(y: level(\.descentPlusPlus), label: "two steps of GD++"),
      ])
    let figure = Figure(
      title: "Two layers do better than two steps of gradient descent",
      subtitle: "d = N = 10, x ~ U(−1, 1); \(seedsInWords(seeds.count))",
      caption:
        "Loss on \(OneLayer.followed) tasks that were never trained on, by seed and their mean. Lines: descents whose rates are "
        + "of least loss. GD++ transforms the inputs between its steps, as the first layer can.",
      panels: [panel])
    return [try Drawing(name, figure)]
  }
}
