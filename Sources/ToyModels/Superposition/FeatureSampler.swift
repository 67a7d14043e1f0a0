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

/// Draws samples of a distribution, always the same for the same stream and the same sizes of block.
///
/// A block is drawn feature by feature, so cutting a batch into other blocks gives other samples of the same distribution;
/// so does the other form.
struct FeatureSampler {
  let distribution: FeatureDistribution

  /// Whether so much is active that blocks are drawn as arrays.
  let isDense: Bool

  private let scale: Float
  private let shift: Float
  /// For each feature, or each set by its first member.
  private let gaps: [Gaps]

  init(_ distribution: FeatureDistribution) {
    self.distribution = distribution
    isDense = distribution.dependence == .independent && distribution.densities.allSatisfy { $0 >= 0.08 }
    gaps = distribution.densities.map(Gaps.init)
    // An active value is made of 24 random bits.
    (scale, shift) = distribution.values == .unit ? (0x1p-24, 0) : (0x1p-23, -1)
  }

  /// Writes a block as an array `[feature, sample]`.
  func drawArray(_ x: UnsafeMutablePointer<Float>, samples: Int, using random: inout RandomStream) {
    var lanes = RandomLanes(&random)
    let whole = samples / 8 * 8
    for feature in 0..<distribution.features {
      let choice = Choice(distribution.densities[feature], distribution.values)
      let row = x + feature * samples
      var sample = 0
      while sample < whole {
        UnsafeMutableRawPointer(row + sample).storeBytes(of: choice.values(lanes.next()), as: SIMD8<Float>.self)
        sample += 8
      }
      if sample < samples {
        let rest = choice.values(lanes.next())
        while sample < samples {
          row[sample] = rest[sample - whole]
          sample += 1
        }
      }
    }
  }

  /// Writes a block as a list of what is active and returns the number of entries.
  func drawList(_ entries: UnsafeMutablePointer<ActiveFeature>, samples: Int, using random: inout RandomStream) -> Int {
    switch distribution.dependence {
    case .independent: drawSets(of: 1, entries, samples: samples, using: &random)
    case .correlatedSets(let size): drawSets(of: size, entries, samples: samples, using: &random)
    case .anticorrelatedSets(let size):
      drawSets(of: size, oneMemberOnly: true, entries, samples: samples, using: &random)
    }
  }

