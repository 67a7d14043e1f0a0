// The package as a folder on disk: where papers, fixtures and evidence lie.

import Foundation

/// A checkout of the package.
public struct Workspace: Sendable, Hashable {
  /// The folder that holds `papers`.
  public let root: URL

  /// The workspace at a folder, which must hold `papers`.
  public init(root: URL) throws(WorkspaceError) {
    guard Self.holdsPapers(root) else { throw WorkspaceError(folder: root.path, wasSearched: false) }
    self.root = root
  }

  /// The nearest workspace at a folder or above it.
  public init(above folder: URL) throws(WorkspaceError) {
    var candidate = folder.standardizedFileURL
    while !Self.holdsPapers(candidate) {
      guard candidate.path != "/" else { throw WorkspaceError(folder: folder.path, wasSearched: true) }
      candidate.deleteLastPathComponent()
    }
    root = candidate
  }

  /// Where records and figures go unless a run says otherwise.
  public var evidence: URL {
    root.appending(path: "evidence")
  }

  /// Loads the claims of all papers.
  public func library() throws(ClaimsFileError) -> Library {
    try Library.load(papers: root.appending(path: "papers"))
  }

  /// Loads the list of outside models and data.
  public func assets(environment: [String: String] = ProcessInfo.processInfo.environment)
    throws(AssetsFileError) -> Assets
  {
    try Assets(root: root, environment: environment)
  }

  private static func holdsPapers(_ folder: URL) -> Bool {
    var isFolder: ObjCBool = false
    let path = folder.appending(path: "papers").path
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}

/// A folder from which no workspace can be found.
public struct WorkspaceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The folder that was given.
  public let folder: String

  /// Whether the folders above it were searched too.
  public let wasSearched: Bool

  /// The sentence that a person reads.
  public var description: String {
    let place = wasSearched ? "neither \(folder) nor a folder above it holds" : "\(folder) does not hold"
    return "\(place) a folder \"papers\"; name the root of the package with --root"
  }
}
