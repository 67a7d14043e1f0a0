// `replicate status`: the board, from the records that earlier runs left.

import ArgumentParser
import Replications

/// Shows the board.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the board: every claim, published beside measured.")

  @Flag(help: "How to print the board: as text unless given.")
  var format: Format?

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  /// The ways in which the board can be printed.
  enum Format: String, EnumerableFlag {
    case json
    case markdown
  }

  mutating func run() throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    _ = try Registry.checked(against: library)
    let board = Board(library.claims, evidence: Evidence(folder: evidence.folder(in: workspace)))
    switch format {
    case .json: try writeJSON(board)
    case .markdown: write(try board.markdown(papers: library.papers))
    case nil: write(board.lines(papers: library.papers, style: .standardOutput).joined(separator: "\n"))
    }
  }
}
