// The loops that turn numbers as files hold them into floats: conversion, transposition, gathering.
//
// They are here, and not where files are read, because this module is optimised in debug builds too.

extension Kernels {
  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<Double>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<Int8>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<UInt16>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<Int16>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<UInt32>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<Int32>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<UInt64>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Converts numbers to single precision, rounding to nearest.
  package static func convert(_ source: UnsafePointer<Int64>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
    write(source, count, target) { Float($0) }
  }

  /// Writes 1 for each byte that is not zero.
  package static func convertTruth(_ source: UnsafePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<Float>)
  {
    write(source, count, target) { $0 == 0 ? 0 : 1 }
  }

  /// Copies elements that are a stride apart.
  package static func gather(
    _ source: UnsafePointer<Float>, stride: Int, _ count: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count { target[index] = source[index * stride] }
  }

  /// Half precision: the bits are shifted into place and the exponent is mended by a product, which is exact.
  package static func convertHalf(_ source: UnsafePointer<UInt16>, _ count: Int, _ target: UnsafeMutablePointer<Float>)
  {
    let scale = Float(bitPattern: 0x7780_0000)  // 2¹¹²: the difference of the two exponents' biases
    write(source, count, target) {
      let half = UInt32($0)
      let magnitude = Float(bitPattern: (half & 0x7fff) &<< 13) * scale
      let special: UInt32 = half & 0x7c00 == 0x7c00 ? 0x7f80_0000 : 0  // infinities and NaN keep their mantissa
      return Float(bitPattern: magnitude.bitPattern | special | (half & 0x8000) &<< 16)
    }
  }

  /// The brain floating-point format: the upper half of a float's bits.
  package static func convertUpperHalf(
    _ source: UnsafePointer<UInt16>, _ count: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    write(source, count, target) { Float(bitPattern: UInt32($0) &<< 16) }
  }

  /// Writes a block of rows as columns: `target[column * pitch + row] = source[row * columns + column]`.
  ///
  /// Columns are taken sixteen at a time: one cache line of each row is read once and stays near until it is used up.
  package static func transposeBlock(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int, to target: UnsafeMutablePointer<Float>, pitch: Int
  ) {
    var first = 0
    while first < columns {
      let end = min(first + 16, columns)
      for column in first..<end {
        let line = target + column * pitch
        for row in 0..<rows { line[row] = source[row * columns + column] }
      }
      first = end
    }
  }
}

/// Writes a function of each element; inlined, so that each type has a loop of its own.
@inline(__always)
private func write<Element>(
  _ source: UnsafePointer<Element>, _ count: Int, _ target: UnsafeMutablePointer<Float>,
  _ function: (Element) -> Float
) {
  for index in 0..<count { target[index] = function(source[index]) }
}
