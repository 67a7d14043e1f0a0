// The synthetic data of Elhage et al. 2022, "Toy Models of Superposition", section "Demonstrating Superposition":
// feature i is zero with probability S, otherwise uniform; p = 1 − S is its density. Section "Correlated and
// Anticorrelated Features" adds sets that are active together, or of which at most one member is active.

import Tensors  // preconditions that say their sentence

/// How likely features are, which of them occur together, and what values they take.
public struct FeatureDistribution: Sendable, Equatable {
  /// Which features are active together.
  public enum Dependence: Sendable, Equatable {
    /// Each feature is active on its own with its density.
    case independent
    /// One draw decides for a whole set of this size, all active or none; values stay independent.
    case correlatedSets(of: Int)
    /// With the density of the set, exactly one random member of a set of this size is active.
    case anticorrelatedSets(of: Int)
  }

  /// The values that an active feature takes.
  public enum Values: Sendable, Equatable {
    /// Uniform in [0, 1), as in most of the paper.
    case unit
    /// Uniform in [−1, 1), as in "Computation in Superposition".
    case symmetric
  }

  /// The density 1 − S of each feature; within a set, the first member's density is the set's.
  public var densities: [Float]
  /// Which features are active together.
  public var dependence: Dependence
  /// The values that an active feature takes.
  public var values: Values

  /// Creates a distribution from a density for each feature.
  public init(densities: [Float], dependence: Dependence = .independent, values: Values = .unit) {
    precondition(
      densities.allSatisfy { $0 >= 0 && $0 <= 1 }, "densities are probabilities in 0...1, got \(densities)")
    if case .correlatedSets(let size) = dependence { Self.check(size, densities.count) }
    if case .anticorrelatedSets(let size) = dependence { Self.check(size, densities.count) }
    self.densities = densities
    self.dependence = dependence
    self.values = values
  }

  /// Creates a distribution in which all features have the same density.
  public init(features: Int, density: Float, dependence: Dependence = .independent, values: Values = .unit) {
    self.init(densities: Array(repeating: density, count: features), dependence: dependence, values: values)
  }

  /// The number of features.
  public var features: Int { densities.count }

  /// The probability that each single feature is active.
  public var marginalDensities: [Float] {
    switch dependence {
    case .independent: densities
    case .correlatedSets(let size): densities.indices.map { densities[$0 / size * size] }
    case .anticorrelatedSets(let size): densities.indices.map { densities[$0 / size * size] / Float(size) }
    }
  }

  private static func check(_ size: Int, _ features: Int) {
    precondition(size > 0 && features % size == 0, "\(features) features do not divide into sets of \(size)")
  }
}
