// Brings a stored tensor into memory: one pass over its bytes, in pieces that stay in the cache, straight to the place
// where they are wanted. Beside the tensor itself no more than two pieces are held.

import Tensors

extension TensorRecord {
  /// The bytes of a piece.
  private static let pieceBytes = 1 << 20

  /// Reads the elements that a part of the layout names, as single precision in its row-major order.
  func read(_ part: StridedLayout) throws(CheckpointError) -> Tensor {
    guard refusal == nil, type.isConvertible else { throw unreadable }
    var tensor = Tensor(uninitialized: part.shape)
    guard tensor.count > 0 else { return tensor }
    let result: Result<Void, CheckpointError> = tensor.withUnsafeMutableElements { elements in
      guard let target = elements.baseAddress else { return .success(()) }
      do throws(CheckpointError) { return .success(try read(part, to: target)) } catch { return .failure(error) }
    }
    try result.get()
    return tensor
  }

  /// Reads integers in row-major order.
  func readIntegers() throws(CheckpointError) -> [Int] {
    guard refusal == nil, type.isConvertible else { throw unreadable }
    guard type.isInteger else { throw fail("holds \(type.rawValue), not integers") }
    guard layout.count > 0, let extent = layout.extent else { return [] }
    let width = type.bits / 8
    let bytes = try region.bytes(layout.offset * width..<(layout.offset + extent) * width)
    var integers: [Int] = []
    integers.reserveCapacity(layout.count)
    var isWhole = true
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      forEachRun(of: layout.shape, strides: layout.strides) { start, count, stride in
        for index in 0..<count {
          guard let value = type.integer(base, at: start + index * stride) else { return isWhole = false }
          integers.append(value)
        }
      }
    }
    guard isWhole else { throw fail("holds an integer beyond \(Int.max)") }
    return integers
  }

  /// An error about this tensor.
  func fail(_ reason: String) -> CheckpointError { CheckpointError(file: file, reason: "tensor '\(name)' \(reason)") }

  private var unreadable: CheckpointError {
    fail(refusal ?? "holds elements of type \(type.rawValue), which are not converted to float32")
  }

  private func read(_ part: StridedLayout, to target: UnsafeMutablePointer<Float>) throws(CheckpointError) {
    let (shape, strides) = (part.shape, part.strides)
    if part.isDense {
      try readDense(part.count, at: part.offset, to: target)
    } else if shape.count == 2, strides[1] == 1, strides[0] >= shape[1] {
      try readRows(part.offset, shape[0], shape[1], pitch: strides[0], isTransposed: false, to: target)
    } else if shape.count == 2, strides[0] == 1, strides[1] >= shape[0] {
      try readRows(part.offset, shape[1], shape[0], pitch: strides[1], isTransposed: true, to: target)
    } else if let extent = part.extent {
      let whole = UnsafeMutablePointer<Float>.allocate(capacity: extent)
      defer { whole.deallocate() }
      try readDense(extent, at: part.offset, to: whole)
      gather(whole, shape: shape, strides: strides, to: target)
    }
  }

  /// Reads elements that follow each other.
  private func readDense(_ count: Int, at offset: Int, to target: UnsafeMutablePointer<Float>) throws(CheckpointError) {
    let width = type.bits / 8
    guard type != .f32 else {
      return try region.read(at: offset * 4, into: UnsafeMutableRawBufferPointer(start: target, count: count * 4))
    }
    let most = min(count, Self.pieceBytes / width)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: most * width, alignment: 64)
    defer { piece.deallocate() }
    guard let base = piece.baseAddress else { return }
    for first in stride(from: 0, to: count, by: most) {
      let part = min(most, count - first)
      try region.read(
        at: (offset + first) * width, into: UnsafeMutableRawBufferPointer(rebasing: piece[..<(part * width)]))
      type.convert(base, count: part, to: target + first)
    }
  }

  /// Reads a matrix whose rows are dense and `pitch` elements apart, as it is or transposed.
  private func readRows(
    _ offset: Int, _ rows: Int, _ columns: Int, pitch: Int, isTransposed: Bool, to target: UnsafeMutablePointer<Float>
  ) throws(CheckpointError) {
    let width = type.bits / 8
    let panel = min(columns, Self.pieceBytes / 64)
    // Where less than half of each row is wanted, rows are read one by one; otherwise with what lies between them.
    let isSparse = panel <= pitch / 2
    let step = isSparse ? panel : pitch
    let block = min(rows, max(1, Self.pieceBytes / 8 / step))
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: block * step * width, alignment: 64)
    let floats = UnsafeMutablePointer<Float>.allocate(capacity: block * panel)
    defer {
      piece.deallocate()
      floats.deallocate()
    }
    guard let base = piece.baseAddress else { return }
    for left in stride(from: 0, to: columns, by: panel) {
      let columnsHere = min(panel, columns - left)
      for top in stride(from: 0, to: rows, by: block) {
        let rowsHere = min(block, rows - top)
        let start = offset + top * pitch + left
        if isSparse {
          for row in 0..<rowsHere {
            let bytes = row * step * width..<(row * step + columnsHere) * width
            try region.read(
              at: (start + row * pitch) * width, into: UnsafeMutableRawBufferPointer(rebasing: piece[bytes]))
          }
        } else {
          let count = ((rowsHere - 1) * step + columnsHere) * width
          try region.read(at: start * width, into: UnsafeMutableRawBufferPointer(rebasing: piece[..<count]))
        }
        for row in 0..<rowsHere {
          let line = isTransposed ? floats + row * columnsHere : target + (top + row) * columns + left
          type.convert(base + row * step * width, count: columnsHere, to: line)
        }
        if isTransposed {
          Kernels.transposeBlock(
            floats, rows: rowsHere, columns: columnsHere, to: target + left * rows + top, pitch: rows)
        }
      }
    }
  }
}
