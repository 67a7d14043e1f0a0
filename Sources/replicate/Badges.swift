// `replicate badges`: the board in a few words, for the top of a page.

import ArgumentParser
import Foundation
import Replications

/// Writes badges.
struct Badges: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a badge for each finding and one for all: JSON for shields.io and SVG.")

  @Argument(help: "The folder to write to.")
  var output: String

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    let board = Board(library.claims, evidence: Evidence(folder: evidence.folder(in: workspace)))
    let names = try Badge.write(board, to: URL(filePath: output))
    write(names.joined(separator: "\n"))
  }
}
