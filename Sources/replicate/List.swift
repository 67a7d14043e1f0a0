// `replicate list`: what there is to replicate.

import ArgumentParser
import Replications

/// Lists the claims.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the claims and the experiments that measure them.")

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let library = try workspace.workspace().library()
    let registry = try Registry.checked(against: library)
    let entries = library.claims.map {
      Entry(claim: $0, experiment: registry.experiment(measuring: $0.id)?.experiment.name)
    }
    if json { return try writeJSON(entries) }

    for paper in library.papers {
      write(
        "\(paper.title) (\(paper.authors.first ?? "")\(paper.authors.count > 1 ? " et al." : ""), \(paper.year))\n\(paper.url)\n"
      )
      var table = Table(header: ["claim", "experiment", "kind", "compared", "tier", "seeds", "asked"])
      table.rows = entries.filter { $0.claim.paper == paper.key }.map { entry in
        let claim = entry.claim
        return [
          claim.id, "\(claim.finding)/\(entry.experiment ?? "")", claim.criterion.kind.rawValue,
          claim.comparison.rawValue,
          claim.tier.rawValue, String(claim.seeds), String(describing: claim.criterion),
        ]
      }
      write(table.lines().map { "  \($0)" }.joined(separator: "\n") + "\n")
    }
  }

  /// A claim with the experiment that measures it.
  struct Entry: Encodable {
    let claim: Claim
    let experiment: String?
  }
}
