// Data with a ground truth: features that are directions, and a rule by which they are active.
//
// A sample is Σ cᵢ·dᵢ with unit vectors dᵢ, more of them than dimensions, and sizes cᵢ that are zero but for the few
// features that are active, whose sizes are uniform in [0, 1) (Sharkey et al. 2022).

import Tensors

/// Features with directions and a rule by which they are active.
struct KnownFeatures: Sendable {
  /// How features come to be active in a sample.
  enum Activity: Sendable {
    /// Few at a time, correlated and ever rarer (Sharkey et al. 2022).
    case correlated(CorrelatedActivity)
    /// All of them in every sample: no code for it is sparse.
    case always
    /// Consecutive families of this size; each is active with this probability, with one of its members.
    case families(of: Int, probability: Float)
  }

  /// Samples, and how often each feature is active in them.
  struct Samples: Sendable {
    /// `[sample, input]`.
    var activations: Tensor
    /// The share of samples in which each feature is active.
    var frequencies: [Double]
  }

  /// One unit vector a feature, `[features, inputs]`.
  let directions: Tensor
  /// How features come to be active.
  let activity: Activity

  /// The number of features.
  var features: Int { directions.shape[0] }

  /// Features in random directions, independent of each other.
  static func random(_ features: Int, inputs: Int, _ activity: Activity, using random: RandomStream) -> KnownFeatures {
    KnownFeatures(directions: unitVectors(features, inputs, using: random), activity: activity)
  }

  /// The same features, all of them active in every sample.
  var dense: KnownFeatures { KnownFeatures(directions: directions, activity: .always) }

  /// Draws samples, a block at a time so that the sizes of all features need not be kept.
  func samples(_ count: Int, using random: RandomStream) -> Samples {
    let inputs = directions.shape[1]
    var activations = Tensor(uninitialized: [count, inputs])
    var active = [Double](repeating: 0, count: features)
    let rows = 4_096
    for (block, first) in stride(from: 0, to: count, by: rows).enumerated() {
      let sizes = coefficients(min(rows, count - first), using: random.derived("block", block))
      let sums = sizes.mask(where: { $0 > 0 }).sum(axis: 0).elements
      for feature in active.indices { active[feature] += Double(sums[feature]) }
      let part = sizes.matmul(directions)
      activations.withUnsafeMutableElements { target in
        part.withUnsafeElements { source in
          for index in source.indices { target[first * inputs + index] = source[index] }
        }
      }
    }
    return Samples(activations: activations, frequencies: active.map { $0 / Double(count) })
  }

  /// The sizes of all features in some samples, `[sample, feature]`: zero where a feature is not active.
  func coefficients(_ count: Int, using random: RandomStream) -> Tensor {
    var stream = random
    switch activity {
    case .correlated(let activity): return activity.coefficients(count, using: random)
    case .always: return stream.uniform([count, features])
    case .families(let size, let probability):
      var sizes = Tensor(zeros: [count, features])
      sizes.withUnsafeMutableElements { sizes in
        for sample in 0..<count {
          for first in stride(from: 0, to: features, by: size) where stream.uniform() < probability {
            sizes[sample * features + first + stream.integer(below: size)] = stream.uniform()
          }
        }
      }
      return sizes
    }
  }
}

/// Random directions: `[count, inputs]`, each row of unit length.
func unitVectors(_ count: Int, _ inputs: Int, using random: RandomStream) -> Tensor {
  var stream = random
  let rows = stream.normal([count, inputs])
  return rows / rows.norm(axis: 1, keepingAxis: true)
}
