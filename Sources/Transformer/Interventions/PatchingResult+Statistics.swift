// How sure one can be of a sweep's means: bootstrap intervals and sign-flip permutation tests over examples.
//
// Every cell sees the same resamples and the same flips, as the examples are the same; a stream of random numbers makes
// them, so that equal streams give equal intervals.

import Tensors

extension PatchingResult {
  /// Which means count as at least as extreme as the one observed.
  public enum Alternative: Sendable {
    /// Those as far from zero.
    case twoSided
    /// Those as large.
    case greater
    /// Those as small.
    case less
  }

  /// The percentile bootstrap interval of the mean of each cell, `[axes…]`.
  ///
  /// Examples are drawn with replacement; quantiles are interpolated linearly. With `ofEffect` it is the interval of
  /// the mean effect. A cell whose examples agree has an interval of one point.
  public func bootstrapInterval(
    confidence: Double = 0.95, resamples: Int = 1000, ofEffect: Bool = false, using stream: RandomStream
  ) -> (lower: Tensor, upper: Tensor) {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence) is not between 0 and 1")
    precondition(resamples > 0 && !baseline.isEmpty, "a bootstrap needs examples and resamples")
    var stream = stream
    let count = baseline.count
    var weights = Tensor(zeros: [count, resamples])
    weights.withUnsafeMutableElements { weights in
      for draw in 0..<resamples {
        for _ in 0..<count { weights[stream.integer(below: count) * resamples + draw] += 1 }
      }
    }
    let data = ofEffect ? effect : values
    let means = data.reshaped([-1, count]).matmul(weights) / Float(count)
    let tail = (1 - confidence) / 2
    let shape = Array(values.shape.dropLast())
    let quantiles = means.elements.chunks(of: resamples).map { draws in
      let sorted = draws.sorted()
      return (quantile(sorted, tail), quantile(sorted, 1 - tail))
    }
    return (Tensor(quantiles.map(\.0), shape), Tensor(quantiles.map(\.1), shape))
  }

  /// The probability, if each effect were as likely of the other sign, of a mean effect as extreme as that of each cell.
  ///
  /// All sign patterns are tried where there are 12 examples or fewer; otherwise random ones, with (hits + 1)/(n + 1).
  public func permutationPValue(
    permutations: Int = 1000, alternative: Alternative = .twoSided, using stream: RandomStream
  ) -> Tensor {
    let count = baseline.count
    precondition(permutations > 0 && count > 0, "a permutation test needs examples and permutations")
    let isExact = count <= 12
    let patterns = isExact ? 1 << count : permutations
    var stream = stream
    var signs = Tensor(uninitialized: [count, patterns])
    signs.withUnsafeMutableElements { signs in
      for pattern in 0..<patterns {
        for example in 0..<count {
          let isFlipped = isExact ? pattern >> example & 1 == 1 : stream.next() >> 63 == 1
          signs[example * patterns + pattern] = isFlipped ? -1 : 1
        }
      }
    }
    let effects = effect.reshaped([-1, count])
    let observed = effects.mean(axis: 1).elements
    let null = effects.matmul(signs) / Float(count)
    let hits = zip(observed, null.elements.chunks(of: patterns)).map { observed, null in
      // Sums in another order differ by rounding: what agrees with the observed mean to that is as extreme.
      let slack = observed.magnitude * 100 * Float.ulpOfOne
      return null.count {
        switch alternative {
        case .twoSided: $0.magnitude >= observed.magnitude - slack
        case .greater: $0 >= observed - slack
        case .less: $0 <= observed + slack
        }
      }
    }
    let values = hits.map { isExact ? Float($0) / Float(patterns) : Float($0 + 1) / Float(patterns + 1) }
    return Tensor(values, Array(self.values.shape.dropLast()))
  }
}

/// A quantile of sorted numbers, interpolated linearly between the two nearest.
private func quantile(_ sorted: [Float], _ part: Double) -> Float {
  let place = part * Double(sorted.count - 1)
  let below = Int(place)
  let above = min(below + 1, sorted.count - 1)
  return sorted[below] + Float(place - Double(below)) * (sorted[above] - sorted[below])
}

extension Array {
  /// Consecutive stretches of one length.
  fileprivate func chunks(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<$0 + count] }
  }
}
