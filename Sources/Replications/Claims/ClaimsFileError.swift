// What is wrong with claims files: every problem at once, so that one reading mends them all.

/// The problems found in one or more claims files.
public struct ClaimsFileError: Error, Sendable, Hashable {
  /// The problems, in the order of the files and of their lines.
  public let problems: [FileProblem]
}

extension ClaimsFileError: CustomStringConvertible {
  /// One problem a line.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
