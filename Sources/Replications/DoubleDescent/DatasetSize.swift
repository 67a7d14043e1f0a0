// From few examples to many (Henighan et al. 2023, the figures over the size of the training set): test loss, the weights'
// norm, the dimensionalities of features and of training examples, and the polygons that they form.
//
// 1,000 features in two hidden dimensions, ten of them active in an example; at every size a training set of its own, and a
// second model on some of the sets with a weight decay of 1.

import Foundation
import Tensors
import ToyModels

struct DatasetSize: Experiment {
  let name = "DatasetSize"
  let claims = [
    "double-descent.few.memorised", "double-descent.few.dimensionality", "double-descent.few.mean-dimensionality",
    "double-descent.few.polygon", "double-descent.few.examples-above-features", "double-descent.many.generalises",
    "double-descent.many.five", "double-descent.many.share", "double-descent.many.pentagon",
    "double-descent.many.norm", "double-descent.bump.order", "double-descent.bump.weight-decay",
    "double-descent.bump.norm", "double-descent.bump.dimensionality", "double-descent.bump.transition",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(training.features), "hidden": .int(training.hidden), "density": .double(training.density),
    "sizes": .array(sizes.map(ConfigurationValue.int)),
    "sizesAtWeightDecay1": .array(decayedSizes.map(ConfigurationValue.int)), "steps": .int(training.steps),
    "optimizer": "AdamW, 5 % linear warm-up to 1e-2 up to ten examples and 5e-3 beyond, then a cosine to zero",
    "weightDecay": 0.01, "initialization": "Xavier normal; up to ten examples the best of eight by training loss",
    "sizesOfEndlessSteps": .array(endlessSizes.map(ConfigurationValue.int)), "heldOut": .int(heldOut),
    "control": "other initial weights; untrained; the other end of the range; training loss; endless data",
  ]

  static let training = SetTraining()
  static let sizes = [3, 4, 5, 6, 8, 10, 15, 30, 60, 100, 200, 400, 800, 1_500, 3_000]
  static let decayedSizes = [5, 30, 100, 200, 400, 800]
  static let bumpSizes = [200, 400]
  static let endlessSizes = [5, 30, 100, 200]
  static let heldOut = 20_000

  struct Observation: Sendable {
    /// By size.
    var trained: [TrainedOnSet]
    /// Before training, by size.
    var untrained: [TrainedOnSet]
    /// With a weight decay of 1.
    var decayed: [TrainedOnSet]
    /// On the sets of the bump, from other initial weights.
    var again: [TrainedOnSet]
    /// With new examples at every step, as many as the size says.
    var endless: [TrainedOnSet]
    /// What the best constant answer costs on fresh examples.
    var constantLoss: Double

    func trained(on size: Int) -> TrainedOnSet { trained[sizes.firstIndex(of: size) ?? 0] }

    func untrained(on size: Int) -> TrainedOnSet { untrained[sizes.firstIndex(of: size) ?? 0] }
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var withDecay = Self.training
    withDecay.weightDecay = 1
    withDecay.restarts = 1
    var again = Self.training
    again.firstInitialization = again.restarts
    let heldOut = Self.training.examples(Self.heldOut, run.random("held out"))
    let total =
      (Self.sizes + Self.bumpSizes).reduce(0) { $0 + Self.training.work($1) }
      + (Self.decayedSizes + Self.endlessSizes).reduce(0) { $0 + withDecay.work($1) }
    var done = 0.0
    func progress(_ work: Double) throws {
      try run.checkCancellation()
      done += work
      run.report(done / total)
    }
    func train(_ training: SetTraining, _ size: Int) throws -> TrainedOnSet {
      try training.train(size, run.random("set of \(size)"), heldOut: heldOut, progress: progress)
    }
    return Observation(
      trained: try Self.sizes.map { try train(Self.training, $0) },
      untrained: Self.sizes.map { Self.training.untrained($0, run.random("set of \($0)"), heldOut: heldOut) },
      decayed: try Self.decayedSizes.map { try train(withDecay, $0) },
      again: try Self.bumpSizes.map { try train(again, $0) },
      endless: try Self.endlessSizes.map { size in
        try Self.training.trainEndlessly(
          size, run.random("set of \(size)"), heldOut: heldOut, progress: progress)
      },
      constantLoss: DescentMeasures.constantLoss(heldOut))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (few, bump, many) = (seed.trained(on: 5), seed.trained(on: 200), seed.trained(on: 3_000))
    return [
      Reading(
        claim: "double-descent.few.memorised", value: few.trainingLoss, control: many.trainingLoss,
        detail: ["test loss": few.testLoss]),
      Reading(
        claim: "double-descent.few.dimensionality", value: Self.polygonDeviation(seed.trained),
        control: Self.polygonDeviation(seed.untrained),
        detail: [
          "smallest at T = 5": few.exampleDimensionalities.min() ?? .nan, "largest at T = 5": few.largestExample,
        ]),
      Reading(
        claim: "double-descent.few.mean-dimensionality", value: Self.meanDeviation(seed.trained),
        control: Self.meanDeviation(seed.untrained)),
      Reading(
        claim: "double-descent.few.polygon", value: DescentMeasures.polygonError(few.examples),
        control: DescentMeasures.polygonError(seed.untrained(on: 5).examples)),
      Reading(
        claim: "double-descent.few.examples-above-features", held: few.hasExamplesAboveFeatures,
        controlHeld: many.hasExamplesAboveFeatures,
        detail: [
          "largest of features": few.largestFeature, "smallest of examples": few.exampleDimensionalities.min() ?? .nan,
          "largest of features at T = 10": seed.trained(on: 10).largestFeature,
          "largest of examples at T = 10": seed.trained(on: 10).largestExample,
          "sizes up to 10 where it holds": Double(
            seed.trained.count { $0.size <= SetTraining.fewExamples && $0.hasExamplesAboveFeatures }),
        ]),
      Reading(
        claim: "double-descent.many.generalises", value: many.testLoss - seed.constantLoss,
        control: few.testLoss - seed.constantLoss,
        detail: [
          "test loss": many.testLoss, "training loss": many.trainingLoss, "best constant": seed.constantLoss,
        ]),
      Reading(
        claim: "double-descent.many.five", value: Double(many.represented), control: Double(few.represented),
        detail: many.foremostDetail),
      Reading(
        claim: "double-descent.many.share", value: many.shareOfFive, control: few.shareOfFive,
        detail: many.foremostDetail),
      Reading(
        claim: "double-descent.many.pentagon", value: many.polygonError, control: few.polygonError,
        detail: ["corners": Double(many.corners)]),
      Reading(
        claim: "double-descent.many.norm", value: many.weightNorm, control: bump.weightNorm),
    ] + bumpReadings(seed)
  }

