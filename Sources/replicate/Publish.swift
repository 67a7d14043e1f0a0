// `replicate publish`: the reference run goes beside the notes, or what is there is checked.

import ArgumentParser
import Foundation
import Replications

/// Publishes the reference run, or checks what was published.
struct Publish: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a run's results and figures beside the notes in papers/, or check what is there.",
    discussion: """
      Writes results.json, the figures that the note shows, and the places of the note between \
      <!-- replicate: … --> and <!-- /replicate -->; the rest of the note is left as it is. \
      With --check nothing is written, and the exit code is 1 when something is stale: a claim that is stated \
      otherwise than its record was judged, a verdict that does not follow from its values, a figure or a place that is \
      not the reference run's, a section that is missing, a paragraph that stands twice. Decimal numbers that prose \
      types are listed as well, but are no failure, since a number may be the paper's own.
      """)

  @Argument(help: ArgumentHelp("The keys of papers; all unless given.", valueName: "paper"))
  var keys: [String] = []

  @Flag(help: "Check that notes, figures, results and claims fit together.")
  var check = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Evidence of runs under other root seeds, to be counted.", valueName: "folder"))
  var over: [String] = []

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func validate() throws {
    if check, !over.isEmpty || evidence.evidence != nil {
      throw ValidationError("--check looks at papers/ alone: it takes neither --over nor --evidence.")
    }
  }

  mutating func run() throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    let papers = try keys.isEmpty ? library.papers : keys.map { try paper($0, library) }
    let publication = Publication(library, in: workspace)
    if check {
      let typed = papers.flatMap(publication.typedNumbers)
      for number in typed { write("remark: \(number)", to: .standardError) }
      let problems = papers.flatMap(publication.problems)
      for problem in problems { write("\(problem)", to: .standardError) }
      guard problems.isEmpty else { throw ExitCode(1) }
      write("\(papers.count) notes agree with their reference runs")
      return
    }
    let run = Evidence(folder: evidence.folder(in: workspace))
    let others = over.map { Evidence(folder: URL(filePath: $0)) }
    for paper in papers {
      try publication.publish(paper, from: run, others: others)
      write("papers/\(paper.key)")
    }
  }

  private func paper(_ key: String, _ library: Library) throws -> Paper {
    guard let paper = library.paper(key) else {
      let known = library.papers.map(\.key).joined(separator: ", ")
      throw ValidationError("There is no paper '\(key)'; known are \(known).")
    }
    return paper
  }
}
