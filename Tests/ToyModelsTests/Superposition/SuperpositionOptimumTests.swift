// Trainings whose best end is known in closed form.

import Tensors
import Testing

@testable import ToyModels

@Suite("The optimum of superposition models")
struct SuperpositionOptimumTests {
  // For independent features, WᵀW of rank m and a free bias, E Σ I_i (x_i − x′_i)² = ‖D^½ (1 − WᵀW) Σ^½‖² with D the
  // importances and Σ the variances. By Eckart and Young it is at least the sum of the n − m smallest I_i σ_i², and the
  // projection on the other features attains that: principal components. (Where importance and variance order features
  // differently, the tied model has local minima besides, so one of the two is constant here.)
  @Test(
    "is principal components in the linear model",
    arguments: [
      ([0.3, 0.3, 0.3, 0.3, 0.3, 0.3], [1, 0.8, 0.64, 0.512, 0.4, 0.3]),
      ([0.8, 0.05, 0.5, 0.02, 0.25, 0.1], [1, 1, 1, 1, 1, 1]),
    ] as [([Float], [Float])])
  func linear(densities: [Float], importance: [Float]) throws {
    let (n, m) = (6, 3)
    let distribution = FeatureDistribution(densities: densities)
    let random = RandomStream(seed: 31)
    let model = SuperpositionModel(
      .linear(features: n, hidden: m), instances: 2, initialization: .normal(standardDeviation: 0.3), using: random)
    var trainer = SuperpositionTrainer(
      model, distributions: [distribution], importance: importance,
      settings: SuperpositionTraining(
        steps: 4000, batchSize: 512, learningRate: 1e-2, schedule: .cosine, weightDecay: 0),
      using: random)
    let trained = trainer.run()
    let worth = zip(importance, densities).map { (importance: Float, density: Float) -> Double in
      let variance = Double(density) / 3 - Double(density * density) / 4
      return Double(importance) * variance
    }
    let kept = Set((0..<n).sorted { worth[$0] > worth[$1] }.prefix(m))
    let optimum = (0..<n).reduce(0) { kept.contains($1) ? $0 : $0 + worth[$1] }
    for instance in 0..<2 {
      let loss = linearLoss(trained, instance: instance, distribution, importance: importance)
      #expect(loss >= optimum * 0.999_99)
      #expect(loss <= optimum * 1.02)
      for i in 0..<n {
        for k in 0..<n {
          var product: Float = 0
          for j in 0..<m { product += trained.encoder[instance, i, j] * trained.encoder[instance, k, j] }
          #expect(abs(product - (i == k && kept.contains(i) ? 1 : 0)) < 0.1, "WᵀW[\(i), \(k)] = \(product)")
        }
        let bias = kept.contains(i) ? 0 : densities[i] / 2
        #expect(abs(trained.bias[instance, i] - bias) < 0.05, "b[\(i)]")
      }
    }
  }

  // Two features that are never active together fit into one dimension without loss: W = (1, −1), b = 0.
  @Test("is lossless for two anticorrelated features in one dimension")
  func antipodal() {
    let distribution = FeatureDistribution(features: 2, density: 0.5, dependence: .anticorrelatedSets(of: 2))
    let random = RandomStream(seed: 32)
    let model = SuperpositionModel(
      .reluOutput(features: 2, hidden: 1), instances: 8, initialization: .normal(standardDeviation: 0.5), using: random)
    var trainer = SuperpositionTrainer(
      model, distributions: [distribution], importance: [1, 1],
      settings: SuperpositionTraining(
        steps: 1500, batchSize: 256, learningRate: 1e-2, schedule: .cosine, weightDecay: 0),
      using: random)
    let trained = trainer.run()
    let losses = trained.losses([distribution], importance: [1, 1], samples: 10_000, using: random.derived("judge"))
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    #expect(losses[best] < 1e-6)
    let (first, second) = (trained.encoder[best, 0, 0], trained.encoder[best, 1, 0])
    #expect(abs(abs(first) - 1) < 1e-2 && abs(first + second) < 1e-2)
  }
}
