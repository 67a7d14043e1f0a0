import Tensors
import Testing

@testable import ToyModels

@Suite("The sampler of sparse features")
struct FeatureSamplerTests {
  /// On both sides of every change of method: gaps by logarithm or by trial (0.25), list or array (0.08).
  static let densities: [Float] = [1e-3, 3e-3, 0.01, 0.03, 0.079, 0.08, 0.1, 0.2, 0.249, 0.25, 0.5, 0.9, 1]

  @Test("activates every feature with its density, as a list and as an array", arguments: densities, Form.allCases)
  func density(density: Float, form: Form) {
    let counts = activations(FeatureDistribution(features: 4, density: density), samples: 60_000, form: form)
    for count in counts { #expect(isPlausible(count, of: 60_000, probability: Double(density)), "\(count)") }
  }

  @Test("gives each feature a density of its own", arguments: Form.allCases)
  func densityPerFeature(form: Form) {
    let densities: [Float] = [0, 0.002, 0.05, 0.3, 0.7, 1]
    let counts = activations(FeatureDistribution(densities: densities), samples: 60_000, form: form)
    for (count, density) in zip(counts, densities) {
      #expect(isPlausible(count, of: 60_000, probability: Double(density)), "\(count) at \(density)")
    }
    #expect(counts.first == 0)
  }

  @Test("keeps the density in blocks of any size", arguments: [1, 3, 64, 1000], Form.allCases)
  func blocks(block: Int, form: Form) {
    for density in [0.02, 0.4] as [Float] {
      let distribution = FeatureDistribution(features: 3, density: density)
      for count in activations(distribution, samples: 30_000, block: block, form: form) {
        #expect(isPlausible(count, of: 30_000, probability: Double(density)), "\(count) at \(density)")
      }
    }
  }

  @Test("activates independent features independently, in pairs and in number", arguments: Form.allCases)
  func independence(form: Form) {
    let samples = 60_000
    let rows = rows(FeatureDistribution(features: 3, density: 0.3), samples: samples, form: form)
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
      let both = rows.count { $0[i] != 0 && $0[j] != 0 }
      #expect(isPlausible(both, of: samples, probability: 0.09))
    }
    let binomial = [0.343, 0.441, 0.189, 0.027]
    for (active, probability) in binomial.enumerated() {
      let count = rows.count { row in row.count { $0 != 0 } == active }
      #expect(isPlausible(count, of: samples, probability: probability), "\(active) active in \(count)")
    }
  }

  @Test(
    "draws values uniform in their range, whatever the density", arguments: [0.02, 0.15, 0.6, 1] as [Float],
    Form.allCases)
  func values(density: Float, form: Form) {
    for (values, range) in [(FeatureDistribution.Values.unit, Float(0)..<1), (.symmetric, -1..<1)] {
      let distribution = FeatureDistribution(features: 2, density: density, values: values)
      let active = rows(distribution, samples: 50_000, form: form).joined().filter { $0 != 0 }
      #expect(active.allSatisfy(range.contains))
      #expect(uniformityStatistic(active, in: range) < 2.5)
      let mean = active.reduce(0) { $0 + Double($1) } / Double(active.count)
      let deviation = Double(range.upperBound - range.lowerBound) / (12 * Double(active.count)).squareRoot()
      #expect(abs(mean - Double(range.lowerBound + range.upperBound) / 2) < 4.5 * deviation)
    }
  }

  @Test("leaves geometric gaps between active samples", arguments: [1e-3, 0.02, 0.2, 0.25, 0.5, 0.95] as [Float])
  func gaps(density: Float) {
    let sampler = FeatureSampler(FeatureDistribution(features: 1, density: density))
    var random = RandomStream(seed: 21)
    let samples = Int(20_000 / density)
    let entries = sampler.entries(samples, using: &random)
    let positions = entries.map { Int($0.sample) }
    #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
    let gaps = zip(positions, positions.dropFirst()).map { $1 - $0 - 1 }
    #expect(geometricStatistic(gaps, probability: Double(density)) < 2.5)
    // One random number may give both a gap and the value after it: they must not know of each other, nor must gaps.
    let (lengths, values) = (gaps.map(Double.init), entries.dropFirst().map { Double($0.value) })
    let bound = 4.5 / Double(gaps.count).squareRoot()
    #expect(abs(correlation(lengths, values)) < bound)
    #expect(abs(correlation(Array(lengths.dropLast()), Array(lengths.dropFirst()))) < bound)
  }

