// `replicate report`: the board, the notes and the evidence as a site.

import ArgumentParser
import Foundation
import Replications

/// Writes the site.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a static site: the board, a forest plot, and a page for each paper with its note and evidence.",
    discussion: """
      With --bundles the evidence of each claim is packed and linked from the claim, as is without it an archive that lies \
      beside a record as CLAIM.tar.zst or CLAIM.zip. Badges are in the site's folder badges/. Dates and durations on the \
      pages are those of the records; with --reproducible they are left out, and the same run twice gives the same bytes.
      """)

  @Option(
    help: ArgumentHelp(
      "The folder of the site (default: site); one that holds anything but an earlier site is refused.",
      valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp("A file of earlier runs, as `remember` writes it, whose trends are shown.", valueName: "file"))
  var history: String?

  @Flag(help: "Pack the evidence of each claim for downloading, as `bundle` does.")
  var bundles = false

  @Flag(help: "Leave dates, durations and the machine's name out.")
  var reproducible = false

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    _ = try Registry.checked(against: library)
    if let history, !FileManager.default.fileExists(atPath: history) {
      throw ValidationError("There is no history at \(history).")
    }
    let history = try history.map { Trends(try History(contentsOf: URL(filePath: $0))) }
    let evidence = Evidence(folder: evidence.folder(in: workspace))
    let site = try Site(
      library: library, evidence: evidence, papers: workspace.root.appending(path: "papers"), history: history,
      isBundling: bundles, leavesOutTimes: reproducible)
    for problem in site.archiveProblems { write("no archive: \(problem)", to: .standardError) }
    let folder = output.map { URL(filePath: $0) } ?? workspace.root.appending(path: "site")
    do {
      try site.write(to: folder)
    } catch let refusal as RefusedOutput {
      throw ValidationError(refusal.description)
    }
    let counts = Board(library.claims, evidence: evidence).counts.filter { $0.count > 0 }
    let words = counts.map { "\($0.count) \($0.outcome.words)" }.joined(separator: ", ")
    write("\(folder.appending(path: "index.html").path): \(words)")
  }
}
