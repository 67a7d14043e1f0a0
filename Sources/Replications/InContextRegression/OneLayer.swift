// One layer of self-attention against one step of gradient descent (von Oswald et al. 2022, section 3 and figure 2).
//
// d = N = 10; w ~ N(0, I), x ~ U(−1, 1). The layer has full matrices K, Q, V and P and is trained from small random
// weights on fresh tasks. Gradient descent is the construction of proposition 1 at the rate that is optimal in theory.

import Tensors
import ToyModels

struct OneLayer: Experiment {
  let name = "OneLayer"
  let claims = [
    "regression.one-layer.cosine", "regression.one-layer.predictions", "regression.one-layer.loss",
    "regression.one-layer.construction", "regression.one-layer.rate", "regression.one-layer.interpolation",
    "regression.one-layer.out-of-distribution", "regression.softmax.falls-short",
  ]
  let configuration: [String: ConfigurationValue] = [
    "dimensions": .int(OneLayer.dimensions), "examples": .int(OneLayer.examples), "steps": .int(OneLayer.steps),
    "tasksPerStep": .int(OneLayer.batch), "optimizer": "Adam, rate 1e-3, half a cosine to zero",
    "initialVariance": "0.002 / 11", "testTasks": .int(OneLayer.heldOut), "evaluatedEvery": .int(OneLayer.interval),
    "control": "before training; one head of softmax attention, trained alike",
  ]

  static let dimensions = 10
  static let examples = 10
  static let steps = 2_000
  static let batch = 512
  static let heldOut = 10_000
  /// Tasks that the way of training is followed on.
  static let followed = 2_000
  static let interval = 50
  static let scales = [0.5, 0.75, 1, 1.25, 1.5, 2]
  static let theory = GradientDescentTheory(dimensions: dimensions, examples: examples)

  struct Observation: Sendable {
    /// At every `interval` steps.
    var way: [LayerComparison]
    var softmaxWay: [LayerComparison]
    var untrained: SelfAttentionRegressor
    var trained: SelfAttentionRegressor
    /// On all held-out tasks.
    var ends: (untrained: LayerComparison, trained: LayerComparison, softmax: LayerComparison)
    /// The loss half-way between construction and layer, relative to gradient descent.
    var interpolated: (trained: Double, untrained: Double)
    /// Losses by scale of the inputs: of gradient descent, the layer, and softmax.
    var scaled: [(descent: Double, trained: Double, softmax: Double)]
  }

  static var descent: SelfAttentionRegressor {
    .gradientDescent(dimensions: dimensions, rate: Float(theory.optimalRate))
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let total = Double(2 * Self.steps)
    let random = run.random("layer")
    let deviation = (0.002 / Float(Self.dimensions + 1)).squareRoot()
    func untrained(_ attention: SelfAttentionRegressor.Attention) -> SelfAttentionRegressor {
      SelfAttentionRegressor(
        attention, dimensions: Self.dimensions, standardDeviation: deviation, using: random.derived("weights"))
    }
    func tasks(_ count: Int, _ label: String, scale: Double = 1) -> RegressionTasks {
      var stream = run.random(label)
      return RegressionTasks(
        count, dimensions: Self.dimensions, examples: Self.examples, scale: Float(scale), using: &stream)
    }
    let followed = tasks(Self.followed, "followed")
    func train(
      _ attention: SelfAttentionRegressor.Attention, after done: Int
    ) throws -> (layer: SelfAttentionRegressor, way: [LayerComparison]) {
      var (layer, way) = (untrained(attention), [LayerComparison]())
      var optimizer = Adam.adam(learningRate: 1e-3)
      let schedule = Schedule.halfCosine(over: Self.steps)
      var stream = random.derived("tasks")
      for step in 0...Self.steps {
        if step % Self.interval == 0 { way.append(LayerComparison(layer, Self.descent, on: followed)) }
        guard step < Self.steps else { break }
        try run.checkCancellation()
        if step % 100 == 0 { run.report(Double(done + step) / total) }
        let batch = RegressionTasks(
          Self.batch, dimensions: Self.dimensions, examples: Self.examples, using: &stream)
        optimizer.learningRate = Float(1e-3 * schedule.factor(at: step))
        optimizer.update(&layer, with: layer.gradient(batch).gradients)
      }
      return (layer, way)
    }
    let linear = try train(.linear, after: 0)
    let softmax = try train(.softmax, after: Self.steps)
    let held = tasks(Self.heldOut, "held out")
    func interpolated(_ layer: SelfAttentionRegressor) -> Double {
      LayerComparison(Self.halfWay(layer), Self.descent, on: held).relativeLoss
    }
    let scaled = Self.scales.map { scale in
      let tasks = tasks(Self.heldOut, "scale \(scale)", scale: scale)
      func loss(_ layer: SelfAttentionRegressor) -> Double { meanElement(layer.squaredErrors(tasks)) }
      return (descent: loss(Self.descent), trained: loss(linear.layer), softmax: loss(softmax.layer))
    }
    let start = untrained(.linear)
    return Observation(
      way: linear.way, softmaxWay: softmax.way, untrained: start, trained: linear.layer,
      ends: (
        LayerComparison(start, Self.descent, on: held), LayerComparison(linear.layer, Self.descent, on: held),
        LayerComparison(softmax.layer, Self.descent, on: held)
      ),
      interpolated: (interpolated(linear.layer), interpolated(start)), scaled: scaled)
  }

