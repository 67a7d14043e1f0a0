// Publishing: the reference run goes into `papers/<key>/`, as `results.json`, figures with their numbers, and the
// generated places of the note. What people wrote in the note stays as it is.

import Foundation

/// All that keeps a paper from being published, or that is stale in what was.
public struct PublicationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The problems, file by file.
  public let problems: [FileProblem]

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// The folders of papers, as places to publish to.
public struct Publication: Sendable {
  private let library: Library
  private let papers: URL

  /// The papers of a library and the folder that holds theirs.
  public init(_ library: Library, in workspace: Workspace) {
    self.library = library
    papers = workspace.root.appending(path: "papers")
  }

  private func folder(_ paper: Paper) -> URL { papers.appending(path: paper.key) }
  private func claims(_ paper: Paper) -> [Claim] { library.claims.filter { $0.paper == paper.key } }
  private func name(_ paper: Paper, _ file: String) -> String { "papers/\(paper.key)/\(file)" }

  private func note(_ paper: Paper) throws(PublicationError) -> (text: String, note: Note) {
    let name = name(paper, "README.md")
    guard let text = try? String(contentsOf: folder(paper).appending(path: "README.md"), encoding: .utf8) else {
      throw PublicationError(problems: [FileProblem(file: name, message: "there is no note that can be read")])
    }
    return (text, try Note(text, name: name))
  }

  private func stored(_ paper: Paper) throws(PublicationError) -> ReferenceRun? {
    do throws(RecordFileError) {
      return try ReferenceRun.stored(in: folder(paper))
    } catch {
      throw PublicationError(problems: [FileProblem(file: name(paper, "results.json"), message: error.reason)])
    }
  }

  // MARK: - Publishing

  /// Writes the reference run of a paper from a run's evidence.
  ///
  /// - Parameter others: the evidence of the same claims under other root seeds, to be counted; without any, earlier
  ///   counts stay for the claims whose version is still the same.
  public func publish(_ paper: Paper, from evidence: Evidence, others: [Evidence] = []) throws {
    let (text, note) = try note(paper)
    let records = try RunGathering.records(of: claims(paper), in: evidence)
    let drawings = try RunGathering.figures(note.figures, of: records, in: evidence, note: note.name)
    let previous = try others.isEmpty ? stored(paper) : nil
    let counts = try RunGathering.rootSeedCounts(of: records, in: others) ?? previous?.counts(stillTrueOf: records)
    let run = ReferenceRun(
      schemaVersion: ReferenceRun.currentSchemaVersion, paper: paper.key, records: records,
      figures: drawings.map(\.published), rootSeeds: counts)
    let filled = try note.filled { place throws(PublicationError) in
      try run.text(of: place, in: note, claims: claims(paper))
    }

    // All is known by now; what follows only writes.
    let figures = folder(paper).appending(path: "figures")
    for drawing in drawings {
      try AtomicFile.write(drawing.svg, to: figures.appending(path: "\(drawing.published.name).svg"))
      try AtomicFile.write(drawing.csv, to: figures.appending(path: "\(drawing.published.name).csv"))
    }
    for file in Self.files(in: figures) where !run.figureFiles.contains(file) {
      try FileManager.default.removeItem(at: figures.appending(path: file))
    }
    try AtomicFile.write(run.encoded(), to: folder(paper).appending(path: "results.json"))
    if filled != text { try AtomicFile.write(Data(filled.utf8), to: folder(paper).appending(path: "README.md")) }
  }

  // MARK: - Checking

  /// What is stale or missing in a paper's folder; empty when note, figures, results and claims fit together.
  public func problems(of paper: Paper) -> [FileProblem] {
    do throws(PublicationError) {
      let (_, note) = try note(paper)
      guard let run = try stored(paper) else {
        return [FileProblem(file: name(paper, "results.json"), message: "is missing: the paper was never published")]
      }
      return staleClaims(run, paper) + staleFigures(run, note, paper) + stalePlaces(run, note, paper)
        + note.formProblems()
    } catch {
      return error.problems
    }
  }

