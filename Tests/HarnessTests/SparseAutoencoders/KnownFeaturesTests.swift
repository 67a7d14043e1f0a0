// The ground truth: how often features are active, which of them together, and what activations are made of.

import Foundation
import Tensors
import Testing

@testable import Replications

@Suite("Known features") struct KnownFeaturesTests {
  private let random = RandomStream(seed: 1)

  @Test("Directions are unit vectors, and a sample is the sum of its active features")
  func directions() {
    let known = KnownFeatures.random(6, inputs: 4, .families(of: 3, probability: 0.5), using: random)
    for norm in known.directions.norm(axis: 1).elements { #expect(abs(norm - 1) < 1e-6) }
    let samples = known.samples(5_000, using: random)
    let first = known.coefficients(4_096, using: random.derived("block", 0)).matmul(known.directions)
    #expect(samples.activations.slice(axis: 0, 0..<4_096).maximumDifference(from: first) == 0)
  }

  @Test("Correlated features are active as often as they are meant to be, ever more rarely")
  func frequencies() {
    let activity = CorrelatedActivity(features: 20, active: 3, decay: 0.9, using: random)
    #expect(abs(activity.frequencies.reduce(0, +) - 3) < 1e-12)
    for (rarer, frequent) in zip(activity.frequencies.dropFirst(), activity.frequencies) {
      #expect(abs(rarer / frequent - 0.9) < 1e-12)
    }
    let known = KnownFeatures.random(20, inputs: 8, .correlated(activity), using: random)
    let measured = known.samples(60_000, using: random).frequencies
    for (measured, meant) in zip(measured, activity.frequencies) {
      #expect(abs(measured - meant) < 5 * (meant / 60_000).squareRoot())
    }
  }

  @Test("Features are active together as often as the correlation of their Gaussian numbers demands")
  func correlation() {
    let activity = CorrelatedActivity(features: 4, active: 1.2, decay: 1, using: random)
    let correlations = activity.mixing.matmul(activity.mixing, transposingOther: true)
    let count = 100_000
    let active = activity.coefficients(count, using: random).mask(where: { $0 > 0 })
    let together = active.matmul(active, transposingSelf: true)
    for i in 0..<4 {
      for j in 0..<i {
        // E[Φ(x)Φ(y)] = 1/4 + asin(ρ/2)/2π.
        let ratio = 1 + 2 * asin(Double(correlations[i, j]) / 2) / .pi
        let expected = activity.frequencies[i] * activity.frequencies[j] * ratio
        let error = (expected / Double(count)).squareRoot()
        #expect(abs(Double(together[i, j]) / Double(count) - expected) < 5 * error)
      }
    }
  }

  @Test("Sizes of active features are uniform in (0, 1)")
  func sizes() {
    let activity = CorrelatedActivity(features: 4, active: 1, decay: 1, using: random)
    let sizes = activity.coefficients(20_000, using: random).elements.filter { $0 != 0 }.map(Double.init)
    #expect(sizes.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(abs(mean(sizes) - 0.5) < 0.01)
    #expect(abs(mean(sizes.map { $0 * $0 }) - 1 / 3.0) < 0.01)
  }

  @Test("Of a family at most one member is active, each as often as the others")
  func families() {
    let known = KnownFeatures.random(8, inputs: 4, .families(of: 4, probability: 0.2), using: random)
    let active = known.coefficients(40_000, using: random).mask(where: { $0 > 0 })
    let members = active.reshaped([40_000, 2, 4]).sum(axis: 2)
    #expect(members.maximum() == 1)
    for frequency in known.samples(40_000, using: random).frequencies { #expect(abs(frequency - 0.05) < 0.006) }
  }

  @Test("The dense control has the same directions and every feature in every sample")
  func dense() {
    let activity = CorrelatedActivity(features: 6, active: 1, decay: 0.9, using: random)
    let known = KnownFeatures.random(6, inputs: 4, .correlated(activity), using: random)
    #expect(known.dense.directions == known.directions)
    #expect(known.dense.samples(1_000, using: random).frequencies.allSatisfy { $0 > 0.99 })
  }

  @Test("The same stream gives the same samples")
  func determinism() {
    let known = Recovery.known(using: random)
    #expect(known.samples(100, using: random).activations == known.samples(100, using: random).activations)
  }
}
