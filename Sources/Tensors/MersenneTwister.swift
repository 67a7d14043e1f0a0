// MT19937 (Matsumoto and Nishimura 1998) and the draws that NumPy and PyTorch make from it.
//
// Published tokens, splits and initial weights sometimes depend on `np.random.seed` or `torch.manual_seed`; here the
// same seeds give the same numbers. New experiments use `RandomStream`, which derives independent streams.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The Mersenne twister with 19937 bits of state.
public struct MersenneTwister: RandomNumberGenerator, Sendable {
  private var state: [UInt32]
  private var position = MersenneTwister.size

  private static let size = 624

  /// Creates the generator of a seed, as the authors' `init_genrand` does.
  public init(seed: UInt32) {
    state = [seed]
    state.reserveCapacity(Self.size)
    for index in 1..<Self.size {
      let previous = state[index - 1]
      state.append(1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(index))
    }
  }

  /// The next 32 random bits.
  public mutating func next32() -> UInt32 {
    if position == Self.size { refill() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    return word ^ (word >> 18)
  }

  /// The next 64 random bits, the earlier word above.
  public mutating func next() -> UInt64 {
    let high = UInt64(next32())
    return high << 32 | UInt64(next32())
  }

  private mutating func refill() {
    for index in 0..<Self.size {
      let mixed = (state[index] & 0x8000_0000) | (state[(index + 1) % Self.size] & 0x7fff_ffff)
      state[index] = state[(index + 397) % Self.size] ^ (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_b0df)
    }
    position = 0
  }
}

/// NumPy's legacy generator: what `np.random.seed(s)` and `np.random.RandomState(s)` give.
public struct NumPyRandomState: Sendable {
  private var generator: MersenneTwister
  private var spareNormal: Double?

  /// Creates the generator of a seed.
  public init(seed: UInt32) { generator = MersenneTwister(seed: seed) }

  /// A uniform number in [0, 1) with 53 bits, as `random_sample()` and `rand()`.
  public mutating func uniform() -> Double {
    let high = Double(generator.next32() >> 5)
    return (high * 67_108_864 + Double(generator.next32() >> 6)) / 9_007_199_254_740_992
  }

  /// A uniform integer, as `randint(low, high)` with the default 64-bit type draws it: masked rejection.
  public mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "a random integer needs a range that is not empty")
    return range.lowerBound
      &+ Int(truncatingIfNeeded: integer(through: UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound)) - 1))
  }

  /// A standard normal number, as `randn()` and `standard_normal()`: Marsaglia's polar method, in pairs.
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
      let square = x * x + y * y
      guard square < 1, square != 0 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spareNormal = factor * x
      return factor * y
    }
  }

  /// Brings elements into a random order, as `shuffle(x)`.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for index in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(index, Int(integer(through: UInt64(index))))
    }
  }

  /// A random order of 0 ..< count, as `permutation(count)`.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }

  /// A uniform integer from 0 through a maximum: as many low bits as it has, drawn until they fit.
  private mutating func integer(through maximum: UInt64) -> UInt64 {
    guard maximum > 0 else { return 0 }
    let mask = UInt64.max >> UInt64(maximum.leadingZeroBitCount)
    while true {
      let value = (maximum <= 0xffff_ffff ? UInt64(generator.next32()) : generator.next()) & mask
      if value <= maximum { return value }
    }
  }
}

/// PyTorch's generator on the CPU: what `torch.manual_seed(s)` gives.
public struct PyTorchGenerator: Sendable {
  private var generator: MersenneTwister
  private var spareNormal: Double?

  /// Creates the generator of a seed, of which PyTorch's engine uses the low 32 bits.
  public init(seed: UInt64) { generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed)) }

  /// A uniform float in [0, 1), a multiple of 2⁻²⁴, as `rand()`.
  public mutating func uniform() -> Float { Float(generator.next32() & 0xff_ffff) * 0x1p-24 }

  /// A uniform integer, as `randint(low, high)`: a remainder, of 64 bits where the range is wide.
  public mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "a random integer needs a range that is not empty")
    let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
    let bits = width >= 1 << 32 ? generator.next() : UInt64(generator.next32())
    return range.lowerBound &+ Int(truncatingIfNeeded: bits % width)
  }

  /// Standard normal numbers, as `randn(count)`.
  ///
  /// From 16 numbers on PyTorch transforms uniform floats in blocks of 16 and draws the last block again when the count
  /// is no multiple of 16; its vector code rounds differently, so these agree to about 1e-6 and not to the bit.
  public mutating func normals(_ count: Int) -> [Float] {
    guard count >= 16 else { return (0..<count).map { _ in Float(normal()) } }
    var values = (0..<count).map { _ in uniform() }
    for start in stride(from: 0, through: count - 16, by: 16) { Self.transform(&values, start) }
    if count % 16 != 0 {
      for index in count - 16..<count { values[index] = uniform() }
      Self.transform(&values, count - 16)
    }
    return values
  }

  /// A random order of 0 ..< count, as `randperm(count)`.
  public mutating func permutation(_ count: Int) -> [Int] {
    precondition(count < Int(UInt32.max) / 20, "PyTorch draws orders of \(count) elements in another way")
    var order = Array(0..<count)
    for index in 0..<max(count - 1, 0) {
      order.swapAt(index, index + Int(generator.next32()) % (count - index))
    }
    return order
  }

  /// One normal number by Box and Muller in double precision, in pairs.
  private mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let angle = 2 * Double.pi * uniformDouble()
    let radius = (-2 * log1p(-uniformDouble())).squareRoot()
    spareNormal = radius * sin(angle)
    return radius * cos(angle)
  }

  private mutating func uniformDouble() -> Double { Double(generator.next() & (1 << 53 - 1)) * 0x1p-53 }

  /// Box and Muller over a block of 16: the first half are radii, the second angles.
  private static func transform(_ values: inout [Float], _ start: Int) {
    for index in start..<start + 8 {
      let radius = (-2 * log(1 - Double(values[index]))).squareRoot()
      let angle = 2 * Double.pi * Double(values[index + 8])
      values[index] = Float(radius * cos(angle))
      values[index + 8] = Float(radius * sin(angle))
    }
  }
}
