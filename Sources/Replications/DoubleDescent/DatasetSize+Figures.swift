// The article's stacked panels: test loss and dimensionalities over the size of the training set, and the vectors behind
// them at five sizes; then norm and training loss beside those under strong weight decay.

import Foundation
import Plotting
import ToyModels

extension DatasetSize {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.overview(seeds, first)), try Drawing("\(name)-decay", Self.decay(seeds)),
    ]
  }

  private static let xs = sizes.map(Double.init)
  private static let sizeAxis = Axis.log("training examples T", 2.5...3_600)
  private static let setting = "n = 1,000, m = 2, S = 0.99"
  private static let shown = [5, 30, 200, 1_500, 3_000]

  // MARK: Overview

  private static func overview(_ seeds: [Observation], _ first: Observation) -> Figure {
    let losses = seeds.map { $0.trained.map(\.testLoss) }
    let loss = Panel(
      x: sizeAxis, y: .log("test loss"), size: Size(620, 170),
      marks: [.rule(y: 1, label: "answering 0")]
        + losses.map { .line(nil, xs: xs, ys: $0, color: .ink(.series(0)), style: .thin) }
        + [
          .line(
            "mean over seeds", xs: xs, ys: sizes.indices.map { size in mean(losses.map { $0[size] }) },
            color: .ink(.series(0)), markers: true)
        ])
    // m/T from the upper edge of the panel to the right one.
    let curve = (0...60).map { step -> Point in
      let size = 2.8 * pow(3_500 / 2.8, Double(step) / 60)
      return Point(size, Double(training.hidden) / size)
    }
    let dimensionality = Panel(
      x: sizeAxis, y: .linear("dimensionality", 0...0.72), size: Size(620, 190),
      marks: [
        .publishedCurve(curve, name: "m/T"), .published(0.4, label: "2/5"),
        .scatter(
          "features", first.trained.flatMap { points($0.size, $0.featureDimensionalities) }, color: .ink(.series(0)),
          radius: 2.2, opacity: 0.6),
        .scatter(
          "training examples", first.trained.flatMap { points($0.size, $0.exampleDimensionalities) },
          color: .ink(.series(1)), radius: 2.2, opacity: 0.6),
      ])
    func sticks(_ vectors: (TrainedOnSet) -> [[Double]], _ name: String, _ color: Ink) -> [Panel] {
      shown.map { .sticks(vectors(first.trained(on: $0)), title: "T = \($0)", name: name, color: color) }
    }
    return Figure(
      title: "Few examples are memorised, many are generalised from, and between them test loss has a bump",
      subtitle: "\(setting); loss: \(seedsInWords(seeds.count)), the rest: the first of them",
      caption:
        "Above: loss on \(heldOut) fresh examples of length 1. Middle: dimensionality of each feature and each training "
        + "example, at most 60 of each at one T, the largest among them. Below: the columns of W and the hidden vectors "
        + "of the training set at five sizes, each panel on its own scale with the longest length above it and at most the "
        + "150 longest drawn.",
      rows: [
        [loss], [dimensionality], sticks(\.features, "features", .series(0)),
        sticks(\.examples, "training examples", .series(1)),
      ],
      rowLabels: ["", "", "columns of W", "hidden vectors"])
  }

  /// Dimensionalities at one size: the 30 largest, and as many spread over the rest.
  private static func points(_ size: Int, _ values: [Double]) -> [Point] {
    let sorted = values.sorted(by: >)
    let rest = sorted.dropFirst(30)
    let stride = max(1, (rest.count + 29) / 30)
    let chosen = sorted.prefix(30) + rest.enumerated().filter { $0.offset % stride == stride - 1 }.map(\.element)
    return chosen.map { Point(Double(size), $0) }
  }

  // MARK: Weight decay

  private static func decay(_ seeds: [Observation]) -> Figure {
    let decayedXs = decayedSizes.map(Double.init)
    func panel(_ title: String, _ y: Axis, _ value: (TrainedOnSet) -> Double, _ marks: [Mark] = []) -> Panel {
      Panel(
        title: title, x: sizeAxis, y: y, size: Size(290, 190),
        marks: marks + [
          .seeds(
            "weight decay 0.01", xs: xs, seeds.map { $0.trained.map(value) }, color: .ink(.series(0))),
          .seeds("weight decay 1", xs: decayedXs, seeds.map { $0.decayed.map(value) }, color: .ink(.series(1))),
          .seeds(
            "new examples at every step (control)", xs: endlessSizes.map(Double.init),
            seeds.map { $0.endless.map(value) }, color: .ink(.control)),
        ])
    }
    return Figure(
      title: "Weights swell towards the bump; strong weight decay halves them and leaves no bump",
      subtitle: "\(setting); mean and range of \(seedsInWords(seeds.count))",
      caption:
        "Over the size of the training set. Training loss is that of the same models on their own examples, or those of "
        + "their first step; answering zero costs 1. √5 is the norm of five features of length one, as published for many examples.",
      panels: [
        panel("test loss", .log(), \.testLoss),
        panel("training loss", .linear("", 0...1.05), \.trainingLoss),
        panel("‖W‖ (Frobenius)", .log(), \.weightNorm, [.published(2.236, label: "√5")]),
      ], columns: 3)
  }
}
