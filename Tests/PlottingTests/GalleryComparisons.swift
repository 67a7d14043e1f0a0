import Foundation

@testable import Plotting

/// Gallery figures that compare many units: neurons, claims, heads.
extension Gallery {
  static let neurons: Figure = {
    let share = ColorScale.sequential("feature's superposition", 0...1, map: .coolToWarm)
    let densities: [(String, Int)] = [("1−S = 1", 1), ("1−S = 0.1", 3), ("1−S = 0.001", 7)]
    let panels = densities.map { (title: String, count: Int) -> Panel in
      let stacks = (0..<16).map { (neuron: Int) -> [Double] in
        let sign: Double = neuron % 3 == 0 ? -1 : 1
        return (0..<count).map { sign / Double(1 + $0) }
      }
      let tints = stride(from: 0, to: 16, by: 4).map { (neuron: Int) -> Mark in
        let middle = Double(neuron)
        return .band(x: (middle - 0.5)...(middle + 0.5), color: .series(1), opacity: 0.1)
      }
      let places: [Double] = stacks.flatMap { stack in stack.indices.map { Double($0) / 6 } }
      return Panel(
        title: title, x: .linear("neuron", -0.6...15.6), y: .linear("|W₁| per feature"), size: Size(420, 80),
        marks: tints + [
          .stackedBars(stacks, color: .values(places, share))
        ])
    }
    return Figure(title: "Neurons turn from one feature to many", panels: panels, sharedX: .all)
  }()

  static let forest: Figure = {
    let rows = [
      ForestRow(
        "pentagon: gap between neighbours / 72°", estimate: 1.0004, range: 0.999...1.0018, published: 1, margin: 0.0139,
        control: 0.71, samples: [0.9995, 1.0004, 1.001, 0.9999, 1.0011], note: "1.000 [0.999, 1.002]"),
      ForestRow(
        "feature dimensionality at the half plateau / (1/2)", estimate: 1.02, range: 1.0...1.04, published: 1,
        margin: 0.06, control: 1.4, note: "1.02 [1.00, 1.04]"),
      ForestRow(
        "crossover of the loss curves when one feature grows rarer / 0.4", estimate: 0.65, range: 0.6...0.7,
        published: 1, margin: 0.1, note: "0.65 [0.60, 0.70] not reproduced"),
      ForestRow("adversarial ratio", estimate: nil, published: 1, margin: 0.15, note: "not evaluated"),
    ]
    return Figure(
      title: "Measured against published", subtitle: "90 % intervals of the mean over 5 seeds",
      panels: [.forest(rows, x: .linear("measured / published"))])
  }()

  static let headHeatMap: Figure = {
    var noise = Noise(state: 11)
    let scores = (0..<8).map { _ in (0..<8).map { _ in pow(noise.next(), 4) } }
    let drops = (0..<8).map { _ in
      (0..<8).map { (column: Int) -> Double in column == 3 ? .nan : 3 * (noise.next() - 0.4) }
    }
    return Figure(
      title: "Heads by layer", subtitle: "induction score, and change of the logit difference when ablated",
      rows: [
        [
          .matrix(
            title: "induction score", scores, colors: .sequential("score", 0...1, map: .viridis), rowLabel: "layer",
            columnLabel: "head", cellText: .decimals(2)),
          .matrix(
            title: "ablation", drops, colors: .diverging("Δ logit difference", center: 0.5, limit: 1.5),
            rowLabel: "layer", columnLabel: "head"),
        ],
        [
          Panel(
            title: "copying score", x: .linear("value patching"), y: .linear("output patching"), aspect: .equal,
            size: Size(200, 200),
            marks: [
              .line("y = x", [Point(-0.2, -0.2), Point(1.1, 1.1)], color: .ink(.muted), style: .dotted),
              .scatter(
                "head", (0..<24).map { _ in Point(noise.next(), noise.next()) },
                labels: (0..<24).map { "L\($0 / 8)H\($0 % 8)" }),
            ]),
          Panel(
            title: "direct effect", x: .categories(["John", "Mary", "gave", "a", "drink", "to", " Mary's", "friend"]),
            y: .linear("logit difference"), size: Size(200, 200),
            marks: [
              .bars("clean", [0.4, -0.2, 0.1, 0.9, 1.4, -0.6, 2.2, 0.3]), .published(1.2, margin: 0.3),
            ]),
        ],
      ])
  }()
}
