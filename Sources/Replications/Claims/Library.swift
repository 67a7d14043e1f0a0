// All that was published, as the folders under `papers/` state it.

import Foundation

/// The papers and their claims.
public struct Library: Sendable, Hashable {
  /// The papers, sorted by key.
  public let papers: [Paper]

  /// The claims, by paper and then in the order of its file.
  public let claims: [Claim]

  private let position: [String: Int]

  /// Creates a library from papers and claims with unique keys and ids.
  public init(papers: [Paper], claims: [Claim]) {
    self.papers = papers
    self.claims = claims
    position = Dictionary(claims.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Loads `<key>/claims.yaml` from every folder under `papers`; the error lists all problems of all files.
  public static func load(papers folder: URL) throws(ClaimsFileError) -> Library {
    var problems: [FileProblem] = []
    var files: [(name: String, file: ClaimsFile)] = []
    for key in try keys(in: folder) {
      let name = "\(folder.lastPathComponent)/\(key)/claims.yaml"
      do throws(ClaimsFileError) {
        let url = folder.appending(components: key, "claims.yaml")
        files.append((name, try ClaimsFile(contentsOf: url, name: name, key: key)))
      } catch {
        problems += error.problems
      }
    }
    problems += duplicates(in: files)
    guard problems.isEmpty else { throw ClaimsFileError(problems: problems) }
    return Library(papers: files.map(\.file.paper), claims: files.flatMap(\.file.claims))
  }

  /// The claim with an id.
  public func claim(_ id: String) -> Claim? {
    position[id].map { claims[$0] }
  }

  /// The paper with a key.
  public func paper(_ key: String) -> Paper? {
    papers.first { $0.key == key }
  }

  /// The claims of a finding, in the order of the library.
  public func claims(of finding: String) -> [Claim] {
    claims.filter { $0.finding == finding }
  }

  private static func keys(in folder: URL) throws(ClaimsFileError) -> [String] {
    do {
      return try FileManager.default
        .contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
        .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory ?? false }
        .map(\.lastPathComponent).sorted()
    } catch {
      let message = "is not a folder of papers that can be read: \(error.localizedDescription)"
      throw ClaimsFileError(problems: [FileProblem(file: folder.path, message: message)])
    }
  }

  private static func duplicates(in files: [(name: String, file: ClaimsFile)]) -> [FileProblem] {
    var problems: [FileProblem] = []
    var first: [String: String] = [:]
    for (name, file) in files {
      for (claim, line) in zip(file.claims, file.lines) {
        let place = line.map { "\(name):\($0)" } ?? name
        if let other = first[claim.id] {
          let message = "the claim \(claim.id) is already stated at \(other)"
          problems.append(FileProblem(file: name, line: line, path: "id", message: message))
        } else {
          first[claim.id] = place
        }
      }
    }
    return problems
  }
}
