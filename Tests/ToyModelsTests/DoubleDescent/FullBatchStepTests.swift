// The fused full-batch step against PyTorch, and against the equations written plainly where sets are larger.

import Tensors
import Testing

@testable import ToyModels

@Suite("A full-batch step of the ReLU output model")
struct FullBatchStepTests {
  @Test("has PyTorch's hidden vectors, loss and gradient", arguments: DoubleDescentFixture.names)
  func gradient(name: String) throws {
    let fixture = try DoubleDescentFixture(name)
    var trainer = fixture.trainer
    let examples = SparseExamples(fixture.examples.tensor)
    let hidden = fixture.model.hiddenVectors(examples).joined().map { Float($0) }
    #expect(ReferenceNumbers.largestError(hidden, fixture.hidden.values) < 2e-6)
    #expect(abs(fixture.model.loss(examples) - fixture.losses[0]) < 2e-6)
    trainer.advance()
    #expect(ReferenceNumbers.largestError(trainer.gradient.elements, fixture.gradient.values) < 2e-5)
    #expect((fixture.gradient.values.max() ?? 0) > 0.1, "a gradient of zero would be compared with zero")
  }

  @Test("moves as PyTorch's AdamW does over ten steps", arguments: DoubleDescentFixture.names)
  func trajectory(name: String) throws {
    let fixture = try DoubleDescentFixture(name)
    let examples = SparseExamples(fixture.examples.tensor)
    var trainer = fixture.trainer
    for step in 0..<fixture.steps {
      #expect(abs(trainer.model.loss(examples) - fixture.losses[step]) < 2e-5)
      trainer.advance()
      let expected = fixture.trajectory.member(step)
      #expect(ReferenceNumbers.largestError(trainer.model.parameters.elements, expected) < 2e-5)
    }
  }

  @Test("has the same loss and gradient as the plain equations over many blocks", arguments: [1, 2, 3])
  func manyBlocks(hidden: Int) {
    let random = RandomStream(seed: 3)
    let examples = SparseExamples(1_100, features: 43, density: 0.1, using: random.derived("examples"))
    var stream = random.derived("bias")
    let weights = ReLUAutoencoder(features: 43, hidden: hidden, using: random.derived("model"))
    let model = ReLUAutoencoder(
      weights: Tensor(Array(weights.parameters.elements[..<(43 * hidden)]), [hidden, 43]),
      bias: stream.normal([43], standardDeviation: 0.1))
    let plain = PlainStep(model, examples)
    #expect(abs(model.loss(examples) - plain.loss) < 1e-5)
    var step = FullBatchStep(examples, hidden: hidden)
    var gradient = Tensor(zeros: model.parameters.shape)
    step.gradient(model, into: &gradient)
    #expect(ReferenceNumbers.largestError(gradient.elements, plain.gradient) < 2e-5)
  }

  @Test("answers zero at a loss of one when it has no weights")
  func nothing() {
    let examples = SparseExamples(50, features: 100, density: 0.05, using: RandomStream(seed: 1))
    let model = ReLUAutoencoder(weights: Tensor(zeros: [2, 100]), bias: Tensor(zeros: [100]))
    #expect(abs(model.loss(examples) - 1) < 1e-6)
    #expect(model.weightNorm == 0)
  }

  @Test("begins with Xavier's weights and no bias")
  func beginning() {
    let model = ReLUAutoencoder(features: 2_000, hidden: 2, using: RandomStream(seed: 2))
    #expect(abs(model.weightNorm / 2 - (2_000.0 / 2_002).squareRoot()) < 0.05)
    #expect(model.parameters.elements[4_000...].allSatisfy { $0 == 0 })
    #expect(model.featureVectors.count == 2_000 && model.featureVectors[0].count == 2)
  }

