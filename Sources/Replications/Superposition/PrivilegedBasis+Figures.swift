// What each neuron reads when the hidden layer has a ReLU: one feature each when dense, shared when sparse.

import Plotting
import ToyModels

extension PrivilegedBasis {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let kinds: [(title: String, published: String, models: (Observation) -> TrainedModels)] = [
      ("ReLU hidden layer, 1−S = 0.75", "published 5", \.dense),
      ("ReLU hidden layer, 1−S = 0.03", "published 0", \.sparse),
      ("no hidden ReLU, 1−S = 0.75", "control", \.unprivileged),
    ]
    let importance = ColorScale.sequential("importance Iᵢ = 0.75ⁱ", 0...1)
    let colors = ColorScale.diverging("weight W", limit: 2.5)
    let importances = geometricImportance(0.75, 10).map { Double($0) }
    let columns = kinds.map { kind -> (bars: Panel, matrix: Panel) in
      let reads = Neurons(kind.models(first).bestGeometry.directions)
      let counts = seeds.map { String(monosemanticNeurons(kind.models($0).bestGeometry.directions)) }
      let stacks = reads.weights.map { $0.map(abs) }
      let bars = Panel(
        title: "monosemantic: \(counts.joined(separator: ", ")) (\(kind.published))",
        x: .categories(reads.order.indices.map { "\($0 + 1)" }, label: "neuron"), y: .linear("|W|, stacked by feature"),
        size: Size(230, 150),
        marks: [
          .stackedBars(
            stacks, color: .values(stacks.flatMap { _ in importances }, importance),
            titles: stacks.flatMap { stack in stack.enumerated().map { "feature \($0): \($1.brief)" } })
        ])
      let features = reads.weights[0].indices
      let matrix = Panel(
        x: .categories(reads.order.indices.map { "\($0 + 1)" }, label: "neuron"),
        y: .categories(features.map(String.init), label: "feature", reversed: true), size: Size(230, 150),
        marks: [.heatMap(features.map { feature in reads.weights.map { $0[feature] } }, colors: colors)])
      return (bars, matrix)
    }
    return [
      try Drawing(
        name,
        Figure(
          title: "A hidden ReLU makes neurons monosemantic when features are dense, shared when they are sparse",
          subtitle: "10 features of importance 0.75ⁱ in 5 neurons; lowest-loss model of \(Self.denseRestarts) "
            + "when dense, of \(Self.restarts) when sparse (control: of \(Self.controlRestarts)), first of \(seedsInWords(seeds.count))",
          caption:
            "Above: the weights of each neuron, stacked by feature, most important at the bottom. Below: the same "
            + "weights with their signs. A neuron is monosemantic when no second weight reaches a fifth of its "
            + "largest; counts are given for every seed.",
          rows: [columns.map(\.bars), columns.map(\.matrix)], sharedX: .aligned, sharedY: .aligned,
          columnLabels: kinds.map(\.title)))
    ]
  }
}

/// The weights into a hidden layer by neuron, in the order of the feature that each neuron reads most.
struct Neurons {
  /// The neurons' numbers in the order shown.
  let order: [Int]
  /// `[neuron in that order][feature]`.
  let weights: [[Double]]

  /// Orders the neurons of directions `[feature][neuron]`.
  init(_ directions: [[Double]]) {
    let neurons = directions.first?.indices ?? 0..<0
    let strongest = neurons.map { neuron in
      directions.indices.max { abs(directions[$0][neuron]) < abs(directions[$1][neuron]) } ?? 0
    }
    order = neurons.sorted { (strongest[$0], $0) < (strongest[$1], $1) }
    weights = order.map { neuron in directions.map { $0[neuron] } }
  }
}
