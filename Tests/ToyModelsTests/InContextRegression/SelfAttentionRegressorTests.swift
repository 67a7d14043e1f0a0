// The layer that regresses in context: its written-out gradient against PyTorch's, and its construction against algebra.

import Tensors
import Testing

@testable import ToyModels

@Suite("Self-attention that regresses in context")
struct SelfAttentionRegressorTests {
  private struct Fixture: Decodable {
    var tokens, targets, predictions, sensitivities: [Double]
    var matrices, gradients: [String: [Double]]
    var tasks, dimensions, examples: Int
    var loss: Double

    var regressions: RegressionTasks {
      RegressionTasks(
        tokens: Tensor(tokens.map(Float.init), [tasks, examples + 1, dimensions + 1]),
        targets: Tensor(targets.map(Float.init), [tasks]))
    }

    func layer(_ attention: SelfAttentionRegressor.Attention) throws -> SelfAttentionRegressor {
      func matrix(_ name: String) throws -> Tensor {
        Tensor(try #require(matrices[name]).map(Float.init), [dimensions + 1, dimensions + 1])
      }
      return SelfAttentionRegressor(
        attention, K: try matrix("K"), Q: try matrix("Q"), V: try matrix("V"), P: try matrix("P"))
    }
  }

  @Test(
    "has PyTorch's predictions, sensitivities, loss and gradients", arguments: SelfAttentionRegressor.Attention.allCases
  )
  func parity(attention: SelfAttentionRegressor.Attention) throws {
    let fixture = try ReferenceNumbers.read("in-context-regression/\(attention.rawValue)", as: Fixture.self)
    let (layer, tasks) = (try fixture.layer(attention), fixture.regressions)
    #expect(ReferenceNumbers.largestError(layer.predictions(tasks).elements, fixture.predictions) < 1e-5)
    #expect(ReferenceNumbers.largestError(layer.sensitivities(tasks).elements, fixture.sensitivities) < 1e-5)
    let (loss, gradients) = layer.gradient(tasks)
    #expect(abs(loss - fixture.loss) < 1e-5)
    for name in ["K", "Q", "V", "P"] {
      let expected = try #require(fixture.gradients[name])
      #expect(ReferenceNumbers.largestError(gradients[name].elements, expected) < 2e-5, "\(name)")
      #expect((expected.map(abs).max() ?? 0) > 1e-2, "a gradient of zero would be compared with zero")
    }
  }

  @Test("as constructed is a step of gradient descent")
  func construction() {
    var stream = RandomStream(seed: 1)
    let tasks = RegressionTasks(20, dimensions: 3, examples: 4, using: &stream)
    let layer = SelfAttentionRegressor.gradientDescent(dimensions: 3, rate: 0.3)
    let (predictions, sensitivities) = (layer.predictions(tasks), layer.sensitivities(tasks))
    for task in 0..<20 {
      // η Σⱼ yⱼ xⱼ is the weight vector after the step.
      let weights = (0..<3).map { index in
        0.3 * (0..<4).reduce(Float(0)) { $0 + tasks.tokens[task, $1, 3] * tasks.tokens[task, $1, index] }
      }
      let expected = (0..<3).reduce(Float(0)) { $0 + weights[$1] * tasks.tokens[task, 4, $1] }
      #expect(abs(predictions[task] - expected) < 1e-5)
      for index in 0..<3 { #expect(abs(sensitivities[task, index] - weights[index]) < 1e-5) }
    }
  }

  @Test("loses what theory says a step of gradient descent loses", arguments: [(10, 10), (4, 7)], [0.5, 1.0])
  func theory(sizes: (dimensions: Int, examples: Int), scale: Double) {
    var stream = RandomStream(seed: 2)
    let tasks = RegressionTasks(
      40_000, dimensions: sizes.dimensions, examples: sizes.examples, scale: Float(scale), using: &stream)
    let theory = GradientDescentTheory(dimensions: sizes.dimensions, examples: sizes.examples, scale: scale)
    for rate in [0, 0.5 * theory.optimalRate, theory.optimalRate, 1.3 * theory.optimalRate] {
      let layer = SelfAttentionRegressor.gradientDescent(dimensions: sizes.dimensions, rate: Float(rate))
      let errors = layer.squaredErrors(tasks).elements.map(Double.init)
      let mean = errors.reduce(0, +) / Double(errors.count)
      let spread = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count)
      #expect(abs(mean - theory.loss(rate: rate)) < 4 * (spread / Double(errors.count)).squareRoot())
    }
  }

  @Test("has the published setting's optimum in theory")
  func publishedSetting() {
    let theory = GradientDescentTheory(dimensions: 10, examples: 10)
    #expect(abs(theory.optimalRate - 5.0 / 33) < 1e-12)
    #expect(abs(theory.loss(rate: theory.optimalRate) - 1.649832) < 1e-6)
    #expect(abs(theory.loss(rate: 0) - 10.0 / 3) < 1e-12)
  }
}
