// The fused step against PyTorch, and against a plain double-precision loop where PyTorch was not asked.

import Tensors
import Testing

@testable import ToyModels

/// How a batch reaches the fused step.
enum Form: CaseIterable, Sendable {
  /// As an array: what dense distributions are drawn as.
  case array
  /// As a list of active entries, empty samples left out: what sparse distributions are drawn as.
  case list
}

@Suite("The fused step of superposition models")
struct SuperpositionStepTests {
  static let precisions = SuperpositionFixture.Precision.allCases

  @Test("has PyTorch's loss and gradients", arguments: SuperpositionFixture.names, Form.allCases)
  func parity(name: String, form: Form) throws {
    let fixture = try SuperpositionFixture(name)
    var trainer = try fixture.trainer()
    for instance in 0..<trainer.model.instances {
      let loss = trainer.accumulateGradient(instance, given: fixture.x.tensor, asList: form == .list)
      for precision in Self.precisions {
        let results = fixture.results(precision)
        #expect(largestErrorOfScale([Float(loss)], results.loss.member(instance)) < 2e-6)
        let expected = results.gradient.ofInstance(instance)
        #expect(trainer.lastGradient.count == expected.count)
        #expect(largestError(trainer.lastGradient.elements, expected) < 2e-5)
        #expect(largestErrorOfScale(trainer.lastGradient.elements, expected) < 4e-6)
      }
    }
  }

  @Test("moves parameters as PyTorch's AdamW does", arguments: SuperpositionFixture.names, Form.allCases)
  func trajectory(name: String, form: Form) throws {
    let fixture = try SuperpositionFixture(name)
    var trainer = try fixture.trainer()
    for step in 0..<fixture.optimizer.steps {
      for instance in 0..<trainer.model.instances {
        _ = trainer.accumulateGradient(instance, given: fixture.x.tensor, asList: form == .list)
        trainer.applyGradient(instance)
      }
      for precision in Self.precisions {
        let expected = fixture.results(precision).trajectory
        #expect(largestError(trainer.model.encoder.elements, expected.encoder.member(step)) < 2e-5, "step \(step)")
        #expect(largestError(trainer.model.bias.elements, expected.bias.member(step)) < 2e-5, "step \(step)")
        if let decoder = trainer.model.decoder {
          let expected = try #require(expected.decoder)
          #expect(largestError(decoder.elements, expected.member(step)) < 2e-5, "step \(step)")
        }
      }
    }
  }

  static let sizes: [(features: Int, hidden: Int, samples: Int)] = [
    (1, 1, 1), (1, 1, 9), (2, 1, 7), (3, 5, 8), (7, 3, 100), (5, 2, 1000), (5, 2, 1024), (20, 5, 1025), (80, 20, 97),
    (80, 20, 200),
  ]

  @Test("agrees with a plain loop at every size", arguments: sizes, Form.allCases)
  func everySize(size: (features: Int, hidden: Int, samples: Int), form: Form) {
    let random = RandomStream(seed: UInt64(size.samples))
    var stream = random.derived("x")
    let x = sparse([size.samples, size.features], density: 0.3, using: &stream)
    for architecture in architectures(features: size.features, hidden: size.hidden) {
      expectAgreement(architecture, x, form, density: form == .list ? 0.01 : 1, using: random)
    }
  }

  @Test("agrees with a plain loop when all samples are empty, or none, or only the last", arguments: Form.allCases)
  func fewSamplesThatCount(form: Form) {
    let random = RandomStream(seed: 7)
    var stream = random.derived("x")
    var last = Tensor(zeros: [50, 4])
    for feature in 0..<4 { last[49, feature] = 0.25 * Float(feature) - 0.3 }
    for x in [Tensor(zeros: [50, 4]), stream.uniform([50, 4], in: 0.1..<1), last] {
      for architecture in architectures(features: 4, hidden: 2) {
        expectAgreement(architecture, x, form, density: 0.5, using: random)
      }
    }
  }

