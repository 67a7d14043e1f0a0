// Two layers of self-attention against two steps of gradient descent (von Oswald et al. 2022, section 4 and figure 3).
//
// Tasks as for one layer. The first layer can also transform the inputs, which gradient descent does not: with such a
// transformation, GD++, two steps get further. Both kinds of descent have the rates of least loss on a set of tasks.

import Tensors
import ToyModels

struct TwoLayers: Experiment {
  let name = "TwoLayers"
  let claims = [
    "regression.two-layers.beats-descent", "regression.two-layers.gd-plus-plus", "regression.two-layers.cosine",
  ]
  let configuration: [String: ConfigurationValue] = [
    "dimensions": .int(OneLayer.dimensions), "examples": .int(OneLayer.examples), "steps": .int(TwoLayers.steps),
    "tasksPerStep": .int(OneLayer.batch), "optimizer": "Adam, rate 2e-3, half a cosine to zero",
    "initialVariance": "0.002 / 11", "testTasks": .int(OneLayer.heldOut),
    "tasksForRates": .int(TwoLayers.tasksForRates),
    "attention": "linear, to the context only",
  ]

  static let steps = 10_000
  static let learningRate = 2e-3
  /// Tasks on which the rates of both kinds of descent are optimal.
  static let tasksForRates = 4_000

  /// Mean squared errors on the same held-out tasks.
  struct Losses: Sendable {
    var trained, descent, descentPlusPlus, oneStep: Double
  }

  struct Observation: Sendable {
    /// The loss on followed tasks at every `OneLayer.interval` steps.
    var way: [Double]
    var losses: Losses
    /// The mean cosine of sensitivities with those of GD++: of the trained layers, the untrained, and plain descent.
    var cosines: (trained: Double, untrained: Double, descent: Double)
    /// η, γ and η of GD++.
    var rates: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let random = run.random("layers")
    func contexts(_ count: Int, _ label: String) -> RegressionContexts {
      var stream = run.random(label)
      return RegressionContexts(Self.tasks(count, using: &stream))
    }
    let untrained = TwoLayerRegressor(
      dimensions: OneLayer.dimensions, standardDeviation: (0.002 / Float(OneLayer.dimensions + 1)).squareRoot(),
      using: random.derived("weights"))
    let followed = contexts(OneLayer.followed, "followed")
    var (model, way) = (untrained, [Double]())
    var (optimizer, stream) = (Adam.adam(learningRate: Float(Self.learningRate)), random.derived("tasks"))
    let schedule = Schedule.halfCosine(over: Self.steps)
    for step in 0...Self.steps {
      if step % OneLayer.interval == 0 { way.append(followed.loss(of: model.directions(followed))) }
      guard step < Self.steps else { break }
      try run.checkCancellation()
      if step % 100 == 0 { run.report(Double(step) / Double(Self.steps)) }
      optimizer.learningRate = Float(Self.learningRate * schedule.factor(at: step))
      let batch = RegressionContexts(Self.tasks(OneLayer.batch, using: &stream))
      optimizer.update(&model, with: model.gradient(batch).gradients)
    }
    let tuning = contexts(Self.tasksForRates, "rates")
    let (descent, plusPlus) = (Self.best(isPlain: true, on: tuning), Self.best(isPlain: false, on: tuning))
    var held = run.random("held out")
    let tasks = Self.tasks(OneLayer.heldOut, using: &held)
    let contextsHeld = RegressionContexts(tasks)
    let (trained, target) = (model.directions(contextsHeld), plusPlus.directions(contextsHeld))
    let plain = descent.directions(contextsHeld)
    return Observation(
      way: way,
      losses: Losses(
        trained: contextsHeld.loss(of: trained), descent: contextsHeld.loss(of: plain),
        descentPlusPlus: contextsHeld.loss(of: target), oneStep: meanElement(OneLayer.descent.squaredErrors(tasks))),
      cosines: (
        Self.cosine(trained, target), Self.cosine(untrained.directions(contextsHeld), target),
        Self.cosine(plain, target)
      ),
      rates: plusPlus.rates.elements.map(Double.init))
  }

  /// The steps of least loss; the loss has several minima in the rates, so that more than one start is needed.
  private static func best(isPlain: Bool, on contexts: RegressionContexts) -> TwoStepDescent {
    let found = [(0.1, 0.1, 0.9), (0.2, 0.06, 0.7), (0.5, 0.03, 0.3), (0.1, 0.03, 0.2)].map { start in
      TwoStepDescent(
        rate: Float(start.0), curvature: Float(start.1), secondRate: Float(start.2), isPlain: isPlain
      ).optimized(on: contexts)
    }
    let losses = found.map { contexts.loss(of: $0.directions(contexts)) }
    let least = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    return found[least]
  }

  private static func tasks(_ count: Int, using stream: inout RandomStream) -> RegressionTasks {
    RegressionTasks(count, dimensions: OneLayer.dimensions, examples: OneLayer.examples, using: &stream)
  }

  /// The mean cosine of the inputs of two sets of directions: the query's y is zero and its element has no effect.
  private static func cosine(_ one: Tensor, _ other: Tensor) -> Double {
    let (count, width) = (one.shape[0], one.shape[1])
    return one.withUnsafeElements { one in
      other.withUnsafeElements { other in
        var total = 0.0
        for task in 0..<count {
          var (xx, xy, yy) = (0.0, 0.0, 0.0)
          for index in task * width..<(task + 1) * width - 1 {
            let (a, b) = (Double(one[index]), Double(other[index]))
            xx += a * a
            xy += a * b
            yy += b * b
          }
          total += xy / max((xx * yy).squareRoot(), .leastNormalMagnitude)
        }
        return total / Double(count)
      }
    }
  }

  func readings(_ seed: Observation) -> [Reading] {
    let losses = seed.losses
    return [
      Reading(
        claim: "regression.two-layers.beats-descent", value: losses.trained / losses.descent,
        control: losses.oneStep / losses.descent,
        detail: ["loss, two layers": losses.trained, "loss, two steps": losses.descent]),
      Reading(
        claim: "regression.two-layers.gd-plus-plus", value: losses.trained / losses.descentPlusPlus,
        control: losses.descent / losses.descentPlusPlus,
        detail: [
          "loss, GD++": losses.descentPlusPlus, "first rate": seed.rates[0], "curvature": seed.rates[1],
          "second rate": seed.rates[2],
        ]),
      Reading(
        claim: "regression.two-layers.cosine", value: seed.cosines.trained, control: seed.cosines.untrained,
        detail: ["of two steps of gradient descent": seed.cosines.descent]),
    ]
  }
}

extension RegressionContexts {
  /// The mean squared error of the predictions that vectors q make, in double precision.
  func loss(of directions: Tensor) -> Double { meanElement(predictions(directions) - targets) { $0 * $0 } }
}
