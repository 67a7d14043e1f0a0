// What PyTorch draws on the CPU after `torch.manual_seed`, for published initial weights and data that depend on it.
//
// The same seed gives the same numbers. New experiments use `RandomStream`, which derives independent streams.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// PyTorch's generator on the CPU: what `torch.manual_seed(s)` gives.
public struct PyTorchGenerator: Sendable {
  private var generator: MersenneTwister
  private var spareNormal: Double?

  /// Creates the generator of a seed, of which PyTorch's engine uses the low 32 bits.
  public init(seed: UInt64) { generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed)) }

  /// A uniform float in [0, 1), a multiple of 2⁻²⁴, as `rand()`.
  public mutating func uniform() -> Float { Float(generator.next32() & 0xff_ffff) * 0x1p-24 }

  /// A uniform integer, as `randint(low, high)`: a remainder, of 64 bits from a width of 2²⁸ on.
  ///
  /// PyTorch 2.13 draws so; older releases change to 64 bits at 2³².
  public mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "a random integer needs a range that is not empty")
    let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
    let bits = width >= 1 << 28 ? generator.next() : UInt64(generator.next32())
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
