// The array everything here computes with: n dimensions of Float, row-major, contiguous, a value.
//
// A copy shares memory until one of the two is written (copy on write). There are no strided views: products take
// transposition flags and strides instead, and every kernel can count on contiguous memory.

/// An n-dimensional array of floats with value semantics.
public struct Tensor: Sendable {
  /// The extent of each axis, outermost first; empty for a scalar.
  public private(set) var shape: [Int]

  @usableFromInline var storage: Storage

  /// The number of elements: the product of the shape.
  public let count: Int

  /// Creates a tensor whose elements are undefined, for kernels that write every one of them.
  public init(uninitialized shape: [Int]) {
    self.shape = shape
    count = Tensor.count(of: shape)
    storage = Storage(count: count)
  }

  /// Creates a tensor filled with one value.
  public init(repeating value: Float, _ shape: [Int]) {
    self.init(uninitialized: shape)
    storage.elements.update(repeating: value)
  }

  /// Creates a tensor of zeros.
  public init(zeros shape: [Int]) { self.init(repeating: 0, shape) }

  /// Creates a tensor of ones.
  public init(ones shape: [Int]) { self.init(repeating: 1, shape) }

  /// Creates a tensor from its elements in row-major order.
  public init(_ elements: [Float], _ shape: [Int]) {
    self.init(uninitialized: shape)
    precondition(elements.count == count, "\(elements.count) elements do not fill the shape \(shape)")
    elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.elements.baseAddress?.update(from: base, count: count) }
    }
  }

  /// Creates a scalar: the shape is empty.
  public init(_ value: Float) { self.init([value], []) }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// The same elements under another shape, sharing memory.
  ///
  /// One extent may be -1: it is inferred from the others.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    var result = self
    var resolved = newShape
    if let hole = newShape.firstIndex(of: -1) {
      let known = newShape.enumerated().reduce(1) { $1.offset == hole ? $0 : $0 * $1.element }
      precondition(
        known > 0 && count % known == 0, "\(count) elements of shape \(shape) cannot be reshaped to \(newShape)")
      resolved[hole] = count / known
    }
    precondition(
      Tensor.count(of: resolved) == count, "\(count) elements of shape \(shape) cannot be reshaped to \(newShape)")
    result.shape = resolved
    return result
  }

  /// Calls a closure with the elements in row-major order.
  @inlinable
  public func withUnsafeElements<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(storage.elements))
  }

  /// Calls a closure with the elements for writing, after making sure that nobody else sees the writes.
  @inlinable
  public mutating func withUnsafeMutableElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    return try body(storage.elements)
  }

  /// The elements in row-major order, copied.
  public var elements: [Float] { withUnsafeElements { Array($0) } }

  /// The only element of a tensor that has one.
  public var scalar: Float {
    precondition(count == 1, "a tensor of shape \(shape) is not a scalar")
    return storage.elements[0]
  }

  /// One element by its position on each axis.
  public subscript(_ position: Int...) -> Float {
    get { storage.elements[offset(of: position)] }
    set {
      let offset = offset(of: position)
      makeUnique()
      storage.elements[offset] = newValue
    }
  }

  @usableFromInline
  mutating func makeUnique() {
    guard !isKnownUniquelyReferenced(&storage) else { return }
    let copy = Storage(count: count)
    if let source = storage.elements.baseAddress { copy.elements.baseAddress?.update(from: source, count: count) }
    storage = copy
  }

  private func offset(of position: [Int]) -> Int {
    precondition(position.count == rank, "\(position.count) indices for a tensor of shape \(shape)")
    var offset = 0
    for (index, extent) in zip(position, shape) {
      precondition(index >= 0 && index < extent, "index \(position) is outside the shape \(shape)")
      offset = offset * extent + index
    }
    return offset
  }

  /// The number of elements of a shape; zero when any extent is zero.
  public static func count(of shape: [Int]) -> Int {
    for extent in shape { precondition(extent >= 0, "a shape cannot have the extent \(extent): \(shape)") }
    guard !shape.contains(0) else { return 0 }
    return shape.reduce(1) { product, extent in
      let (result, overflow) = product.multipliedReportingOverflow(by: extent)
      precondition(!overflow, "the shape \(shape) has more elements than an Int can count")
      return result
    }
  }
}

extension Tensor: Equatable {
  /// Whether shapes and elements are equal, by IEEE comparison: NaN differs from itself.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape && left.storage.elements.elementsEqual(right.storage.elements)
  }
}
