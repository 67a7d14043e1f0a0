// A new finding as files: claims, experiment, figure, suite and note, which build and run as they are and are then
// changed into something worth knowing.

import Foundation

/// The files of a finding that is about to be written.
public struct NewFinding: Sendable, Hashable {
  /// The finding's name, written like a type.
  public let name: String

  /// The key of the paper.
  public let paper: String

  /// Why a finding cannot be begun.
  public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence that a person reads.
    public let description: String
  }

  /// Names a finding and its paper.
  ///
  /// - Throws: ``Refusal`` when a name is not written as the names of findings and papers are.
  public init(name: String, paper: String) throws(Refusal) {
    guard name.wholeMatch(of: /[A-Z][A-Za-z0-9]+/) != nil else {
      throw Refusal(description: "'\(name)' is no name for a finding: it is written like a type, as in InductionHeads")
    }
    guard paper.wholeMatch(of: /[a-z]+[0-9]{4}[a-z]+/) != nil else {
      throw Refusal(
        description:
          "'\(paper)' is no key for a paper: it is author, year and a word of the title, as in olsson2022induction")
    }
    self.name = name
    self.paper = paper
  }

  /// The name as a constant is written.
  private var constant: String { name.prefix(1).lowercased() + name.dropFirst() }

  /// The first word of its claims' ids.
  private var word: String { name.lowercased() }

  /// The files by path under the root of the package.
  public var files: [(path: String, text: String)] {
    let folder = "Sources/Replications/\(name)"
    return [
      ("papers/\(paper)/claims.yaml", Self.claims), ("papers/\(paper)/README.md", Self.note),
      ("\(folder)/\(name).swift", Self.finding), ("\(folder)/RandomDirections.swift", Self.experiment),
      ("Tests/ReplicationTests/\(name)/\(name).swift", Self.suite),
    ].map { path, text in
      // The experiment's type is prefixed, since all findings share one module.
      let filled = text.replacing("FINDING", with: name).replacing("CONSTANT", with: constant)
        .replacing("PAPER", with: paper).replacing("WORD", with: word)
      return (path.replacing("RandomDirections", with: "\(name)RandomDirections"), filled)
    }
  }

  /// Writes the files and registers the finding, and gives the paths that were written.
  ///
  /// - Throws: ``Refusal`` when a file is already there or the registry is not as it was expected to be, in which case
  ///   nothing is written; ``EvidenceError`` when the disk refuses.
  public func write(under workspace: Workspace) throws -> [String] {
    let registry = "Sources/Replications/Findings.swift"
    for file in files where FileManager.default.fileExists(atPath: workspace.root.appending(path: file.path).path) {
      throw Refusal(description: "\(file.path) is already there; nothing was written")
    }
    let url = workspace.root.appending(path: registry)
    guard let text = try? String(contentsOf: url, encoding: .utf8), let registered = registered(in: text) else {
      throw Refusal(description: "\(registry) has no list 'Registry(findings: […])' to add .\(constant) to")
    }
    for file in files {
      try AtomicFile.write(Data(file.text.utf8), to: workspace.root.appending(path: file.path))
    }
    try AtomicFile.write(Data(registered.utf8), to: url)
    return files.map(\.path) + [registry]
  }

  /// The registry's file with this finding at the end of its list; nil where there is no such list.
  func registered(in text: String) -> String? {
    guard let list = text.firstMatch(of: /Registry\(findings: \[\n((?:    \.[A-Za-z0-9]+,?\n)+)  \]\)/) else {
      return nil
    }
    let names = list.output.1.split(separator: "\n").map { $0.hasSuffix(",") ? $0.dropLast() : $0 }
    let lines = (names + ["    .\(constant)"]).map { "\($0),\n" }.joined()
    return text.replacingCharacters(in: list.output.1.startIndex..<list.output.1.endIndex, with: lines)
  }
}
