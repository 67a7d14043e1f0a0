// The transformer with vectors for distances against PyTorch, which forms a key for every pair of positions.

import Tensors
import Testing

@testable import ToyModels

@Suite("The transformer with learned vectors for distances")
struct RelativeTransformerTests {
  private struct Fixture: Decodable {
    var tokens: [Int]
    var count, length, symbols, width, layers: Int
    var loss: Double
    var parameters, gradients: [String: [Double]]
    var logProbabilities, lastPattern: [Double]
  }

  @Test("has PyTorch's predictions, attention, loss and gradients")
  func parity() throws {
    let fixture = try ReferenceNumbers.read("statistical-induction/transformer", as: Fixture.self)
    var model = RelativeTransformer(
      layers: fixture.layers, width: fixture.width, symbols: fixture.symbols, context: fixture.length,
      standardDeviation: 1, using: RandomStream(seed: 0))
    var missing: [String] = []
    model.visitParameters { name, parameter in
      guard let values = fixture.parameters[name] else { return missing.append(name) }
      parameter = Tensor(values.map(Float.init), parameter.shape)
    }
    #expect(missing.isEmpty && model.namedParameters.count == fixture.parameters.count)
    let chains = MarkovChains(
      tokens: fixture.tokens, count: fixture.count, length: fixture.length, symbols: fixture.symbols)
    let (logProbabilities, patterns) = model.run(chains)
    #expect(ReferenceNumbers.largestError(logProbabilities.elements, fixture.logProbabilities) < 2e-5)
    #expect(ReferenceNumbers.largestError(try #require(patterns.last).elements, fixture.lastPattern) < 2e-5)
    let (loss, gradients) = model.valueAndGradients { model.loss(chains, parameters: $0) }
    #expect(abs(Double(loss) - fixture.loss) < 2e-5)
    for name in gradients.names {
      let expected = try #require(fixture.gradients[name])
      #expect(ReferenceNumbers.largestError(gradients[name].elements, expected) < 2e-5, "\(name)")
    }
  }
}
