// The size of the article's own models (Henighan et al. 2023): 10,000 features, S = 0.999, at the three sizes of training sets
// that stand for memorisation, the bump and generalisation.

import Plotting
import Tensors
import ToyModels

struct PublishedScale: Experiment {
  let name = "PublishedScale"
  let claims = [
    "double-descent.published.order", "double-descent.published.polygon", "double-descent.published.five",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": 10_000, "hidden": 2, "density": 0.001, "sizes": .array(sizes.map(ConfigurationValue.int)),
    "steps": 3_000, "optimizer": "AdamW, 5 % linear warm-up to 1e-2 at T = 5 and 5e-3 beyond, then a cosine to zero",
    "weightDecay": 0.01, "initialization": "Xavier normal; at T = 5 the best of eight by training loss",
    "heldOut": .int(heldOut), "control": "training loss; untrained; T = 5",
  ]

  static let sizes = [5, 1_000, 20_000]
  static let heldOut = 20_000

  struct Observation: Sendable {
    /// By size.
    var trained: [TrainedOnSet]
    /// Before training, T = 5.
    var untrained: TrainedOnSet
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var training = SetTraining()
    (training.features, training.density) = (10_000, 0.001)
    let heldOut = training.examples(Self.heldOut, run.random("held out"))
    let total = Self.sizes.reduce(0) { $0 + training.work($1) }
    var done = 0.0
    return Observation(
      trained: try Self.sizes.map { size in
        try training.train(size, run.random("set of \(size)"), heldOut: heldOut) { work in
          try run.checkCancellation()
          done += work
          run.report(done / total)
        }
      },
      untrained: training.untrained(5, run.random("set of 5"), heldOut: heldOut))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (few, middle, many) = (seed.trained[0], seed.trained[1], seed.trained[2])
    func isBump(_ loss: (TrainedOnSet) -> Double) -> Bool {
      DescentMeasures.isBump(first: loss(few), middle: [loss(middle)], last: loss(many))
    }
    let leading = many.foremost(6).map { many.featureDimensionalities[$0] }
    return [
      Reading(
        claim: claims[0], held: isBump(\.testLoss), controlHeld: isBump(\.trainingLoss),
        detail: [
          "test loss at T = 5": few.testLoss, "test loss at T = 1000": middle.testLoss,
          "test loss at T = 20000": many.testLoss,
        ]),
      Reading(
        claim: claims[1], value: DescentMeasures.polygonError(few.examples),
        control: DescentMeasures.polygonError(seed.untrained.examples)),
      Reading(
        claim: claims[2], value: Double(many.represented), control: Double(few.represented),
        detail: ["largest": leading[0], "fifth": leading[4], "sixth": leading[5], "norm": many.weightNorm]),
    ]
  }

  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    func sticks(_ vectors: (TrainedOnSet) -> [[Double]], _ name: String, _ color: Ink) -> [Panel] {
      first.trained.map { .sticks(vectors($0), title: "T = \($0.size)", name: name, color: color, side: 150) }
    }
    return [
      try Drawing(
        name,
        Figure(
          title: "At the published size: examples, nothing in particular, features",
          subtitle: "n = 10,000, m = 2, S = 0.999; the first of \(seedsInWords(seeds.count))",
          caption:
            "The columns of W and the hidden vectors of the training set, each panel on its own scale with the longest length "
            + "above it and at most the 150 longest drawn.",
          rows: [sticks(\.features, "features", .series(0)), sticks(\.examples, "training examples", .series(1))],
          rowLabels: ["columns of W", "hidden vectors"]))
    ]
  }
}
