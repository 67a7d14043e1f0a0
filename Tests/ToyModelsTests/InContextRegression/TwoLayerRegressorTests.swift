// Two layers of linear self-attention without their tokens, against PyTorch with them; and GD++ likewise.

import Tensors
import Testing

@testable import ToyModels

@Suite("Two layers that regress in context")
struct TwoLayerRegressorTests {
  private struct Fixture: Decodable {
    var tokens, targets, predictions, sensitivities, rates, descents, plainDescents: [Double]
    var matrices, gradients: [String: [Double]]
    var tasks, dimensions, examples: Int
    var loss: Double

    var contexts: RegressionContexts {
      RegressionContexts(
        RegressionTasks(
          tokens: Tensor(tokens.map(Float.init), [tasks, examples + 1, dimensions + 1]),
          targets: Tensor(targets.map(Float.init), [tasks])))
    }

    func layer(_ name: String) throws -> SelfAttentionRegressor {
      func matrix(_ letter: String) throws -> Tensor {
        Tensor(try #require(matrices["\(name).\(letter)"]).map(Float.init), [dimensions + 1, dimensions + 1])
      }
      return SelfAttentionRegressor(K: try matrix("K"), Q: try matrix("Q"), V: try matrix("V"), P: try matrix("P"))
    }
  }

  private func fixture() throws -> Fixture {
    try ReferenceNumbers.read("in-context-regression/two-layers", as: Fixture.self)
  }

  @Test("have PyTorch's predictions, sensitivities, loss and gradients")
  func parity() throws {
    let fixture = try fixture()
    let (model, contexts) = (
      TwoLayerRegressor(try fixture.layer("first"), try fixture.layer("second")), fixture.contexts
    )
    let directions = model.directions(contexts)
    #expect(ReferenceNumbers.largestError(contexts.predictions(directions).elements, fixture.predictions) < 2e-5)
    let sensitivities = (-directions).slice(axis: 1, 0..<fixture.dimensions).elements
    #expect(ReferenceNumbers.largestError(sensitivities, fixture.sensitivities) < 2e-5)
    let (loss, gradients) = model.gradient(contexts)
    #expect(abs(loss - fixture.loss) < 2e-5 * max(1, fixture.loss))
    for (name, expected) in fixture.gradients {
      #expect(ReferenceNumbers.largestError(gradients[name].elements, expected) < 2e-5, "\(name)")
      #expect((expected.map(abs).max() ?? 0) > 1e-2, "a gradient of zero would be compared with zero")
    }
  }

  @Test("are compared with steps that PyTorch takes on targets and inputs")
  func descents() throws {
    let fixture = try fixture()
    let rates = fixture.rates.map(Float.init)
    let steps = TwoStepDescent(rate: rates[0], curvature: rates[1], secondRate: rates[2])
    let contexts = fixture.contexts
    #expect(
      ReferenceNumbers.largestError(contexts.predictions(steps.directions(contexts)).elements, fixture.descents) < 1e-5)
    let plain = TwoStepDescent(rate: rates[0], curvature: rates[1], secondRate: rates[2], isPlain: true)
    #expect(
      ReferenceNumbers.largestError(contexts.predictions(plain.directions(contexts)).elements, fixture.plainDescents)
        < 1e-5)
  }

  @Test("find rates of less loss, and plain steps keep the inputs as they are")
  func optimized() {
    var stream = RandomStream(seed: 3)
    let contexts = RegressionContexts(RegressionTasks(200, dimensions: 3, examples: 5, using: &stream))
    func loss(_ steps: TwoStepDescent) -> Float {
      let error = contexts.predictions(steps.directions(contexts)) - contexts.targets
      return (error * error).mean()
    }
    let start = TwoStepDescent(rate: 0.1, curvature: 0.01, secondRate: 0.1)
    let plain = TwoStepDescent(rate: 0.1, curvature: 0.01, secondRate: 0.1, isPlain: true).optimized(on: contexts)
    let best = start.optimized(on: contexts)
    #expect(plain.rates.elements[1] == 0)
    #expect(loss(best) < loss(plain))
    #expect(loss(plain) < 0.9 * loss(start))
  }
}