  @Test("is compared with a loop whose gradient is the slope of its loss", arguments: SuperpositionFixture.names)
  func finiteDifferences(name: String) throws {
    let fixture = try SuperpositionFixture(name)
    let (model, importance) = (try fixture.model(), fixture.importance.tensor.elements)
    let reference = ReferenceStep(model, instance: 1, x: fixture.x.tensor, importance: importance)
    func loss(_ model: SuperpositionModel) -> Double {
      ReferenceStep(model, instance: 1, x: fixture.x.tensor, importance: importance).loss
    }
    // A step of 2⁻¹⁰ is exact in floats of this size; ReLU kinks within it are few, so the median error is judged.
    let size = model.architecture.features * model.architecture.hidden
    var errors: [Double] = []
    for index in 0..<size {
      var (up, down) = (model, model)
      up.encoder.withUnsafeMutableElements { $0[size + index] += 0x1p-10 }
      down.encoder.withUnsafeMutableElements { $0[size + index] -= 0x1p-10 }
      errors.append(abs((loss(up) - loss(down)) / 0x1p-9 - reference.encoder[index]))
    }
    #expect(errors.sorted()[size / 2] < 1e-5)
  }

  @Test("draws the samples that its sampler draws", arguments: [0.05, 1] as [Float])
  func drawnSamples(density: Float) {
    let architecture = SuperpositionArchitecture.reluOutput(features: 5, hidden: 2)
    let distribution = FeatureDistribution(features: 5, density: density)
    let task = SuperpositionTask(distribution, importance: [1, 2, 3, 4, 5], hidden: 2)
    var stream = RandomStream(seed: 3)
    let model = SuperpositionModel(
      architecture, instances: 1, initialization: .normal(standardDeviation: 0.5), using: stream)
    var step = SuperpositionStep(architecture: architecture, capacity: task.block)
    let samples = 2 * task.block + 3
    var again = stream
    let loss = model.withParameters(0) {
      step.accumulate(task, samples: samples, parameters: $0, gradient: nil, using: &stream)
    }
    var rows: [[Float]] = []
    while rows.count < samples {
      let count = min(task.block, samples - rows.count)
      rows += task.sampler.samples(count, form: density == 1 ? .array : .list, using: &again)
    }
    let x = Tensor(rows.flatMap { $0 }, [samples, 5])
    let reference = ReferenceStep(model, instance: 0, x: x, importance: task.importance)
    #expect(abs(loss / Double(samples * 5) - reference.loss) < 1e-6 * reference.loss)
    #expect(stream.next() == again.next())
  }

  private func architectures(features n: Int, hidden m: Int) -> [SuperpositionArchitecture] {
    [
      .reluOutput(features: n, hidden: m), .linear(features: n, hidden: m), .reluHidden(features: n, hidden: m),
      .absoluteValue(features: n, hidden: m),
      .absoluteValue(features: n, hidden: m, hiddenActivation: .identity),
    ]
  }

  private func sparse(_ shape: [Int], density: Float, using stream: inout RandomStream) -> Tensor {
    var x = stream.uniform(shape, in: -1..<1)
    x.withUnsafeMutableElements { x in
      for index in x.indices where stream.uniform() >= density { x[index] = 0 }
    }
    return x
  }

  /// The density sets the size of the blocks, and so how the batch is cut.
  private func expectAgreement(
    _ architecture: SuperpositionArchitecture, _ x: Tensor, _ form: Form, density: Float, using random: RandomStream
  ) {
    let n = architecture.features
    var model = SuperpositionModel(
      architecture, instances: 2, initialization: .normal(standardDeviation: 0.6), using: random)
    var stream = random.derived("bias")
    model.bias = stream.normal([2, n], standardDeviation: 0.3)
    let importance = (0..<n).map { 1 / Float($0 + 1) }
    var trainer = SuperpositionTrainer(
      model, distributions: [FeatureDistribution(features: n, density: density)], importance: importance,
      settings: SuperpositionTraining(steps: 1, batchSize: x.shape[0]), using: random)
    let loss = trainer.accumulateGradient(1, given: x, asList: form == .list)
    let reference = ReferenceStep(model, instance: 1, x: x, importance: importance)
    #expect(abs(loss - reference.loss) <= 2e-6 * reference.loss)
    #expect(largestErrorOfScale(trainer.lastGradient.elements, reference.gradient) < 1e-5)
  }
}

extension SuperpositionFixture.Parameters {
  /// One instance in the trainer's layout: encoder, decoder when untied, bias.
  func ofInstance(_ instance: Int) -> [Double] {
    encoder.member(instance) + (decoder?.member(instance) ?? []) + bias.member(instance)
  }
}
