// A model's way through training, and what is read off it: when prefix matching rises, how much in-context learning
// forms meanwhile, and whether the loss falls faster late than early.

import Tensors
import Transformer

/// What one model shows after some numbers of steps.
struct InductionCurve: Sendable {
  /// The numbers of updates, ascending from 0.
  var steps: [Int]

  /// What the model shows after each.
  var readings: [InductionProbe.Reading]

  /// The last step.
  var end: Double { Double(steps.last ?? 0) }

  /// The steps as places on an axis.
  var xs: [Double] { steps.map(Double.init) }

  /// The prefix-matching score of the best head of the last layer.
  var prefixMatching: [Double] { readings.map(\.lastLayerPrefixMatching) }

  /// The in-context-learning score, in nats.
  var inContextLearning: [Double] { readings.map(\.inContextLearning) }

  /// The held-out loss, in nats.
  var losses: [Double] { readings.map(\.loss) }

  // MARK: - The window

  /// The steps between which prefix matching goes from 10 % to 90 % of its rise.
  var window: ClosedRange<Double> {
    let (start, finish) = (step(ofShare: 0.1, prefixMatching), step(ofShare: 0.9, prefixMatching))
    return start...max(start, finish)
  }

  /// The step at which a curve has gone a share of the way from its first value to its last.
  func step(ofShare share: Double, _ curve: [Double]) -> Double {
    guard let first = curve.first, let last = curve.last else { return end }
    return step(curve, reaches: first + share * (last - first), from: first)
  }

  /// The first step at which a curve that begins at `first` reaches a level, by interpolation; the end where it never
  /// does.
  func step(_ curve: [Double], reaches level: Double, from first: Double) -> Double {
    let isRising = level >= first
    guard let index = curve.firstIndex(where: { isRising ? $0 >= level : $0 <= level }) else { return end }
    guard index > 0, curve[index] != curve[index - 1] else { return Double(steps[index]) }
    let share = (level - curve[index - 1]) / (curve[index] - curve[index - 1])
    return Double(steps[index - 1]) + share * Double(steps[index] - steps[index - 1])
  }

  /// A curve's value at a step, by interpolation; its ends beyond them.
  func value(_ curve: [Double], at step: Double) -> Double {
    guard let index = steps.firstIndex(where: { Double($0) >= step }) else { return curve.last ?? .nan }
    guard index > 0 else { return curve[0] }
    let share = (step - Double(steps[index - 1])) / Double(steps[index] - steps[index - 1])
    return curve[index - 1] + share * (curve[index] - curve[index - 1])
  }

  // MARK: - What happens in it

  /// The share of the final in-context-learning score that forms between two steps.
  func shareOfLearning(in range: ClosedRange<Double>) -> Double {
    let scores = inContextLearning
    return (value(scores, at: range.upperBound) - value(scores, at: range.lowerBound)) / (scores.last ?? .nan)
  }

  /// The most by which the loss drops further in a stretch of steps than in an earlier one: 0 for a convex curve.
  func bump(stretch: Int = 100) -> Double {
    let ends = steps.indices.filter { steps[$0] % stretch == 0 }
    let drops = zip(ends, ends.dropFirst()).map { losses[$0] - losses[$1] }
    var (largest, least) = (0.0, Double.infinity)
    for drop in drops {
      largest = max(largest, drop - least)
      least = min(least, drop)
    }
    return largest
  }

  /// The stretch of this many steps in which the loss falls most, among those that begin and end with a measurement.
  func steepest(stretch: Int = 100) -> ClosedRange<Double> {
    var (best, fall) = (0...Double(stretch), -Double.infinity)
    for (start, step) in steps.enumerated() {
      guard let finish = steps.firstIndex(of: step + stretch), losses[start] - losses[finish] > fall else { continue }
      (best, fall) = (Double(step)...Double(step + stretch), losses[start] - losses[finish])
    }
    return best
  }

  /// The share of a range of steps that lies in another.
  static func overlap(of range: ClosedRange<Double>, with other: ClosedRange<Double>) -> Double {
    let shared = min(range.upperBound, other.upperBound) - max(range.lowerBound, other.lowerBound)
    return max(shared, 0) / (range.upperBound - range.lowerBound)
  }

  /// Half-way points of prefix matching, of in-context learning and of the distance to a reference's loss.
  ///
  /// Levels are taken from `model`, so that a curve that is not the model's own may never reach them.
  struct HalfWayPoints: Sendable, Equatable {
    var prefixMatching: Double
    var inContextLearning: Double
    var loss: Double

    /// The distance between the first and the last of them, in steps.
    var spread: Double {
      let points = [prefixMatching, inContextLearning, loss]
      return (points.max() ?? 0) - (points.min() ?? 0)
    }
  }

  /// When a model's heads form, and when learning in context and the loss of `observed` get half as far as the model's.
  static func halfWayPoints(
    of model: InductionCurve, observed: InductionCurve, reference: InductionCurve
  ) -> HalfWayPoints {
    func distance(_ curve: InductionCurve) -> [Double] { zip(reference.losses, curve.losses).map(-) }
    let half = (model.inContextLearning.last ?? .nan) / 2
    return HalfWayPoints(
      prefixMatching: model.step(ofShare: 0.5, model.prefixMatching),
      inContextLearning: observed.step(observed.inContextLearning, reaches: half, from: 0),
      loss: observed.step(distance(observed), reaches: (distance(model).last ?? .nan) / 2, from: 0))
  }
}

extension InductionCurve {
  /// Trains a model on batches of 32 rows and measures it on the way; returns the trained model too.
  ///
  /// `report` receives the share of the training that is done.
  static func train(
    _ model: AttentionOnlyModel, on data: CopiedSpans, learningRate: Float, at steps: [Int], probe: InductionProbe,
    stream: RandomStream, report: (Double) -> Void = { _ in }
  ) throws -> (curve: InductionCurve, model: HookedTransformer) {
    var training = model.training(steps: steps.last ?? 0, learningRate: learningRate, stream: stream)
    var curve = InductionCurve(steps: [], readings: [])
    for step in steps {
      try training.train(until: step) { _, stream in data.batch(32, using: &stream) }
      curve.steps.append(step)
      curve.readings.append(try probe.read(training.model))
      report(Double(step) / Double(max(steps.last ?? 1, 1)))
    }
    return (curve, training.model)
  }
}