  private func bumpReadings(_ seed: Observation) -> [Reading] {
    let (few, many) = (seed.trained(on: 5), seed.trained(on: 3_000))
    let middle = Self.bumpSizes.map(seed.trained(on:))
    func isBump(_ loss: (TrainedOnSet) -> Double) -> Bool {
      DescentMeasures.isBump(first: loss(few), middle: middle.map(loss), last: loss(many))
    }
    func transition(_ models: [TrainedOnSet]) -> Double {
      DescentMeasures.transition(
        sizes: models.map(\.size), losses: models.map(\.testLoss), density: Self.training.density)
    }
    let sameSizes = Self.decayedSizes.map(seed.trained(on:))
    /// How much larger the largest norm is than those at both ends of the range.
    func rise(_ models: [TrainedOnSet]) -> Double {
      (models.map(\.weightNorm).max() ?? .nan) / max(few.weightNorm, many.weightNorm)
    }
    func height(_ models: [TrainedOnSet]) -> Double { log(models.map(\.testLoss).max() ?? .nan) }
    let top = seed.trained.max { $0.testLoss < $1.testLoss }
    return [
      Reading(
        claim: "double-descent.bump.order", held: isBump(\.testLoss), controlHeld: isBump(\.trainingLoss),
        detail: [
          "test loss at T = 5": few.testLoss, "test loss at T = 200": middle[0].testLoss,
          "test loss at T = 400": middle[1].testLoss, "test loss at T = 3000": many.testLoss,
          "largest test loss": top?.testLoss ?? .nan, "T of the largest": Double(top?.size ?? 0),
        ]),
      Reading(
        claim: "double-descent.bump.weight-decay", value: height(seed.decayed) / height(sameSizes),
        control: height(seed.again) / height(sameSizes),
        detail: [
          "largest test loss": exp(height(seed.decayed)), "with decay 0.01": exp(height(sameSizes)),
          "with decay 0.01 again": exp(height(seed.again)),
        ]),
      Reading(
        claim: "double-descent.bump.norm", value: rise(sameSizes), control: rise(seed.endless),
        detail: [
          "largest": sameSizes.map(\.weightNorm).max() ?? .nan, "at T = 5": few.weightNorm,
          "at T = 3000": many.weightNorm, "largest at weight decay 1": seed.decayed.map(\.weightNorm).max() ?? .nan,
          "largest on endless data": seed.endless.map(\.weightNorm).max() ?? .nan,
        ]),
      Reading(
        claim: "double-descent.bump.dimensionality", value: max(middle[0].largestFeature, middle[0].largestExample),
        control: max(many.largestFeature, many.largestExample)),
      Reading(
        claim: "double-descent.bump.transition", value: transition(seed.trained), control: transition(seed.endless),
        detail: ["largest test loss on endless data": seed.endless.map(\.testLoss).max() ?? .nan]),
    ]
  }

  /// The largest |D·T/m − 1| of an example in the sets of four and five.
  private static func polygonDeviation(_ models: [TrainedOnSet]) -> Double {
    models.filter { $0.size == 4 || $0.size == 5 }.flatMap { model in
      model.exampleDimensionalities.map { abs($0 * Double(model.size) / Double(training.hidden) - 1) }
    }.max() ?? .nan
  }

  /// The largest |mean D·T/m − 1| over the sets of up to ten.
  private static func meanDeviation(_ models: [TrainedOnSet]) -> Double {
    models.filter { $0.size <= SetTraining.fewExamples }.map { model in
      abs(model.exampleDimensionalities.reduce(0, +) / Double(training.hidden) - 1)
    }.max() ?? .nan
  }
}

extension TrainedOnSet {
  /// Whether every example has a larger dimensionality than any feature.
  fileprivate var hasExamplesAboveFeatures: Bool { (exampleDimensionalities.min() ?? 0) > largestFeature }

  /// What the five features of largest dimensionality have of all dimensions.
  fileprivate var shareOfFive: Double {
    foremost(5).reduce(0) { $0 + featureDimensionalities[$1] } / Double(features.first?.count ?? 0)
  }

  /// The features that are the corners of a polygon: those that count as represented, and never fewer than five.
  fileprivate var corners: Int { max(represented, 5) }

  /// How far the gaps between the corners are from those of a regular polygon.
  fileprivate var polygonError: Double { DescentMeasures.polygonError(foremost(corners).map { features[$0] }) }

  /// The first, fifth and sixth largest dimensionality of a feature.
  fileprivate var foremostDetail: [String: Double] {
    let d = foremost(6).map { featureDimensionalities[$0] }
    return ["largest": d[0], "fifth": d[4], "sixth": d[5]]
  }
}
