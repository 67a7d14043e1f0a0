// What can be wrong with a tokenizer's files, or with what is asked of a tokenizer.

/// Why a tokenizer cannot be read, or cannot answer.
public struct TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file's path; that of the tokenizer when no file is at fault.
  public let file: String
  /// The key, line or byte within the file, or what was asked for.
  public let key: String
  /// What was found and what was expected there.
  public let reason: String

  /// A sentence that names the file, the place and what was expected.
  public var description: String { key.isEmpty ? "\(file): \(reason)" : "\(file): \(key): \(reason)" }

  init(_ file: String, _ key: String, _ reason: String) {
    self.file = file
    self.key = key
    self.reason = reason
  }
}
