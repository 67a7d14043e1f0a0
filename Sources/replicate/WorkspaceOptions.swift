// The options that all subcommands share, and what they load.

import ArgumentParser
import Foundation
import Replications

/// Where the package is.
struct WorkspaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The root of the package; found from here upward unless given.", valueName: "folder"))
  var root: String?

  /// The package.
  func workspace() throws -> Workspace {
    if let root { return try Workspace(root: URL(filePath: root)) }
    return try Workspace(above: URL(filePath: FileManager.default.currentDirectoryPath))
  }
}

/// Where the evidence is.
struct EvidenceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of records and figures (default: evidence).", valueName: "folder"))
  var evidence: String?

  /// The folder.
  func folder(in workspace: Workspace) -> URL {
    evidence.map { URL(filePath: $0) } ?? workspace.evidence
  }
}

extension Registry {
  /// The findings of the package, once they are seen to fit its claims.
  static func checked(against library: Library) throws -> Registry {
    try Replicate.registry.validate(library)
    return Replicate.registry
  }
}

extension Tier: ExpressibleByArgument {}
