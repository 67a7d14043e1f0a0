// Something that is wrong with a file that people write, said so that they find the place.

/// One thing that is wrong with a data file, and where.
public struct FileProblem: Error, Sendable, Hashable {
  /// The file, relative to the folder that holds `papers`.
  public let file: String

  /// The line, counted from 1, where it is known.
  public let line: Int?

  /// The path of keys, for instance `claims[3].margin`; empty for the file as a whole.
  public let path: String

  /// What was expected and what was found.
  public let message: String

  init(file: String, line: Int? = nil, path: String = "", message: String) {
    self.file = file
    self.line = line
    self.path = path
    self.message = message
  }
}

extension FileProblem: CustomStringConvertible {
  /// The problem in the form that editors and terminals link to: `file:line: key: message`.
  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
  }
}
