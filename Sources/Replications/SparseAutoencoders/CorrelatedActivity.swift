// Which features are active together, as in Sharkey et al. 2022: a correlated Gaussian vector goes through the normal
// distribution function, falls off with the feature's number, is scaled to so many active features and becomes the
// probability of a coin for each feature. Published code differs in two points. Here the vector is drawn for every sample
// (in one code once for a batch) and its entries have variance one (there, much more, which makes probabilities nearly
// all or nothing).

import Tensors

/// Sparse features that are correlated and ever rarer.
struct CorrelatedActivity: Sendable {
  /// Makes independent Gaussian numbers correlated: `[features, features]`, rows of unit length.
  let mixing: Tensor
  /// How often each feature is active, averaged over samples.
  let frequencies: [Double]

  /// Draws a random correlation matrix.
  ///
  /// - Parameters:
  ///   - features: The number of features.
  ///   - active: How many of them are active in a sample on average.
  ///   - decay: The frequency of a feature over that of the one before it.
  init(features: Int, active: Double, decay: Double, using random: RandomStream) {
    mixing = unitVectors(features, features, using: random)
    var falling: [Double] = []
    for _ in 0..<features { falling.append((falling.last ?? 1 / decay) * decay) }
    let sum = falling.reduce(0, +)
    frequencies = falling.map { $0 * active / sum }
    precondition(frequencies.allSatisfy { $0 <= 0.5 }, "\(active) of \(features) features are too many to be sparse")
  }

  /// The sizes of all features in some samples, `[sample, feature]`: uniform in (0, 1) where a feature is active.
  func coefficients(_ count: Int, using random: RandomStream) -> Tensor {
    var stream = random
    let features = frequencies.count
    let gaussian = stream.normal([count, features]).matmul(mixing, transposingOther: true)
    // Φ(z) = (1 + erf(z/√2))/2, which is 1/2 on average: twice the frequency makes up for it.
    var sizes = (gaussian * Float(0.5).squareRoot()).erf()
    sizes.withUnsafeMutableElements { sizes in
      for sample in 0..<count {
        for feature in 0..<features {
          let index = sample * features + feature
          let probability = Float(frequencies[feature]) * (1 + sizes[index])
          sizes[index] = stream.uniform() < probability ? max(stream.uniform(), .leastNormalMagnitude) : 0
        }
      }
    }
    return sizes
  }
}
