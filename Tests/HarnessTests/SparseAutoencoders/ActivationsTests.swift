// The controls that are made of the data alone: a Gaussian twin and principal components.

import Tensors
import Testing

@testable import Replications

@Suite("Activations and what is made of them") struct ActivationsTests {
  private let known = Recovery.known(using: RandomStream(seed: 2))
  private var data: Activations { Activations(known, pool: 20_000, heldOut: 20_000, using: RandomStream(seed: 3)) }

  @Test("A Gaussian twin has the mean and the covariance of the data")
  func moments() throws {
    let data = data.shifted(by: Tensor(repeating: 0.5, [32]))
    let twin = try data.gaussianTwin(using: RandomStream(seed: 4))
    for samples in [twin.pool, twin.heldOut] {
      #expect(samples.mean(axis: 0).maximumDifference(from: data.pool.mean(axis: 0)) < 0.01)
      let difference = Activations.covariance(samples).maximumDifference(from: Activations.covariance(data.pool))
      #expect(difference < 0.003)
    }
  }

  @Test("A Gaussian twin is Gaussian in the features' directions, in which the data are anything but")
  func kurtosis() throws {
    let twin = try data.gaussianTwin(using: RandomStream(seed: 4))
    func excess(_ samples: Tensor) -> [Double] {
      let projections = samples.matmul(known.directions, transposingOther: true)
      let centred = projections - projections.mean(axis: 0)
      let (second, fourth) = (centred.squared().mean(axis: 0), centred.squared().squared().mean(axis: 0))
      return (fourth / second.squared()).elements.map { Double($0) - 3 }
    }
    #expect(excess(twin.pool).allSatisfy { abs($0) < 0.25 })
    #expect(abs(mean(excess(twin.pool))) < 0.03)
    #expect(mean(excess(data.pool)) > 0.8)
  }

  @Test("Principal components are orthonormal, in the order of their variance, each followed by its opposite")
  func components() throws {
    let components = try data.components()
    #expect(components.shape == [64, 32])
    let positive = components.gathered(at: (0..<32).map { 2 * $0 })
    let negative = components.gathered(at: (0..<32).map { 2 * $0 + 1 })
    #expect((positive + negative).magnitudes().maximum() == 0)
    let gram = positive.matmul(positive, transposingOther: true)
    #expect(gram.maximumDifference(from: .identity(32)) < 1e-4)
    let variances = (data.pool - data.pool.mean(axis: 0)).matmul(positive, transposingOther: true).variance(axis: 0)
      .elements
    for (next, variance) in zip(variances.dropFirst(), variances) { #expect(next <= variance * 1.0001) }
  }

  @Test("Principal components do not see an offset")
  func offset() throws {
    let moved = data.shifted(by: unitVectors(1, 32, using: RandomStream(seed: 5)).reshaped([32]) * 3)
    let (before, after) = (try data.components(), try moved.components())
    // The first of them, whichever of its two signs comes first.
    let cosines = before.slice(axis: 0, 0..<1).matmul(after.slice(axis: 0, 0..<2), transposingOther: true)
    #expect(cosines.maximum() > 0.99)
  }
}
