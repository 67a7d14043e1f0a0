// Seeded randomness: one root seed per run, and a stream of its own for each use, derived by label.
//
// The generator is xoshiro256++ (Blackman and Vigna 2019), seeded through SplitMix64 as its authors advise. A derived
// stream depends on its parent's key and its label, never on how much the parent has been read: adding an experiment
// or a draw moves no other stream.

/// A reproducible stream of random numbers that can derive independent streams by label.
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// What the stream was made from: two streams with one key give the same numbers.
  public let key: UInt64

  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64

  /// Creates the stream of a seed.
  public init(seed: UInt64) {
    key = seed
    var mixer = seed
    s0 = splitMix64(&mixer)
    s1 = splitMix64(&mixer)
    s2 = splitMix64(&mixer)
    s3 = splitMix64(&mixer)
  }

  /// The stream that belongs to a label under this one, whatever has been drawn from this one.
  public func derived(_ label: String) -> RandomStream {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a over the label's bytes
    for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    var mixer = key
    let first = splitMix64(&mixer)
    mixer = first ^ hash
    return RandomStream(seed: splitMix64(&mixer))
  }

  /// The stream of one member of a numbered family under this one.
  public func derived(_ label: String, _ index: Int) -> RandomStream {
    derived("\(label)#\(index)")
  }

  /// The next 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = ((sum << 23) | (sum >> 41)) &+ s0
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A uniform number in [0, 1), a multiple of 2⁻²⁴.
  @inlinable
  public mutating func uniform() -> Float {
    Float(next() >> 40) * 0x1p-24
  }

  /// A uniform number in [0, 1) in double precision, a multiple of 2⁻⁵³.
  @inlinable
  public mutating func uniformDouble() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform integer in 0 ..< bound, without bias.
  @inlinable
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a random integer needs a positive bound, got \(bound)")
    // Lemire's multiplication: reject the few values that would make some results likelier.
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }
}

/// One step of SplitMix64 (Steele, Lea and Flood 2014).
func splitMix64(_ state: inout UInt64) -> UInt64 {
  state &+= 0x9e37_79b9_7f4a_7c15
  var z = state
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
