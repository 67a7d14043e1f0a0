// What PyTorch computed, as fixtures/scripts/make_double_descent.py wrote it.

import Tensors

@testable import ToyModels

/// A file of `fixtures/double-descent`: a model, its examples, and what came of them in double precision.
struct DoubleDescentFixture: Decodable {
  static let names = ["plane", "space"]

  typealias Numbers = ReferenceArray

  var steps, warmUp: Int
  var learningRate, weightDecay: Float
  var weights, bias, examples: Numbers
  var losses: [Double]
  var hidden, gradient, featureDimensionalities, exampleDimensionalities, trajectory: Numbers

  init(_ name: String) throws { self = try ReferenceNumbers.read("double-descent/\(name)", as: Self.self) }

  var model: ReLUAutoencoder { ReLUAutoencoder(weights: weights.tensor, bias: bias.tensor) }

  var trainer: FullBatchTrainer {
    FullBatchTrainer(
      model, on: SparseExamples(examples.tensor),
      settings: FullBatchTraining(
        steps: steps, warmUp: warmUp, learningRate: learningRate, weightDecay: weightDecay))
  }
}