  /// All members of a set together, each with a value of its own, or one random member.
  private func drawSets(
    of size: Int, oneMemberOnly: Bool = false, _ entries: UnsafeMutablePointer<ActiveFeature>, samples: Int,
    using random: inout RandomStream
  ) -> Int {
    var waits = Waits(random)
    var count = 0
    for first in stride(from: 0, to: distribution.features, by: size) {
      let gaps = gaps[first]
      var (sample, bits) = gaps.next(after: -1, using: &waits)
      while sample < samples {
        let member = oneMemberOnly ? waits.random.integer(below: size) : 0
        entries[count] = entry(first + member, sample, bits)
        count += 1
        if !oneMemberOnly {
          for feature in first + 1..<first + size {
            entries[count] = entry(feature, sample, waits.random.next())
            count += 1
          }
        }
        (sample, bits) = gaps.next(after: sample, using: &waits)
      }
    }
    random = waits.random
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

/// Makes entries from uniform numbers: one number decides whether the entry is active and, since it is then uniform below
/// the threshold, gives its value too.
private struct Choice {
  private let largest: SIMD8<Int32>
  private let scale: Float
  private let shift: Float

  init(_ density: Float, _ values: FeatureDistribution.Values) {
    let threshold = Double(density) * 0x1p31
    largest = SIMD8(repeating: Int32(clamping: Int(threshold) - 1))
    // Of the 31 bits 24 fit a float; rounded down, so that no value reaches the open end.
    let unit = threshold > 0 ? Float(0x1p7 / threshold).nextDown : 0
    (scale, shift) = values == .unit ? (unit, 0) : (2 * unit, -1)
  }

  @inline(__always)
  func values(_ bits: SIMD8<UInt32>) -> SIMD8<Float> {
    let numbers = SIMD8<Int32>(truncatingIfNeeded: bits &>> 1)
    let values = SIMD8<Float>(numbers &>> 7) * scale + shift
    return SIMD8<Float>.zero.replacing(with: values, where: numbers .<= largest)
  }
}

/// Eight xorwow generators (Marsaglia 2003) side by side, seeded from a stream: numbers by the vector.
///
/// Shifts and no rotations, which plain x86-64 lacks for vectors.
private struct RandomLanes {
  private var x: SIMD8<UInt32>
  private var y: SIMD8<UInt32>
  private var z: SIMD8<UInt32>
  private var w: SIMD8<UInt32>
  private var v: SIMD8<UInt32>
  private var counter: SIMD8<UInt32>

  init(_ random: inout RandomStream) {
    func seeds() -> (SIMD8<UInt32>, SIMD8<UInt32>) {
      var (low, high) = (SIMD8<UInt32>.zero, SIMD8<UInt32>.zero)
      for lane in 0..<8 {
        let bits = random.next()
        low[lane] = UInt32(truncatingIfNeeded: bits)
        high[lane] = UInt32(truncatingIfNeeded: bits >> 32)
      }
      return (low, high)
    }
    (x, y) = seeds()
    (z, w) = seeds()
    (v, counter) = seeds()
    // A shift register whose state is all zero would stay there.
    v |= 1
  }

  @inline(__always)
  mutating func next() -> SIMD8<UInt32> {
    let t = x ^ (x &>> 2)
    (x, y, z, w) = (y, z, w, v)
    v = (v ^ (v &<< 4)) ^ (t ^ (t &<< 1))
    counter &+= 362_437
    return v &+ counter
  }
}

/// The gaps between successes of independent trials.
private struct Gaps {
  private let threshold: UInt64
  /// Mean gap of a density so small that gaps are drawn as such; 0 where trials are drawn one by one.
  private let mean: Float

  init(density: Float) {
    threshold = FeatureSampler.threshold(density)
    mean = density > 0 && density < 0.25 ? Float(-1 / log1p(-Double(density))) : 0
  }

  /// The next success after a trial, far beyond any batch when there is none, and 24 random bits independent of it.
  @inline(__always)
  func next(after trial: Int, using waits: inout Waits) -> (trial: Int, bits: UInt64) {
    if mean != 0 {
      let (wait, bits) = waits.next()
      // The whole part of an exponential variable is geometric.
      let gap = wait * mean
      return (gap < 0x1p30 ? trial + 1 + Int(gap) : 1 << 31, UInt64(bits))
    }
    if threshold == 0 { return (1 << 31, 0) }
    var next = trial + 1
    var bits = waits.random.next()
    while bits >> 32 >= threshold {
      next += 1
      bits = waits.random.next()
    }
    return (next, bits)
  }
}

/// Exponential variables of mean 1, made many at a time, since one alone would wait for a chain of dependent operations.
private struct Waits {
  var random: RandomStream
  private var times = InlineArray<64, Float>(repeating: 0)
  private var bits = InlineArray<64, UInt32>(repeating: 0)
  private var position = 64

  init(_ random: RandomStream) { self.random = random }

  /// The next variable, and 24 random bits independent of it.
  @inline(__always)
  mutating func next() -> (time: Float, bits: UInt32) {
    if position == 64 { refill() }
    defer { position += 1 }
    return (times[position], bits[position])
  }

  private mutating func refill() {
    for index in 0..<64 {
      let draw = random.next()
      // The upper 24 bits make a number in (0, 1], the lower 24 are the caller's.
      times[index] = Float(Int32(truncatingIfNeeded: draw >> 40) + 1) * 0x1p-24
      bits[index] = UInt32(truncatingIfNeeded: draw) & 0xff_ffff
    }
    for index in 0..<64 { times[index] = -logarithm(times[index]) }
    position = 0
  }
}

/// The logarithm of a number in (0, 1] to a few units in the last place: no call, so that the loop above vectorises.
///
/// The number is 2^e·f with f in [√½, √2), and ln f = 2 artanh((f − 1)/(f + 1)).
@inline(__always)
private func logarithm(_ x: Float) -> Float {
  // Adding the distance from √½ to 1 carries into the exponent just where f would reach √2.
  let shifted = x.bitPattern &+ (0x3f80_0000 &- 0x3f35_04f3)
  let exponent = Int32(bitPattern: shifted >> 23) &- 127
  let f = Float(bitPattern: (shifted & 0x007f_ffff) &+ 0x3f35_04f3)
  let s = (f - 1) / (f + 1)
  let q = s * s
  let series = 1 + q * (0.333_333_33 + q * (0.2 + q * (0.142_857_14 + q * 0.111_111_11)))
  return Float(exponent) * 0.693_147_18 + 2 * s * series
}