  @Test("activates correlated sets as one, with values of their own", arguments: [0.02, 0.3, 1] as [Float])
  func correlatedSets(density: Float) {
    let samples = 40_000
    let distribution = FeatureDistribution(features: 6, density: density, dependence: .correlatedSets(of: 3))
    let rows = rows(distribution, samples: samples, form: .list)
    let sets = rows.map { row in [row[0...2], row[3...5]].map { set in set.count { $0 != 0 } } }
    #expect(sets.allSatisfy { $0.allSatisfy { $0 == 0 || $0 == 3 } })
    for set in 0..<2 {
      #expect(isPlausible(sets.count { $0[set] == 3 }, of: samples, probability: Double(density)))
    }
    #expect(isPlausible(sets.count { $0 == [3, 3] }, of: samples, probability: Double(density * density)))
    let active = rows.filter { $0[0] != 0 }.map { $0.map(Double.init) }
    let bound = 4.5 / Double(active.count).squareRoot()
    #expect(abs(correlation(active.map { $0[0] }, active.map { $0[1] })) < bound)
    #expect(abs(correlation(active.map { $0[1] }, active.map { $0[2] })) < bound)
  }

  @Test("activates one member of an anticorrelated set, each as often", arguments: [0.02, 0.3, 1] as [Float])
  func anticorrelatedSets(density: Float) {
    let samples = 40_000
    let distribution = FeatureDistribution(features: 6, density: density, dependence: .anticorrelatedSets(of: 3))
    let rows = rows(distribution, samples: samples, form: .list)
    #expect(rows.allSatisfy { row in [row[0...2], row[3...5]].allSatisfy { $0.count { $0 != 0 } <= 1 } })
    for feature in 0..<6 {
      let count = rows.count { $0[feature] != 0 }
      #expect(isPlausible(count, of: samples, probability: Double(distribution.marginalDensities[feature])))
      #expect(isPlausible(count, of: samples, probability: Double(density) / 3))
    }
    let both = rows.count { row in row[0...2].contains { $0 != 0 } && row[3...5].contains { $0 != 0 } }
    #expect(isPlausible(both, of: samples, probability: Double(density * density)))
  }

  @Test("takes the first member's density for a whole set")
  func densityOfSets() {
    let densities: [Float] = [0.5, 0, 0.1, 0.9]
    let together = FeatureDistribution(densities: densities, dependence: .correlatedSets(of: 2))
    #expect(together.marginalDensities == [0.5, 0.5, 0.1, 0.1])
    let apart = FeatureDistribution(densities: densities, dependence: .anticorrelatedSets(of: 2))
    #expect(apart.marginalDensities == [0.25, 0.25, 0.05, 0.05])
    for distribution in [together, apart] {
      let counts = activations(distribution, samples: 40_000, form: .list)
      for (count, density) in zip(counts, distribution.marginalDensities) {
        #expect(isPlausible(count, of: 40_000, probability: Double(density)))
      }
    }
  }

  @Test("draws nothing at density zero or nearly zero, all at one", arguments: Form.allCases)
  func extremes(form: Form) {
    for features in [1, 5] {
      for density in [0, .leastNonzeroMagnitude, 1e-30, 1e-12] as [Float] {
        let distribution = FeatureDistribution(features: features, density: density)
        #expect(activations(distribution, samples: 20_000, form: form).allSatisfy { $0 == 0 })
      }
      var random = RandomStream(seed: 4)
      let all = FeatureSampler(FeatureDistribution(features: features, density: 1))
      #expect(all.entries(1000, using: &random).count == 1000 * features)
      #expect(all.entries(0, using: &random).isEmpty)
    }
  }

  @Test("gives the same samples for the same stream, others for another", arguments: Form.allCases)
  func reproducible(form: Form) {
    let sampler = FeatureSampler(FeatureDistribution(features: 4, density: 0.3))
    func samples(_ seed: UInt64) -> [[Float]] {
      var random = RandomStream(seed: seed)
      return sampler.samples(500, form: form, using: &random) + sampler.samples(500, form: form, using: &random)
    }
    #expect(samples(1) == samples(1))
    #expect(samples(1) != samples(2))
    #expect(samples(1).prefix(500) != samples(1).suffix(500))
  }

  private func rows(
    _ distribution: FeatureDistribution, samples: Int, block: Int = 1000, form: Form
  ) -> [[Float]] {
    let sampler = FeatureSampler(distribution)
    var random = RandomStream(seed: 17)
    var rows: [[Float]] = []
    while rows.count < samples {
      rows += sampler.samples(min(block, samples - rows.count), form: form, using: &random)
    }
    return rows
  }

  /// How often each feature was active.
  private func activations(
    _ distribution: FeatureDistribution, samples: Int, block: Int = 1000, form: Form
  ) -> [Int] {
    let sampler = FeatureSampler(distribution)
    var random = RandomStream(seed: 17)
    var counts = Array(repeating: 0, count: distribution.features)
    var drawn = 0
    while drawn < samples {
      let block = min(block, samples - drawn)
      drawn += block
      switch form {
      case .list: for entry in sampler.entries(block, using: &random) { counts[Int(entry.feature)] += 1 }
      case .array:
        for row in sampler.samples(block, form: form, using: &random) {
          for feature in row.indices where row[feature] != 0 { counts[feature] += 1 }
        }
      }
    }
    return counts
  }
}
