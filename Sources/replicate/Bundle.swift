// `replicate bundle`: one claim's evidence in one file.

import ArgumentParser
import Foundation
import Replications

/// Packs a claim's evidence.
struct Bundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pack a claim's record, figures, data and settings in one archive.",
    discussion: """
      The same run gives the same bytes: times and the machine's name are left out of the archive. `replicate verify` \
      checks it; `replicate report --bundles` puts the archives of all claims on the site.
      """)

  @Argument(help: "The claim's id.")
  var claim: String

  @Option(help: ArgumentHelp("The archive to write, .tar.zst or .zip (default: CLAIM.tar.zst).", valueName: "file"))
  var output: String?

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func validate() throws {
    if let output, ArchiveFormat(nameOf: URL(filePath: output)) == nil {
      throw ValidationError("--output must end in .tar.zst or .zip.")
    }
  }

  mutating func run() throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    guard let claim = library.claim(claim) else {
      let registry = try Registry.checked(against: library)
      let near = try Selection(self.claim, library: library, registry: registry).claims.prefix(3).map(\.id)
      throw SelectionError(pattern: self.claim, suggestions: near)
    }
    let bundle = try EvidenceBundle(
      of: claim, evidence: Evidence(folder: evidence.folder(in: workspace)), workspace: workspace)
    let file = output ?? "\(claim.id).tar.zst"
    try bundle.write(to: URL(filePath: file))
    write(file)
  }
}
