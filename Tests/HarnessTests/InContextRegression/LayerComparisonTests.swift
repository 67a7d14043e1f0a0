// The metrics of InContextRegression on layers whose answer is known.

import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("A layer against gradient descent")
struct LayerComparisonTests {
  private let descent = SelfAttentionRegressor.gradientDescent(dimensions: 3, rate: 0.2)

  private var tasks: RegressionTasks {
    var stream = RandomStream(seed: 4)
    return RegressionTasks(200, dimensions: 3, examples: 5, using: &stream)
  }

  @Test("finds no difference between gradient descent and itself")
  func same() {
    let comparison = LayerComparison(descent, descent, on: tasks)
    #expect(comparison.relativeLoss == 0 && comparison.difference == 0)
    #expect(abs(comparison.cosine - 1) < 1e-9 && comparison.distance < 1e-6)
  }

  @Test("finds the same direction and another length at another rate")
  func otherRate() {
    let comparison = LayerComparison(.gradientDescent(dimensions: 3, rate: 0.1), descent, on: tasks)
    #expect(abs(comparison.cosine - 1) < 1e-6)
    #expect(abs(comparison.difference - comparison.descentSize / 2) < 1e-6)
    let opposite = LayerComparison(.gradientDescent(dimensions: 3, rate: -0.2), descent, on: tasks)
    #expect(abs(opposite.cosine + 1) < 1e-6)
  }

  @Test("reads rate and entries elsewhere from products of matrices, whatever their scale")
  func products() {
    var (keyQuery, readout) = (descent.keyQuery * 4, descent.readout * 0.25)
    var weights = ProductWeights(SelfAttentionRegressor(keyQuery: keyQuery, readout: readout))
    #expect(abs(weights.rate - 0.2) < 1e-6)
    #expect(abs(weights.scale - 4) < 1e-6)
    #expect(weights.elsewhere == 0)
    keyQuery[2, 0] = 1
    readout[1] = -0.02
    weights = ProductWeights(SelfAttentionRegressor(keyQuery: keyQuery, readout: readout))
    #expect(abs(weights.keyQueryElsewhere - 0.25) < 1e-6)
    #expect(abs(weights.readoutElsewhere - 0.4) < 1e-6)
    #expect(abs(weights.elsewhere - 0.4) < 1e-6)
    // What meets the query's y has no effect.
    keyQuery[0, 3] = 100
    weights = ProductWeights(SelfAttentionRegressor(keyQuery: keyQuery, readout: readout))
    #expect(abs(weights.keyQueryElsewhere - 0.25) < 1e-6)
  }
}
