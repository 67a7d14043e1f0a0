// Why a file of a model cannot be used: one type for all formats, one sentence for each fault.

/// Why a file of a model cannot be read or written.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The file's path.
  public let file: String
  /// What is wrong with it and what was expected.
  public let reason: String

  /// Creates an error about a file.
  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  /// A sentence that names the file.
  public var description: String { "\(file): \(reason)" }
}