  /// The layer half-way to the construction, by the products of their matrices, KᵀQ scaled to the construction's norm.
  static func halfWay(_ layer: SelfAttentionRegressor) -> SelfAttentionRegressor {
    let scale = Float(ProductWeights(layer).scale)
    return SelfAttentionRegressor(
      keyQuery: (layer.keyQuery / scale + descent.keyQuery) * 0.5,
      readout: (layer.readout * scale + descent.readout) * 0.5)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (start, end, softmax) = seed.ends
    let (before, after) = (ProductWeights(seed.untrained), ProductWeights(seed.trained))
    /// The closed form plus the difference to gradient descent on the same tasks.
    func loss(_ comparison: LayerComparison) -> Double {
      Self.theory.loss(rate: Self.theory.optimalRate) + comparison.loss - comparison.descentLoss
    }
    func largestDeviation(_ loss: KeyPath<(descent: Double, trained: Double, softmax: Double), Double>) -> Double {
      seed.scaled.map { abs($0[keyPath: loss] / $0.descent - 1) }.max() ?? .nan
    }
    return [
      Reading(
        claim: "regression.one-layer.cosine", value: end.cosine, control: start.cosine,
        detail: ["distance of sensitivities": end.distance, "softmax": softmax.cosine]),
      Reading(
        claim: "regression.one-layer.predictions", value: end.difference / end.descentSize,
        control: softmax.difference / softmax.descentSize,
        detail: ["mean absolute difference": end.difference, "mean absolute prediction": end.descentSize]),
      Reading(
        claim: "regression.one-layer.loss", value: loss(end), control: loss(softmax),
        detail: ["relative to gradient descent, less one": end.relativeLoss, "on the tasks": end.loss]),
      Reading(
        claim: "regression.one-layer.construction", value: after.elsewhere, control: before.elsewhere,
        detail: [
          "KᵀQ, largest elsewhere": after.keyQueryElsewhere, "PV, largest elsewhere": after.readoutElsewhere,
          "KᵀQ, variation of the diagonal": after.variation,
        ]),
      Reading(claim: "regression.one-layer.rate", value: after.rate, control: before.rate),
      Reading(
        claim: "regression.one-layer.interpolation", value: seed.interpolated.trained,
        control: seed.interpolated.untrained),
      Reading(
        claim: "regression.one-layer.out-of-distribution", value: largestDeviation(\.trained),
        control: largestDeviation(\.softmax)),
      Reading(
        claim: "regression.softmax.falls-short", value: softmax.loss / softmax.descentLoss,
        control: end.loss / end.descentLoss, detail: ["relative to zero": softmax.loss / Self.theory.loss(rate: 0)]),
    ]
  }
}
