// Double descent over training sets and hidden dimensions (Henighan et al. 2023, the figure of test loss over T and m).

import Foundation
import Plotting
import Tensors
import ToyModels

struct HiddenDimensions: Experiment {
  let name = "HiddenDimensions"
  let claims = ["double-descent.map.band"]
  let configuration: [String: ConfigurationValue] = [
    "features": 1_000, "density": 0.01, "sizes": .array(sizes.map(ConfigurationValue.int)),
    "hidden": .array(dimensions.map(ConfigurationValue.int)), "steps": 3_000, "weightDecay": 0.01, "restarts": 1,
    "heldOut": .int(heldOut), "control": "training loss",
  ]

  static let sizes = [5, 10, 30, 100, 200, 400, 800, 1_500, 3_000, 10_000]
  static let dimensions = [1, 2, 3, 4, 6, 8]
  static let heldOut = 20_000

  struct Observation: Sendable {
    /// Losses on fresh examples and on the training set, `[hidden][size]`.
    var test, training: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var training = SetTraining()
    training.restarts = 1
    let heldOut = training.examples(Self.heldOut, run.random("held out"))
    let total = Self.sizes.reduce(0) { $0 + training.work($1) } * Double(Self.dimensions.count)
    var (done, observation) = (0.0, Observation(test: [], training: []))
    for hidden in Self.dimensions {
      training.hidden = hidden
      let models = try Self.sizes.map { size in
        try training.train(size, run.random("\(hidden) dimensions, set of \(size)"), heldOut: heldOut) { work in
          try run.checkCancellation()
          done += work
          run.report(done / total)
        }
      }
      observation.test.append(models.map(\.testLoss))
      observation.training.append(models.map(\.trainingLoss))
    }
    return observation
  }

  func readings(_ seed: Observation) -> [Reading] {
    func share(_ losses: [[Double]]) -> Double {
      Double(losses.count { DescentMeasures.isBand($0, above: 1.02) }) / Double(losses.count)
    }
    return [Reading(claim: claims[0], value: share(seed.test), control: share(seed.training))]
  }

  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    let cells = Self.dimensions.indices.map { row in
      Self.sizes.indices.map { column in geometricMean(seeds.map { $0.test[row][column] }) }
    }
    let logs = cells.map { $0.map(log10) }
    return [
      try Drawing(
        name,
        Figure(
          title: "The bump is a band over training sets and hidden dimensions",
          subtitle: "n = 1,000, S = 0.99; geometric mean of \(seedsInWords(seeds.count))",
          caption: "Loss on \(Self.heldOut) fresh examples, the colour its logarithm; answering zero costs 1.",
          panels: [
            .matrix(
              logs, colors: .diverging("log₁₀ test loss", limit: logs.joined().map(abs).max() ?? 1),
              rowLabel: "hidden dimensions m", columnLabel: "training examples T",
              rowNames: Self.dimensions.map(String.init), columnNames: Self.sizes.map(String.init), cell: 42,
              cellText: .texts(cells.map { $0.map(\.inThreeDigits) }))
          ]))
    ]
  }
}

private func geometricMean(_ values: [Double]) -> Double { exp(mean(values.map { log($0) })) }
