// The minimal model's written-out gradient against PyTorch's.

import Foundation
import Tensors
import Testing

@testable import ToyModels

@Suite("The minimal model of in-context Markov chains")
struct MinimalInductionTests {
  private struct Fixture: Decodable {
    var tokens: [Int]
    var count, length, symbols, steps: Int
    var distances, weights, logProbabilities, distanceGradient, weightGradient: [Double]
    var finalDistances, finalWeights: [Double]
    var loss: Double

    var chains: MarkovChains { MarkovChains(tokens: tokens, count: count, length: length, symbols: symbols) }

    var model: MinimalInductionModel {
      MinimalInductionModel(
        distances: Tensor(distances.map(Float.init), [distances.count]),
        weights: Tensor(weights.map(Float.init), [symbols, symbols]))
    }
  }

  private let fixture = try? ReferenceNumbers.read("statistical-induction/minimal", as: Fixture.self)

  @Test("predicts as PyTorch says")
  func forward() throws {
    let fixture = try #require(fixture)
    let measured = fixture.model.logProbabilities(fixture.chains)
    #expect(measured.shape == [fixture.count, fixture.length - 1, fixture.symbols])
    #expect(ReferenceNumbers.largestError(measured.elements, fixture.logProbabilities) < 2e-5)
  }

  @Test("has PyTorch's loss and gradients")
  func gradient() throws {
    let fixture = try #require(fixture)
    let (loss, distances, weights) = fixture.model.gradient(fixture.chains)
    #expect(abs(loss - fixture.loss) < 2e-6)
    #expect(ReferenceNumbers.largestError(distances.elements, fixture.distanceGradient) < 2e-6)
    #expect(ReferenceNumbers.largestError(weights.elements, fixture.weightGradient) < 2e-5)
    #expect((fixture.distanceGradient.map(abs).max() ?? 0) > 1e-3, "a gradient of zero would be compared with zero")
  }

  @Test("moves as PyTorch's gradient descent does")
  func trajectory() throws {
    let fixture = try #require(fixture)
    var trainer = MinimalInductionTrainer(fixture.model)
    for _ in 0..<fixture.steps { trainer.step(fixture.chains) }
    #expect(ReferenceNumbers.largestError(trainer.model.distances.elements, fixture.finalDistances) < 2e-5)
    #expect(ReferenceNumbers.largestError(trainer.model.weights.elements, fixture.finalWeights) < 2e-5)
  }

  @Test("looks at all symbols alike before training")
  func beginning() {
    let model = MinimalInductionModel(context: 4, symbols: 3)
    #expect(model.pattern(positions: 3).elements.map { ($0 * 6).rounded() } == [6, 0, 0, 3, 3, 0, 2, 2, 2])
    #expect(abs(model.previousTokenWeight - (1.0 / 2 + 1.0 / 3 + 1.0 / 4) / 3) < 1e-6)
  }
}
