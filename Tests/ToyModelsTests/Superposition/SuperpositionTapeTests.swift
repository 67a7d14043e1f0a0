// The fused step against the general model that a tape differentiates: the same loss and gradients to rounding.

import Tensors
import Testing

@testable import ToyModels

@Suite("Superposition models on a tape")
struct SuperpositionTapeTests {
  static let architectures: [SuperpositionArchitecture] = [
    .reluOutput(features: 7, hidden: 3), .linear(features: 7, hidden: 3), .reluHidden(features: 7, hidden: 3),
    .absoluteValue(features: 7, hidden: 3), .reluOutput(features: 80, hidden: 20), .reluOutput(features: 1, hidden: 1),
  ]

  @Test("have the fused step's loss and gradients", arguments: architectures, Form.allCases)
  func agree(architecture: SuperpositionArchitecture, form: Form) {
    let random = RandomStream(seed: 5)
    var model = SuperpositionModel(
      architecture, instances: 2, initialization: .normal(standardDeviation: 0.4), using: random)
    var biases = random.derived("bias")
    model.bias = biases.normal(model.bias.shape, standardDeviation: 0.1)
    let distribution = FeatureDistribution(
      features: architecture.features, density: 0.2, values: architecture.target == .magnitude ? .symmetric : .unit)
    let x = distribution.samples(300, using: random.derived("samples"))
    let importance = (0..<architecture.features).map { 1 / Float($0 + 1) }

    let (loss, gradients) = model.valueAndGradients { model.loss(x, importance: importance, parameters: $0) }

    var trainer = SuperpositionTrainer(
      model, distributions: [distribution], importance: importance, settings: SuperpositionTraining(), using: random)
    var total = 0.0
    for instance in 0..<2 {
      total += trainer.accumulateGradient(instance, given: x, asList: form == .list)
      let expected = gradients.tensors.flatMap { $0.slice(axis: 0, at: instance).elements.map(Double.init) }
      #expect(trainer.lastGradient.count == expected.count)
      #expect(largestErrorOfScale(trainer.lastGradient.elements, expected) < 2e-6)
    }
    #expect(abs(total - Double(loss)) < 2e-6 * max(1, total))
  }

  @Test("train from the same start to the same optimum as the fused step")
  func trains() {
    let random = RandomStream(seed: 8)
    var model = SuperpositionModel(
      .reluOutput(features: 5, hidden: 2), instances: 1, initialization: .normal(standardDeviation: 0.5), using: random)
    let distribution = FeatureDistribution(features: 5, density: 0.3)
    let x = distribution.samples(256, using: random.derived("samples"))
    let importance: [Float] = [1, 1, 1, 1, 1]
    var trainer = SuperpositionTrainer(
      model, distributions: [distribution], importance: importance,
      settings: SuperpositionTraining(steps: 50, batchSize: 256, learningRate: 1e-2), using: random)
    var optimizer = Adam.adamW(learningRate: 1e-2, weightDecay: 0.01)
    for _ in 0..<50 {
      let (_, gradients) = model.valueAndGradients { model.loss(x, importance: importance, parameters: $0) }
      optimizer.update(&model, with: gradients)
      _ = trainer.accumulateGradient(0, given: x, asList: false)
      trainer.applyGradient(0)
    }
    #expect(model.encoder.maximumDifference(from: trainer.model.encoder) < 1e-4)
    #expect(model.bias.maximumDifference(from: trainer.model.bias) < 1e-4)
  }
}
