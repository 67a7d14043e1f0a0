import Tensors
import Testing

@testable import ToyModels

@Suite("Superposition models")
struct SuperpositionModelTests {
  @Test("have PyTorch's hidden layer and output", arguments: SuperpositionFixture.names)
  func forward(name: String) throws {
    let fixture = try SuperpositionFixture(name)
    let model = try fixture.model()
    for instance in 0..<model.instances {
      let h = model.hidden(fixture.x.tensor, instance: instance)
      let y = model(fixture.x.tensor, instance: instance)
      #expect(h.shape == [fixture.x.shape[0], model.architecture.hidden])
      #expect(y.shape == fixture.x.shape)
      for precision in SuperpositionFixture.Precision.allCases {
        let results = fixture.results(precision)
        #expect(largestError(h.elements, results.hidden.member(instance)) < 1e-6)
        #expect(largestError(y.elements, results.output.member(instance)) < 1e-6)
      }
    }
  }

  @Test("accept a batch without samples")
  func noSamples() {
    let model = SuperpositionModel(
      .reluOutput(features: 3, hidden: 2), instances: 1, initialization: .xavier, using: RandomStream(seed: 1))
    #expect(model(Tensor(zeros: [0, 3]), instance: 0).shape == [0, 3])
    #expect(model.hidden(Tensor(zeros: [0, 3]), instance: 0).shape == [0, 2])
  }

  @Test("start with the deviation of their initialisation and zero bias")
  func initialization() {
    let (n, m, instances) = (60, 30, 10)
    let expected: [(SuperpositionModel.Initialization, Float)] = [
      (.normal(standardDeviation: 0.3), 0.3), (.xavier, (2 / Float(n + m)).squareRoot()),
      (.xavierOfNotebook, (2 / Float(n * m + instances * m)).squareRoot()),
    ]
    for (initialization, deviation) in expected {
      let model = SuperpositionModel(
        .absoluteValue(features: n, hidden: m), instances: instances, initialization: initialization,
        using: RandomStream(seed: 5))
      for weights in [model.encoder, model.decoder].compactMap({ $0 }) {
        let squares = weights.elements.reduce(0) { $0 + Double($1) * Double($1) }
        // 18,000 weights: the measured deviation is within 2 % of the true one at 3.8 of its own.
        #expect(abs((squares / Double(weights.count)).squareRoot() / Double(deviation) - 1) < 0.02)
      }
      #expect(model.bias == Tensor(zeros: [instances, n]))
      #expect(model.decoder != model.encoder)
    }
  }

  @Test("are the same for the same seed, and an instance is the same whatever follows it")
  func reproducible() {
    func model(_ instances: Int, seed: UInt64) -> SuperpositionModel {
      SuperpositionModel(
        .reluOutput(features: 5, hidden: 2), instances: instances, initialization: .xavier,
        using: RandomStream(seed: seed))
    }
    #expect(model(3, seed: 1).encoder == model(3, seed: 1).encoder)
    #expect(model(3, seed: 1).encoder != model(3, seed: 2).encoder)
    #expect(model(3, seed: 1).encoder.elements.starts(with: model(2, seed: 1).encoder.elements))
  }

  @Test("estimate the loss that a linear model has in closed form")
  func losses() {
    // With x_i independent of mean μ and variance σ², E Σ I_i (x_i − x′_i)² has the terms of `LinearLoss`.
    let density: Float = 0.3
    var model = SuperpositionModel(
      .linear(features: 6, hidden: 3), instances: 2, initialization: .normal(standardDeviation: 0.5),
      using: RandomStream(seed: 11))
    var stream = RandomStream(seed: 12)
    model.bias = stream.normal([2, 6], standardDeviation: 0.2)
    let distributions = [density, 0.02].map { FeatureDistribution(features: 6, density: $0) }
    let importance: [Float] = [1, 0.5, 2, 0.1, 0, 1]
    let measured = model.losses(distributions, importance: importance, samples: 300_000, using: RandomStream(seed: 13))
    for instance in 0..<2 {
      let expected = linearLoss(model, instance: instance, distributions[instance], importance: importance)
      #expect(abs(measured[instance] / expected - 1) < 0.015, "instance \(instance)")
    }
  }
}

/// The expected Σ_i I_i (x_i − x′_i)² of a linear model on independent features with values in [0, 1).
func linearLoss(
  _ model: SuperpositionModel, instance: Int, _ distribution: FeatureDistribution, importance: [Float]
) -> Double {
  let (n, m) = (model.architecture.features, model.architecture.hidden)
  let means = distribution.densities.map { Double($0) / 2 }
  let variances = distribution.densities.map { Double($0) / 3 - Double($0 * $0) / 4 }
  var loss = 0.0
  for i in 0..<n {
    var mean = -Double(model.bias[instance, i])
    var variance = 0.0
    for k in 0..<n {
      var coefficient = i == k ? 1.0 : 0
      for j in 0..<m { coefficient -= Double(model.encoder[instance, i, j]) * Double(model.encoder[instance, k, j]) }
      mean += coefficient * means[k]
      variance += coefficient * coefficient * variances[k]
    }
    loss += Double(importance[i]) * (mean * mean + variance)
  }
  return loss
}
