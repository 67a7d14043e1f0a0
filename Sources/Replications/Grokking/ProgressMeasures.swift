// The progress measures (Nanda et al. 2023, section 5.1) of one model on its way, and the steps at which they pass their
// marks (section 5.2).

import ToyModels

/// What is measured of a model in training.
struct ProgressMeasures: Sendable {
  let step: Int
  let training, heldOut: AnswerQuality
  /// The loss on held-out pairs of the key frequencies' components alone; under the control, of other frequencies, NaN
  /// where there are not as many.
  let restricted, restrictedControl: Double
  /// The loss in training without the key frequencies' components; under the control, without other frequencies, NaN
  /// where there are not as many.
  let excluded, excludedControl: Double
  let embeddingGini, logitGini: Double
  let sumOfSquares: Double
}

/// What the measures need besides the model.
struct ProgressSettings: Sendable {
  let training, heldOut: ModularAdditionPairs
  /// The key frequencies, and as many others drawn at random.
  let keyFrequencies, otherFrequencies: [Int]

  func measure(_ snapshot: GrokkingSnapshot) -> ProgressMeasures {
    let table = AnswerTable(snapshot.model)
    let spectra = AdditionSpectra(snapshot.model)
    // A model in which most frequencies are key ones has no control: there are not as many others.
    let hasControl = otherFrequencies.count == keyFrequencies.count
    return ProgressMeasures(
      step: snapshot.step,
      training: table.quality(on: training),
      heldOut: table.quality(on: heldOut),
      restricted: table.restrictedLoss(on: heldOut, to: keyFrequencies),
      restrictedControl: hasControl ? table.restrictedLoss(on: heldOut, to: otherFrequencies) : .nan,
      excluded: table.excludedLoss(on: training, without: keyFrequencies),
      excludedControl: hasControl ? table.excludedLoss(on: training, without: otherFrequencies) : .nan,
      embeddingGini: giniCoefficient(spectra.embedding),
      logitGini: giniCoefficient(spectra.logits),
      sumOfSquares: snapshot.model.sumOfSquares)
  }
}

/// The measures of one training, in the order of the steps.
struct GrokkingCourse: Sendable {
  let measures: [ProgressMeasures]

  /// The accuracy that counts as knowing all of it.
  static let known = 0.99

  /// The first step at which a condition holds.
  func first(_ holds: (ProgressMeasures) -> Bool) -> Int? { measures.first(where: holds)?.step }

  /// When the pairs of training are memorised.
  var memorised: Int? { first { $0.training.accuracy > Self.known } }

  /// When the held-out pairs are known.
  var generalised: Int? { first { $0.heldOut.accuracy > Self.known } }

  /// When the held-out loss falls through one nat.
  var heldOutFalls: Int? { first { $0.heldOut.loss <= 1 } }

  /// The measures when the restricted loss has fallen to one nat.
  func circuitFormed(_ restricted: KeyPath<ProgressMeasures, Double>) -> ProgressMeasures? {
    measures.first { $0[keyPath: restricted] <= 1 }
  }

  /// When an excluded loss has risen by one nat from the lowest it had been.
  func rises(_ excluded: KeyPath<ProgressMeasures, Double>) -> Int? {
    var lowest = Double.infinity
    return first { measure in
      lowest = min(lowest, measure[keyPath: excluded])
      return measure[keyPath: excluded] >= lowest + 1
    }
  }

  /// Whether memorisation, circuit formation and cleanup come in this order, by an excluded loss.
  func hasPhases(_ excluded: KeyPath<ProgressMeasures, Double>) -> Bool {
    guard let memorised, let rise = rises(excluded), let fall = heldOutFalls else { return false }
    return memorised < rise && rise < fall
  }

  /// How many times later the accuracy on held-out pairs passes 0.99 than that in training does; NaN where one never
  /// does.
  var delay: Double {
    guard let memorised, let generalised else { return .nan }
    return Double(generalised) / Double(memorised)
  }

  /// What a model knows after a number of steps.
  struct Accuracies: Sendable {
    var step: Int
    var training, heldOut: Double
  }

  /// The least delay that a course of which only accuracies are known can have: a model that never knows the held-out
  /// pairs is taken to do so at the end.
  static func delayAtLeast(_ course: [Accuracies]) -> Double {
    guard let memorised = course.first(where: { $0.training > known }), let last = course.last else { return .nan }
    return Double((course.first { $0.heldOut > known } ?? last).step) / Double(memorised.step)
  }
}
