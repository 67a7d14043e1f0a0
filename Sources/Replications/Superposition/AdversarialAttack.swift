// Adversarial examples for superposition models (Elhage et al. 2022, "Superposition and Adversarial Robustness").
//
// The attack on feature i within an L2 budget λ is analytic, ±λ(WᵀW)_i/‖(WᵀW)_i‖: it drives output i through everything
// that feature i shares. Of all features and signs the one that harms a sample most is taken. λ is a tenth of the mean
// norm of the inputs. The harm, the rise of the loss, is quoted relative to a model without superposition on the same
// inputs with the same budget: m features kept exactly, the others left to their best constant p/2.

import Foundation
import Tensors
import ToyModels

/// What it takes to compute a model's outputs: G = WᵀW, the bias, and whether the output is rectified.
struct AttackedModel: Sendable {
  let gram: [[Double]]
  let bias: [Double]
  let isRectified: Bool

  init(_ trained: TrainedModels) {
    gram = trained.bestGeometry.gram
    bias = trained.model.bias(trained.best)
    isRectified = trained.model.architecture.outputActivation == .relu
  }

  /// The model that keeps its first m features apart and answers with p/2 for the rest.
  init(withoutSuperposition features: Int, hidden: Int, density: Double) {
    gram = (0..<features).map { i in (0..<features).map { $0 == i && i < hidden ? 1 : 0 } }
    bias = (0..<features).map { $0 < hidden ? 0 : density / 2 }
    isRectified = true
  }

  /// The mean rise of the loss under the most harmful attack on each sample.
  ///
  /// - Parameters:
  ///   - inputs: Samples, `[sample, feature]`.
  ///   - budget: The L2 norm of the perturbation.
  func harm(_ inputs: Tensor, budget: Double) -> Double {
    let n = bias.count
    let samples = inputs.shape[0]
    let x = inputs.elements
    // The response of all outputs to the unit attack on each feature; features without weights cannot be attacked.
    let responses: [[Double]] = gram.compactMap { row in
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 1e-6 else { return nil }
      return gram.map { other in zip(other, row).reduce(0) { $0 + $1.0 * $1.1 } / norm }
    }
    var total = 0.0
    var before = [Double](repeating: 0, count: n)
    for sample in 0..<samples {
      let input = (0..<n).map { Double(x[sample * n + $0]) }
      for i in 0..<n { before[i] = bias[i] }
      for j in 0..<n where input[j] != 0 {
        for i in 0..<n { before[i] += gram[i][j] * input[j] }
      }
      let clean = loss(before, shifted: nil, by: 0, input)
      var worst = clean
      for response in responses {
        worst = max(worst, loss(before, shifted: response, by: budget, input))
        worst = max(worst, loss(before, shifted: response, by: -budget, input))
      }
      total += worst - clean
    }
    return total / Double(samples)
  }

  private func loss(_ before: [Double], shifted response: [Double]?, by amount: Double, _ input: [Double]) -> Double {
    var loss = 0.0
    for i in before.indices {
      let shifted = before[i] + amount * (response?[i] ?? 0)
      let error = (isRectified ? max(shifted, 0) : shifted) - input[i]
      loss += error * error
    }
    return loss
  }
}

/// The harm to a trained model relative to the harm to one without superposition, on `samples` fresh inputs.
func relativeVulnerability(
  _ trained: TrainedModels, _ distribution: FeatureDistribution, samples: Int, using random: RandomStream
) -> Double {
  let inputs = distribution.samples(samples, using: random)
  let n = distribution.features
  let elements = inputs.elements
  let norms = (0..<samples).map { sample in
    (0..<n).reduce(0.0) { $0 + Double(elements[sample * n + $1]) * Double(elements[sample * n + $1]) }.squareRoot()
  }
  let budget = 0.1 * norms.reduce(0, +) / Double(samples)
  let baseline = AttackedModel(
    withoutSuperposition: n, hidden: trained.model.architecture.hidden, density: Double(distribution.densities[0]))
  return AttackedModel(trained).harm(inputs, budget: budget) / baseline.harm(inputs, budget: budget)
}
