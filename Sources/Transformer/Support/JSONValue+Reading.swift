// Reading JSON from bytes or text, and the error that names the place: the work is `JSONParser`'s.

/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The file's path, or a name for bytes that have none.
  public let file: String
  /// The number of bytes before the place.
  public let offset: Int
  /// What is wrong there.
  public let reason: String

  /// A sentence that names the file and the place.
  public var description: String { "\(file): byte \(offset): \(reason)" }
}

extension JSONValue {
  /// Reads a JSON text in UTF-8; the name appears in errors.
  public init(bytes: some Collection<UInt8>, name: String = "JSON") throws(JSONError) {
    let result: Result<JSONValue, JSONError>? = bytes.withContiguousStorageIfAvailable { buffer in
      Self.parse(buffer, name)
    }
    self = try (result ?? Array(bytes).withUnsafeBufferPointer { Self.parse($0, name) }).get()
  }

  /// Reads a JSON text.
  public init(_ text: String, name: String = "JSON") throws(JSONError) {
    try self.init(bytes: text.utf8, name: name)
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ name: String) -> Result<JSONValue, JSONError> {
    var parser = JSONParser(bytes: bytes)
    do throws(JSONParser.Failure) {
      return .success(try parser.document())
    } catch {
      return .failure(JSONError(file: name, offset: error.offset, reason: error.reason))
    }
  }
}
