// Computation in superposition: the function that the small model computes, what the neurons of the large one read, and
// the asymmetric motif of neurons that are shared.

import Plotting
import Tensors
import ToyModels

extension AbsoluteValue {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, function(seeds, first)), try Drawing("\(name)-neurons", neurons(seeds, first)),
      try Drawing("\(name)-sharing", sharing(seeds)), try Drawing("\(name)-motif", motif(seeds)),
    ]
  }

  // MARK: The small model

  private func function(_ seeds: [Observation], _ first: Observation) -> Figure {
    let colors = ColorScale.diverging("weight", limit: 2)
    let inputs = (-20...20).map { Double($0) / 20 }
    /// The output of each feature, by input, while the others are zero.
    func outputs(_ models: TrainedModels) -> [[Double]] {
      let features = models.model.architecture.features
      return (0..<features).map { feature in
        let x = inputs.flatMap { input in (0..<features).map { $0 == feature ? Float(input) : 0 } }
        let y = models.model(Tensor(x, [inputs.count, features]), instance: models.best).elements
        return inputs.indices.map { Double(y[$0 * features + feature]) }
      }
    }
    let reads = Neurons(first.small.bestGeometry.directions)
    let writes = first.small.model.decoderDirections(first.small.best)
    let losses = seeds.map(\.small.bestLoss)
    let controls = seeds.map(\.smallLinear.bestLoss)
    return Figure(
      title: "With two neurons for each feature the model computes the absolute value exactly",
      subtitle:
        "3 dense features, 6 neurons; lowest-loss model of 8, first of \(seedsInWords(seeds.count)); loss at most "
        + "\((losses.max() ?? .nan).brief), without hidden ReLU at least \((controls.min() ?? .nan).brief)",
      caption:
        "Left: the output for each of the three features as its input varies and the others are zero. Right: the "
        + "weights into and out of the neurons, sorted by feature: each feature has a neuron for either sign.",
      panels: [
        Panel(
          title: "output of a feature", x: .linear("input x", -1...1), y: .linear("output y′", -0.05...1.05),
          size: Size(230, 170),
          marks: outputs(first.smallLinear).enumerated().map { index, values in
            .line(index == 0 ? "no hidden ReLU (control)" : nil, xs: inputs, ys: values, color: .ink(.control))
          }
            + outputs(first.small).enumerated().map { index, values in
              .line(
                index == 0 ? "ReLU hidden layer" : nil, xs: inputs, ys: values, color: .ink(.series(0)))
            } + [.publishedCurve(inputs.map { Point($0, abs($0)) }, name: "published, |x|")]),
        weights("into neurons, W₁", first.small.bestGeometry.directions, reads.order, colors),
        weights("out of neurons, W₂", writes, reads.order, colors),
      ], columns: 3)
  }

  private func weights(_ title: String, _ rows: [[Double]], _ order: [Int], _ colors: ColorScale) -> Panel {
    .matrix(
      title: title, rows.map { row in order.map { row[$0] } }, colors: colors, rowLabel: "feature",
      columnLabel: "neuron", columnNames: order.indices.map { "\($0 + 1)" }, cell: 34, cellText: .decimals(2))
  }

  // MARK: Neurons over sparsity

  /// The weights of a neuron that get a segment of their own.
  private static let segments = 12

  private func neurons(_ seeds: [Observation], _ first: Observation) -> Figure {
    let colors = ColorScale.sequential("superposition of the feature", 0...1, map: .coolToWarm)
    let columns = [first.large, first.largeLinear]
    let rows = Self.densities.indices.map { index in
      columns.map { models -> Panel in
        let geometry = models[index].bestGeometry
        return bars(geometry, "monosemantic: \(monosemanticNeurons(geometry.directions)) of 40", colors)
      }
    }
    return Figure(
      title: "The sparser the features, the more of them share each neuron",
      subtitle:
        "absolute values of 100 features of importance 0.8ⁱ in 40 neurons, first of \(seedsInWords(seeds.count))",
      caption: "A bar for each neuron, sorted by the feature it reads most: a segment for each feature's share of the "
        + "neuron's squared weights W₁, the \(Self.segments) largest; the blank above is all others. One full block is "
        + "a neuron for one feature. Colour: how much of the feature's direction others use. Published: one feature "
        + "each at 1−S = 1, all shared at 0.01 and below.",
      rows: rows, sharedX: .all, sharedY: .all, columnLabels: ["ReLU hidden layer", "no hidden ReLU (control)"],
      rowLabels: Self.densities.map { densityInWords($0) })
  }

  private func bars(_ geometry: SuperpositionGeometry, _ title: String, _ colors: ColorScale) -> Panel {
    let neurons = Neurons(geometry.directions)
    let superposition = geometry.superposition
    var (stacks, inks, titles): ([[Double]], [Double], [String]) = ([], [], [])
    for weights in neurons.weights {
      let total = max(weights.reduce(0) { $0 + $1 * $1 }, 1e-12)
      let shares = weights.map { $0 * $0 / total }
      let order = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
      let largest = order.prefix(Self.segments).filter { shares[$0] >= 0.005 }
      stacks.append(largest.map { shares[$0] })
      inks += largest.map { min(superposition[$0], 1) }
      titles += largest.map { "feature \($0), W₁ = \(weights[$0].brief)" }
    }
    return Panel(
      title: title, x: .linear("neuron", -0.6...39.6), y: .linear("share of W₁²", 0...1), size: Size(330, 100),
      marks: [.stackedBars(stacks, color: .values(inks, colors), titles: titles)])
  }

  private func sharing(_ seeds: [Observation]) -> Figure {
    let densities = Self.densities.map { Double($0) }
    func values(_ models: KeyPath<Observation, [TrainedModels]>, _ number: ([[Double]]) -> Double) -> [[Double]] {
      seeds.map { $0[keyPath: models].map { number($0.bestGeometry.directions) } }
    }
    func panel(_ title: String, _ y: Axis, _ published: [Mark], _ number: ([[Double]]) -> Double) -> Panel {
      Panel(
        title: title, x: .log("density 1−S", reversed: true), y: y, size: Size(260, 180),
        marks: published + [
          .seeds(
            "no hidden ReLU (control)", xs: densities, values(\.largeLinear, number), color: .ink(.control),
            style: .dashed),
          .seeds("ReLU hidden layer", xs: densities, values(\.large, number)),
        ])
    }
    return Figure(
      title: "Neurons go from one feature to many as features become sparse",
      subtitle: "100 features in 40 neurons, \(seedsInWords(seeds.count)), mean and range",
      caption: "Left: neurons in which no second weight reaches a fifth of the largest; published are all down to "
        + "1−S = 0.3 and none from 0.01. Right: the median over neurons of (Σw²)²/Σw⁴, how many features a neuron "
        + "reads.",
      panels: [
        panel(
          "monosemantic neurons", .linear("fraction", 0...1.05),
          [
            .publishedCurve([Point(1, 1), Point(0.3, 1)]), .publishedCurve([Point(0.01, 0), Point(0.001, 0)]),
          ]
        ) { Double(monosemanticNeurons($0)) / 40 },
        panel("features per neuron", .log("participation ratio"), [.published(1, label: "1 feature")]) {
          Self.medianParticipation($0)
        },
      ], columns: 2)
  }

  // MARK: The asymmetric motif

  private func motif(_ seeds: [Observation]) -> Figure {
    let shares = seeds.map { Self.motif($0.large[1]).share }
    let controls = seeds.map { Self.motif($0.largeLinear[1]).share }
    func words(_ values: [Double]) -> String {
      values.map { "\((100 * $0).rounded().brief) %" }.joined(separator: ", ")
    }
    return Figure(
      title: "Some shared neurons read strongly what they write weakly, as in the published example",
      subtitle: "100 features in 40 neurons at 1−S = 0.1, \(seedsInWords(seeds.count))",
      caption:
        "Each point is a neuron that reads more than one feature; of the two that go through it most (by |W₁·W₂|), "
        + "how much more strongly it reads the one than the other, and how much more strongly it writes it. Below 1 is "
        + "the asymmetric motif: \(words(shares)) of the neurons by seed, without hidden ReLU \(words(controls)). The "
        + "published example has W₁ = (2, −1/2) and W₂ = (1/2, 2).",
      panels: [
        Panel(
          x: .log("ratio of reading weights |W₁|"), y: .log("ratio of writing weights |W₂|"),
          size: Size(460, 240),
          marks: [
            .rule(y: 1, label: "equal", style: .dotted),
            .control(seeds.flatMap { Self.ratios($0.largeLinear[1]) }, name: "no hidden ReLU (control)"),
            .scatter("ReLU hidden layer", seeds.flatMap { Self.ratios($0.large[1]) }, opacity: 0.7),
            .scatter("published example", [Point(4, 0.25)], color: .ink(.published), symbol: .square, radius: 5),
          ])
      ])
  }

  /// The ratios of reading and writing weights of shared neurons, the feature that is read more strongly first.
  private static func ratios(_ models: TrainedModels) -> [Point] {
    sharedNeurons(models).map { neuron in
      let (reads, writes) = (neuron.reads, neuron.writes)
      return reads.0 > reads.1
        ? Point(reads.0 / reads.1, writes.0 / writes.1) : Point(reads.1 / reads.0, writes.1 / writes.0)
    }
  }
}
