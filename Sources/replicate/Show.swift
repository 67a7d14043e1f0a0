// `replicate show`: one claim, all that was published of it and all that was last measured.

import ArgumentParser
import Replications

/// Shows one claim.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a claim with its source, its rule and its last record.")

  @Argument(help: "The claim's id.")
  var claim: String

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    let registry = try Registry.checked(against: library)
    guard let claim = library.claim(claim) else {
      let near = try Selection(self.claim, library: library, registry: registry).claims.prefix(3).map(\.id)
      throw SelectionError(pattern: self.claim, suggestions: near)
    }
    let board = Board([claim], evidence: Evidence(folder: evidence.folder(in: workspace)))
    guard let paper = library.paper(claim.paper), let row = board.rows.first else { return }
    let experiment = registry.experiment(measuring: claim.id)?.experiment
    if json {
      return try writeJSON(
        Entry(paper: paper, experiment: experiment?.name, configuration: experiment?.configuration ?? [:], row: row))
    }

    let rows: [(String, String?)] = [
      ("claim", "\(claim.id), version \(claim.version)"), ("statement", claim.statement),
      ("paper", "\(paper.title) (\(paper.year)), \(paper.url)"), ("source", claim.source), ("choices", claim.choices),
      ("metric", claim.metric), ("asked", row.askedWords),
      ("published", row.publishedWords), ("rule", claim.criterion.kind.rawValue),
      ("compared as", claim.comparison.rawValue), ("rationale", claim.rationale), ("control", claim.control),
      ("expectation", claim.expectation.rawValue), ("note", claim.note), ("needs", claim.needs.joined(separator: ", ")),
      ("tier", claim.tier.rawValue), ("seeds", String(claim.seeds)),
      ("experiment", experiment.map { "\(claim.finding)/\($0.name)" }), ("verdict", row.verdictWords),
      ("reason", row.reason), ("measured", row.measuredWords), ("control gave", row.controlWords),
    ]
    for (name, text) in rows {
      guard let text, !text.isEmpty else { continue }
      let lines = text.split(whereSeparator: \.isNewline).joined(separator: "\n" + String(repeating: " ", count: 14))
      write(name + String(repeating: " ", count: 14 - name.count) + lines)
    }
  }

  /// A claim with its surroundings.
  struct Entry: Encodable {
    let paper: Paper
    let experiment: String?
    let configuration: [String: ConfigurationValue]
    let row: Board.Row
  }
}