  /// Numbers that a paper's note has typed where one that was measured should be quoted; some may be meant.
  public func typedNumbers(in paper: Paper) -> [FileProblem] {
    guard let note = try? note(paper).note else { return [] }
    return note.typedNumbers()
  }

  private func staleClaims(_ run: ReferenceRun, _ paper: Paper) -> [FileProblem] {
    let file = name(paper, "results.json")
    let claims = claims(paper)
    var problems: [FileProblem] = []
    for claim in claims {
      guard let record = run.record(claim.id) else {
        if RunGathering.mayBeMissing(claim) { continue }
        problems.append(FileProblem(file: file, path: claim.id, message: "has no record in the reference run"))
        continue
      }
      let differences = record.claim.differences(from: claim)
      if !differences.isEmpty {
        let message = "its record is of another claim than claims.yaml states: \(differences.joined(separator: ", "))"
        problems.append(FileProblem(file: file, path: claim.id, message: message))
      }
    }
    for record in run.records {
      problems += record.judgementProblems().map { phrase in
        FileProblem(file: file, path: record.claim.id, message: "its record \(phrase)")
      }
      if !claims.contains(where: { $0.id == record.claim.id }) {
        problems.append(FileProblem(file: file, path: record.claim.id, message: "is no claim of this paper"))
      }
    }
    return problems
  }

  private func staleFigures(_ run: ReferenceRun, _ note: Note, _ paper: Paper) -> [FileProblem] {
    let figures = folder(paper).appending(path: "figures")
    var problems: [FileProblem] = []
    for figure in run.figures {
      for (file, hash) in [("\(figure.name).svg", figure.svg), ("\(figure.name).csv", figure.csv)] {
        let found = try? SHA256.hexadecimal(contentsOf: figures.appending(path: file))
        guard found != hash else { continue }
        let message = found == nil ? "is missing" : "is not the file of the reference run"
        problems.append(FileProblem(file: name(paper, "figures/\(file)"), message: message))
      }
    }
    for name in note.figures where !run.figures.contains(where: { $0.name == name }) {
      problems.append(FileProblem(file: note.name, message: "shows the figure \(name), which the reference run lacks"))
    }
    for file in Self.files(in: figures) where !run.figureFiles.contains(file) {
      problems.append(FileProblem(file: name(paper, "figures/\(file)"), message: "belongs to no reference run"))
    }
    return problems
  }

  private func stalePlaces(_ run: ReferenceRun, _ note: Note, _ paper: Paper) -> [FileProblem] {
    var problems: [FileProblem] = []
    for place in note.places {
      do throws(PublicationError) {
        let expected = place.directive.framed(try run.text(of: place, in: note, claims: claims(paper)))
        guard place.content != expected else { continue }
        let message =
          place.directive.isInline
          ? "says '\(place.content)', and the record supports '\(expected)'"
          : "is stale:\(place.words)differs from the reference run"
        problems.append(FileProblem(file: note.name, line: place.line, message: message))
      } catch {
        problems += error.problems
      }
    }
    return problems
  }

  private static func files(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }
}

extension ReferenceRun {
  /// The names of the files of its figures.
  fileprivate var figureFiles: Set<String> { Set(figures.flatMap { ["\($0.name).svg", "\($0.name).csv"] }) }

  /// Its counts for the claims that are still judged as they were.
  fileprivate func counts(stillTrueOf current: [Record]) -> RootSeedCounts? {
    guard let rootSeeds else { return nil }
    let same = current.filter { record($0.claim.id)?.claim.version == $0.claim.version }.map(\.claim.id)
    return RootSeedCounts(
      rootSeeds: rootSeeds.rootSeeds, commits: rootSeeds.commits,
      reproduced: rootSeeds.reproduced.filter { same.contains($0.key) },
      unmeasured: rootSeeds.unmeasured?.filter { same.contains($0.key) },
      spreads: rootSeeds.spreads?.filter { same.contains($0.key) })
  }
}
