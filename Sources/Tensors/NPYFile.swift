// NumPy's .npy files: how fixtures made with public tools reach the tests, and arrays leave for other tools.
//
// Format: numpy.lib.format, versions 1 to 3; here little-endian, C order, float32, float64, int32 and int64. A file is
// checked before anything is allocated for its content: the size that the header promises must be the size that is there.

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Why an .npy file cannot be read or written.
public struct NPYError: Error, Equatable, CustomStringConvertible {
  /// The file's path, or a name for bytes that have none.
  public let file: String
  /// What is wrong with it and what was expected.
  public let reason: String

  /// A sentence that names the file.
  public var description: String { "\(file): \(reason)" }
}

/// An array as an .npy file holds it.
public struct NPYFile: Sendable, Equatable {
  /// The elements in C order, in the type that the file has.
  public enum Values: Sendable, Equatable {
    /// Single precision, `<f4`.
    case float32([Float])
    /// Double precision, `<f8`.
    case float64([Double])
    /// Integers of 32 bits, `<i4`.
    case int32([Int32])
    /// Integers of 64 bits, `<i8`.
    case int64([Int64])

    /// The number of elements.
    public var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int32(let values): values.count
      case .int64(let values): values.count
      }
    }
  }

  /// The extent of each axis; empty for a scalar.
  public var shape: [Int]

  /// The elements, as many as the shape says.
  public var values: Values

  /// Creates an array; the elements must fill the shape.
  public init(_ values: Values, _ shape: [Int]) {
    precondition(values.count == Tensor.count(of: shape), "\(values.count) elements do not fill the shape \(shape)")
    self.values = values
    self.shape = shape
  }

  /// Creates an array of a tensor's elements.
  public init(_ tensor: Tensor) { self.init(.float32(tensor.elements), tensor.shape) }

  /// The array as a tensor; doubles and integers are rounded to the nearest float.
  public var tensor: Tensor {
    switch values {
    case .float32(let values): Tensor(values, shape)
    case .float64(let values): Tensor(values.map { Float($0) }, shape)
    case .int32(let values): Tensor(values.map { Float($0) }, shape)
    case .int64(let values): Tensor(values.map { Float($0) }, shape)
    }
  }

  /// The elements of an integer array, or nil when they are floats.
  public var integers: [Int]? {
    switch values {
    case .int32(let values): values.map { Int($0) }
    case .int64(let values): values.map { Int($0) }
    case .float32, .float64: nil
    }
  }

  /// Reads a regular file.
  public init(contentsOf path: String) throws(NPYError) {
    let data: Data
    do {
      let resolved = URL(filePath: path).resolvingSymlinksInPath()
      let attributes = try FileManager.default.attributesOfItem(atPath: resolved.path)
      guard attributes[.type] as? FileAttributeType == .typeRegular else {
        throw NPYError(file: path, reason: "this is not a regular file")
      }
      data = try Data(contentsOf: resolved)
    } catch let error as NPYError {
      throw error
    } catch {
      throw NPYError(file: path, reason: "cannot be read: \(error)")
    }
    try self.init(bytes: Array(data), name: path)
  }

  /// Reads the bytes of a file; the name appears in errors.
  public init(bytes: [UInt8], name: String) throws(NPYError) {
    let header = try NPYHeader(bytes, name)
    let (type, count) = try header.elements(available: bytes.count - header.end, name)
    let payload = bytes[header.end...]
    func decode<Element>(_ convert: (UnsafeRawBufferPointer, Int) -> Element) -> [Element] {
      payload.withUnsafeBytes { raw in (0..<count).map { convert(raw, $0) } }
    }
    shape = header.shape
    values =
      switch type {
      case .float32:
        .float32(
          decode { Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: $1 * 4, as: UInt32.self))) })
      case .float64:
        .float64(
          decode { Double(bitPattern: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: $1 * 8, as: UInt64.self))) }
        )
      case .int32: .int32(decode { Int32(littleEndian: $0.loadUnaligned(fromByteOffset: $1 * 4, as: Int32.self)) })
      case .int64: .int64(decode { Int64(littleEndian: $0.loadUnaligned(fromByteOffset: $1 * 8, as: Int64.self)) })
      }
  }

  /// The file's bytes, in format version 1.
  public var bytes: [UInt8] {
    var bytes = NPYHeader.encoded(values.type, shape)
    switch values {
    case .float32(let values):
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    case .float64(let values):
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    case .int32(let values):
      for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    case .int64(let values):
      for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    }
    return bytes
  }

  /// Writes the file in one step: whoever looks sees the old content or the new, never half of it.
  public func write(to path: String) throws(NPYError) {
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw NPYError(file: path, reason: "cannot be written: \(error)")
    }
  }
}

extension NPYFile.Values {
  fileprivate var type: NPYHeader.ElementType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .int64: .int64
    }
  }
}
