// Stored elements become floats.
//
// Stored numbers are little-endian, as every machine that Swift numerics run on. The loops are in
// Tensors/Kernels/StoredElements.swift.

import Tensors

#if _endian(big)
  #error("checkpoints are read on little-endian machines")
#endif

extension ElementType {
  /// Converts elements to single precision, rounding to nearest; the source must be aligned for its type.
  func convert(_ source: UnsafeRawPointer, count: Int, to target: UnsafeMutablePointer<Float>) {
    switch self {
    case .f32: target.update(from: source.assumingMemoryBound(to: Float.self), count: count)
    case .f16: Kernels.convertHalf(source.assumingMemoryBound(to: UInt16.self), count, target)
    case .bf16: Kernels.convertUpperHalf(source.assumingMemoryBound(to: UInt16.self), count, target)
    case .f64: Kernels.convert(source.assumingMemoryBound(to: Double.self), count, target)
    case .bool: Kernels.convertTruth(source.assumingMemoryBound(to: UInt8.self), count, target)
    case .u8: Kernels.convert(source.assumingMemoryBound(to: UInt8.self), count, target)
    case .i8: Kernels.convert(source.assumingMemoryBound(to: Int8.self), count, target)
    case .u16: Kernels.convert(source.assumingMemoryBound(to: UInt16.self), count, target)
    case .i16: Kernels.convert(source.assumingMemoryBound(to: Int16.self), count, target)
    case .u32: Kernels.convert(source.assumingMemoryBound(to: UInt32.self), count, target)
    case .i32: Kernels.convert(source.assumingMemoryBound(to: Int32.self), count, target)
    case .u64: Kernels.convert(source.assumingMemoryBound(to: UInt64.self), count, target)
    case .i64: Kernels.convert(source.assumingMemoryBound(to: Int64.self), count, target)
    case .f4, .f6E2M3, .f6E3M2, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ, .c64, .other:
      preconditionFailure("elements of type \(rawValue) are not converted")
    }
  }

  /// The integer at a place, or nil when an `Int` cannot hold it.
  func integer(_ source: UnsafeRawPointer, at index: Int) -> Int? {
    switch self {
    case .bool: source.loadUnaligned(fromByteOffset: index, as: UInt8.self) == 0 ? 0 : 1
    case .u8: Int(source.loadUnaligned(fromByteOffset: index, as: UInt8.self))
    case .i8: Int(source.loadUnaligned(fromByteOffset: index, as: Int8.self))
    case .u16: Int(source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
    case .i16: Int(source.loadUnaligned(fromByteOffset: index * 2, as: Int16.self))
    case .u32: Int(source.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
    case .i32: Int(source.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
    case .u64: Int(exactly: source.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    case .i64: Int(source.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
    default: nil
    }
  }
}

/// Calls a closure with the place in memory of each run along the last axis of a strided array, in row-major order.
func forEachRun(of shape: [Int], strides: [Int], _ body: (_ start: Int, _ count: Int, _ stride: Int) -> Void) {
  guard !shape.contains(0) else { return }
  guard let inner = shape.last, let innerStride = strides.last else { return body(0, 1, 1) }
  var position = [Int](repeating: 0, count: shape.count - 1)
  var start = 0
  while true {
    body(start, inner, innerStride)
    var axis = shape.count - 2
    while axis >= 0 {
      position[axis] += 1
      start += strides[axis]
      if position[axis] < shape[axis] { break }
      start -= strides[axis] * shape[axis]
      position[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}

/// Copies a strided array into a dense one, in row-major order.
func gather(_ source: UnsafePointer<Float>, shape: [Int], strides: [Int], to target: UnsafeMutablePointer<Float>) {
  var next = target
  forEachRun(of: shape, strides: strides) { start, count, stride in
    Kernels.gather(source + start, stride: stride, count, next)
    next += count
  }
}