  @Test("keeps no moment so small that arithmetic on it is slow")
  func tinyMoments() {
    // One example of three features: all others have no slope once their outputs are zero.
    let examples = SparseExamples(Tensor([1, 1, 1] + Array(repeating: 0, count: 197), [1, 200]))
    var trainer = FullBatchTrainer(
      ReLUAutoencoder(features: 200, hidden: 2, using: RandomStream(seed: 8)), on: examples,
      settings: FullBatchTraining(steps: 2_000, warmUp: 100, learningRate: 1e-2))
    trainer.run { (_: Double) throws(Never) in }
    let tiny = trainer.first.elements.count { $0 != 0 && abs($0) < .leastNormalMagnitude }
    #expect(trainer.first.elements.count { $0 == 0 } > 100)
    #expect(tiny == 0)
  }

  @Test("steps on the examples that it is given")
  func others() {
    func examples(_ seed: UInt64) -> SparseExamples {
      SparseExamples(4, features: 20, density: 0.2, using: RandomStream(seed: seed))
    }
    func trained(_ sets: [SparseExamples]) -> Tensor {
      var trainer = FullBatchTrainer(
        ReLUAutoencoder(features: 20, hidden: 2, using: RandomStream(seed: 5)), on: examples(1),
        settings: FullBatchTraining(steps: 10, warmUp: 1, learningRate: 1e-2))
      for set in sets { trainer.advance(on: set) }
      return trainer.model.parameters
    }
    var fixed = FullBatchTrainer(
      ReLUAutoencoder(features: 20, hidden: 2, using: RandomStream(seed: 5)), on: examples(1),
      settings: FullBatchTraining(steps: 10, warmUp: 1, learningRate: 1e-2))
    for _ in 0..<3 { fixed.advance() }
    #expect(trained([examples(1), examples(1), examples(1)]) == fixed.model.parameters)
    #expect(trained([examples(1), examples(2), examples(1)]) != fixed.model.parameters)
  }

  @Test("is cancelled by what reports of progress throw")
  func cancellation() throws {
    var trainer = try DoubleDescentFixture("plane").trainer
    trainer.run { _ in }
    #expect(trainer.step == 10)
    let examples = SparseExamples(3, features: 20, density: 0.2, using: RandomStream(seed: 4))
    var long = FullBatchTrainer(
      ReLUAutoencoder(features: 20, hidden: 2, using: RandomStream(seed: 5)), on: examples,
      settings: FullBatchTraining())
    #expect(throws: CancellationError.self) { try long.run { _ in throw CancellationError() } }
    #expect(long.step == 64)
  }
}

/// The loss and its gradient in double precision, example by example.
private struct PlainStep {
  private(set) var loss = 0.0
  private(set) var gradient: [Double]

  init(_ model: ReLUAutoencoder, _ examples: SparseExamples) {
    let (n, m) = (model.features, model.hidden)
    let p = model.parameters.elements.map(Double.init)
    gradient = Array(repeating: 0, count: p.count)
    for (example, h) in model.hiddenVectors(examples).enumerated() {
      var x = Array(repeating: 0.0, count: n)
      for entry in examples.starts[example]..<examples.starts[example + 1] {
        x[Int(examples.indices[entry])] = Double(examples.values[entry])
      }
      var hSlope = Array(repeating: 0.0, count: m)
      for i in 0..<n {
        let z = (0..<m).reduce(p[m * n + i]) { $0 + p[$1 * n + i] * h[$1] }
        loss += (x[i] - max(z, 0)) * (x[i] - max(z, 0))
        guard z > 0 else { continue }
        let slope = 2 * (z - x[i]) / Double(examples.count)
        gradient[m * n + i] += slope
        for k in 0..<m {
          gradient[k * n + i] += slope * h[k]
          hSlope[k] += slope * p[k * n + i]
        }
      }
      for i in 0..<n { for k in 0..<m { gradient[k * n + i] += hSlope[k] * x[i] } }
    }
    loss /= Double(examples.count)
  }
}
