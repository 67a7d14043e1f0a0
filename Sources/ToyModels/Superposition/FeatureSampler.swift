// Draws a block of samples, in one of two forms. Where most features of most samples are zero, the cost should go with
// the number of active entries: between two active samples of a feature lies a geometrically distributed gap, drawn at
// once from one logarithm, and the block is a list of entries. Where a good part is active, every entry is drawn, and
// the block is an array.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One active feature of one sample.
struct ActiveFeature {
  var feature: Int32
  var sample: Int32
  var value: Float
}

/// Draws samples of a distribution, always the same for the same stream.
struct FeatureSampler {
  let distribution: FeatureDistribution

  /// Whether so much is active that blocks are drawn as arrays.
  let isDense: Bool

  private let scale: Float
  private let shift: Float

  init(_ distribution: FeatureDistribution) {
    self.distribution = distribution
    isDense = distribution.dependence == .independent && distribution.densities.allSatisfy { $0 >= 0.15 }
    // An active value is made of 24 random bits.
    (scale, shift) = distribution.values == .unit ? (0x1p-24, 0) : (0x1p-23, -1)
  }

  /// Writes a block as an array `[feature, sample]`.
  func drawArray(_ x: UnsafeMutablePointer<Float>, samples: Int, using random: inout RandomStream) {
    var generator = random
    for feature in 0..<distribution.features {
      // One draw serves twice: its upper 32 bits decide whether the entry is active, its lower 24 give the value.
      let threshold = Self.threshold(distribution.densities[feature])
      let row = x + feature * samples
      for sample in 0..<samples {
        let bits = generator.next()
        let value = Float(Int32(truncatingIfNeeded: bits & 0xff_ffff)) * scale + shift
        row[sample] = bits >> 32 < threshold ? value : 0
      }
    }
    random = generator
  }

  /// Writes a block as a list of what is active and returns the number of entries.
  func drawList(_ entries: UnsafeMutablePointer<ActiveFeature>, samples: Int, using random: inout RandomStream) -> Int {
    switch distribution.dependence {
    case .independent: drawSets(of: 1, entries, samples: samples, using: &random)
    case .correlatedSets(let size): drawSets(of: size, entries, samples: samples, using: &random)
    case .anticorrelatedSets(let size): drawAlternatives(of: size, entries, samples: samples, using: &random)
    }
  }

  /// All members of a set together, each with a value of its own.
  private func drawSets(
    of size: Int, _ entries: UnsafeMutablePointer<ActiveFeature>, samples: Int, using random: inout RandomStream
  ) -> Int {
    var generator = random
    var count = 0
    for first in stride(from: 0, to: distribution.features, by: size) {
      let gaps = Gaps(density: distribution.densities[first])
      var sample = gaps.next(after: -1, using: &generator)
      while sample < samples {
        for feature in first..<first + size {
          entries[count] = entry(feature, sample, generator.next())
          count += 1
        }
        sample = gaps.next(after: sample, using: &generator)
      }
    }
    random = generator
    return count
  }

  /// One random member of a set.
  private func drawAlternatives(
    of size: Int, _ entries: UnsafeMutablePointer<ActiveFeature>, samples: Int, using random: inout RandomStream
  ) -> Int {
    var generator = random
    var count = 0
    for first in stride(from: 0, to: distribution.features, by: size) {
      let gaps = Gaps(density: distribution.densities[first])
      var sample = gaps.next(after: -1, using: &generator)
      while sample < samples {
        let feature = first + generator.integer(below: size)
        entries[count] = entry(feature, sample, generator.next())
        count += 1
        sample = gaps.next(after: sample, using: &generator)
      }
    }
    random = generator
    return count
  }

  @inline(__always)
  private func entry(_ feature: Int, _ sample: Int, _ bits: UInt64) -> ActiveFeature {
    ActiveFeature(
      feature: Int32(truncatingIfNeeded: feature), sample: Int32(truncatingIfNeeded: sample),
      value: Float(Int32(truncatingIfNeeded: bits & 0xff_ffff)) * scale + shift)
  }

  fileprivate static func threshold(_ density: Float) -> UInt64 { UInt64(Double(density) * 0x1p32) }
}

/// The gaps between successes of independent trials.
private struct Gaps {
  private let threshold: UInt64
  private let inverseLogarithm: Double

  init(density: Float) {
    threshold = FeatureSampler.threshold(density)
    inverseLogarithm = density > 0 && density < 0.25 ? 1 / log1p(-Double(density)) : 0
  }

  /// The next success after a trial; far beyond any batch when there is none.
  @inline(__always)
  func next(after trial: Int, using random: inout RandomStream) -> Int {
    if inverseLogarithm != 0 {
      let gap = log(1 - random.uniformDouble()) * inverseLogarithm
      return gap < 0x1p30 ? trial + 1 + Int(gap) : 1 << 31
    }
    if threshold == 0 { return 1 << 31 }
    var next = trial + 1
    while random.next() >> 32 >= threshold { next += 1 }
    return next
  }
}
