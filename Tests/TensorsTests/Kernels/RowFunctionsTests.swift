import Testing

@testable import Tensors

/// The loops of row_functions.h for each instruction set against one another, bit by bit.
@Suite("Functions of rows")
struct RowFunctionsTests {
  /// Ordinary numbers, both zeros, the ends of the range and what is beyond them, subnormals, infinities, NaN.
  static let numbers: [Float] =
    (Tensor.normal([700]) * 6).elements + (0..<400).map { (Float($0) - 200) / 12 }
    + [0, -0.0, 12, -12, 0x1p-133, -0x1p-133, 1e30, -1e30, .infinity, -.infinity, .nan, .leastNonzeroMagnitude]

  @Test("GELU has the bits of its definition", arguments: [nil] + VectorInstructions.available)
  func gelu(_ instructions: VectorInstructions?) {
    for count in [0, 1, 15, 16, 17, 33, Self.numbers.count] {
      let x = Array(Self.numbers.suffix(count))
      var y = [Float](repeating: 7, count: count)
      x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in Kernels.geluTanh(x, into: y, with: instructions) }
      }
      for (x, y) in zip(x, y) where !x.isNaN {
        #expect(y.bitPattern == Elementary.geluTanh(x).bitPattern, "at \(x)")
      }
      #expect(zip(x, y).allSatisfy { $0.isNaN == $1.isNaN })
    }
  }

  @Test("exponentials and their sum have the same bits everywhere", arguments: VectorInstructions.available)
  func exponentials(_ instructions: VectorInstructions) {
    for count in [1, 3, 4, 7, 16, 30, 63, 64, 65, 83, 129, 700] {
      let x = Array(Self.numbers.prefix(count))
      let (plain, plainSum) = exponentials(x, with: nil)
      let (wide, wideSum) = exponentials(x, with: instructions)
      #expect(plain.map(\.bitPattern) == wide.map(\.bitPattern), "\(count) numbers")
      #expect(plainSum.bitPattern == wideSum.bitPattern, "\(count) numbers")
    }
  }

  private func exponentials(_ x: [Float], with instructions: VectorInstructions?) -> ([Float], Double) {
    var (y, sum) = (x, 0.0)
    y.withUnsafeMutableBufferPointer { y in
      if let y = y.baseAddress { sum = Kernels.exponentials(y, x.count, less: 3, into: y, with: instructions) }
    }
    return (y, sum)
  }
}
