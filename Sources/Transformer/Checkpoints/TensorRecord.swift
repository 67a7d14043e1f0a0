// What a checkpoint knows of a tensor before it is read: name, type, shape, and where its elements lie.

import Tensors

/// A piece of a file, or the content of an archive's entry.
struct ByteRegion: Sendable {
  enum Source: Sendable {
    case file(RegularFile)
    case entry(ZipArchive, Int)
  }

  let source: Source
  /// The number of the source's bytes before it.
  let start: Int
  /// The number of bytes.
  let count: Int

  /// Fills a buffer with the bytes that begin at a place of the region; the caller stays within it.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
    precondition(offset >= 0 && buffer.count <= count - offset, "a read beyond the end of a region")
    switch source {
    case .file(let file): try file.read(at: start + offset, into: buffer)
    case .entry(let archive, let entry): try archive.read(entry, at: start + offset, into: buffer)
    }
  }

  /// The bytes of a range, which must lie within the region.
  func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
    try filledBytes(range.count) { buffer throws(CheckpointError) in try read(at: range.lowerBound, into: buffer) }
  }
}

/// Where the elements of an array lie, counted in elements.
struct StridedLayout: Sendable, Equatable {
  /// The place of the first element.
  var offset: Int
  /// The extent of each axis.
  var shape: [Int]
  /// The distance between neighbours along each axis.
  var strides: [Int]

  init(offset: Int, shape: [Int], strides: [Int]) {
    self.offset = offset
    self.shape = shape
    self.strides = strides
  }

  /// Dense elements in row-major order, or column-major where Fortran's order is asked for.
  init(dense shape: [Int], offset: Int = 0, isFortranOrder: Bool = false) {
    self.init(offset: offset, shape: shape, strides: Array(repeating: 0, count: shape.count))
    var stride = 1
    for axis in isFortranOrder ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = stride
      stride *= max(shape[axis], 1)
    }
  }

  /// The number of elements; the shape has been checked to be countable.
  var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

  /// Whether the elements are dense and in row-major order.
  var isDense: Bool {
    var expected = 1
    for axis in shape.indices.reversed() where shape[axis] != 1 {
      guard strides[axis] == expected else { return shape.contains(0) }
      expected *= shape[axis]
    }
    return true
  }

  /// The number of elements from the first to the last, both included; nil when it is too large to count.
  var extent: Int? {
    guard !shape.contains(0) else { return 0 }
    var last = 0
    for (extent, stride) in zip(shape, strides) {
      let (distance, tooFar) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow) = last.addingReportingOverflow(distance)
      guard !tooFar, !overflow, stride >= 0 else { return nil }
      last = sum
    }
    let (extent, overflow) = last.addingReportingOverflow(1)
    return overflow ? nil : extent
  }

  /// Keeps a range of an axis.
  mutating func keep(_ range: Range<Int>, axis: Int) {
    offset += range.lowerBound * strides[axis]
    shape[axis] = range.count
  }

  /// Exchanges the two axes of a matrix.
  mutating func transpose() {
    shape.swapAt(0, 1)
    strides.swapAt(0, 1)
  }
}

/// A tensor as a checkpoint's table of contents has it.
struct TensorRecord: Sendable {
  let name: String
  let type: ElementType
  let layout: StridedLayout
  /// The bytes that the layout counts in; its extent has been checked to lie within them.
  let region: ByteRegion
  /// The file that holds it, for errors.
  let file: String
  /// Why it cannot be read, where more can be said than that its type is not converted.
  var refusal: String?
}
