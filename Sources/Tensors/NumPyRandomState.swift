// What NumPy draws after `np.random.seed`, for published tokens and splits that depend on it.
//
// The same seed gives the same numbers. New experiments use `RandomStream`, which derives independent streams.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
