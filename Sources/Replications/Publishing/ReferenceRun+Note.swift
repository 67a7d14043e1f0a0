// What the reference run puts into the places of its note.

import Foundation

extension ReferenceRun {
  /// The text of a place.
  func text(of place: Note.Place, in note: Note, claims: [Claim]) throws(PublicationError) -> String {
    switch place.directive {
    case .results:
      return table(of: claims)
    case .figure(let name):
      guard let figure = figures.first(where: { $0.name == name }) else {
        throw problem(place, note, "the reference run has no figure \(name)")
      }
      return "![\(figure.title)](figures/\(name).svg)\n\n[The numbers in this figure](figures/\(name).csv)"
    case .value(let claim, let field, let format):
      guard let record = record(claim) else { throw problem(place, note, "the reference run has no claim \(claim)") }
      guard let number = number(field, record) else {
        throw problem(place, note, "the record of \(claim) has no such number")
      }
      return format?.text(number) ?? number.brief
    }
  }

  private func problem(_ place: Note.Place, _ note: Note, _ message: String) -> PublicationError {
    PublicationError(problems: [FileProblem(file: note.name, line: place.line, message: message)])
  }

  private func number(_ field: NoteDirective.Field, _ record: Record) -> Double? {
    let measurement = record.measurement
    switch field {
    case .mean: return measurement.summary?.mean
    case .lower: return measurement.summary?.interval?.lower
    case .upper: return measurement.summary?.interval?.upper
    case .minimum: return measurement.values.min()
    case .maximum: return measurement.values.max()
    case .control: return measurement.controlSummary?.mean
    case .seeds: return Double(measurement.values.count)
    case .published: return record.claim.criterion.published
    case .margin: return record.claim.criterion.margin
    case .reproduced: return rootSeeds?.reproduced[record.claim.id].map(Double.init)
    case .rootSeeds: return rootSeeds.map { Double($0.rootSeeds.count) }
    case .rootMean: return rootSeeds?.spread(of: record.claim.id)?.mean
    case .rootError: return rootSeeds?.spread(of: record.claim.id)?.standardError
    case .rootCount: return rootSeeds?.spread(of: record.claim.id).map { Double($0.count) }
    case .detail(let name):
      let values = measurement.details.compactMap { details in
        details.keys.sorted().first { $0.replacing("-", with: " ") == name }.flatMap { details[$0] }
      }
      return values.isEmpty ? nil : values.orderFreeMean
    }
  }

  // MARK: - The table

  private func table(of claims: [Claim]) -> String {
    var header = ["claim", "verdict", "compared", "asked", "published", "measured", "n", "control"]
    if let rootSeeds { header.append("root seeds \(Self.words(rootSeeds.rootSeeds))") }
    let rows = Board(claims, run: self).rows.map { row in
      var cells = [
        "`\(row.claim.id)`", row.outcome == .reproduced ? row.verdictWords : "\(row.verdictWords): \(row.reason)",
        row.claim.comparison.rawValue, row.askedWords, row.publishedWords, row.measuredWords, row.seedWords,
        row.controlWords,
      ]
      if let rootSeeds { cells.append(rootSeeds.words(of: row.claim.id)) }
      return cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }
    }
    let lines = [header, header.map { _ in "---" }] + rows
    return ([provenance, ""] + lines.map { "| \($0.joined(separator: " | ")) |" }).joined(separator: "\n")
  }

  /// Where the numbers come from, in a sentence.
  private var provenance: String {
    guard let record = records.first else { return "Nothing was evaluated." }
    let environment = record.environment
    return "Root seed \(record.experiment.rootSeed), \(Self.words(commits: records.map(\.environment.commit))), Swift "
      + "\(environment.swift), OpenBLAS \(environment.blas.version) (\(environment.blas.kernel)), \(environment.cpu). "
      + "Means over seeds with their 90 % intervals.\(countedWords)"
  }

  /// Which commits the counts of other root seeds come from, in a sentence after a space; empty where nobody knows.
  private var countedWords: String {
    guard let commits = rootSeeds?.commits, !commits.isEmpty else { return "" }
    return " Other root seeds were counted at \(Self.words(commits: commits))."
  }

  /// Commits in words, each once.
  private static func words(commits: [String]) -> String {
    var seen: Set<String> = []
    let names = commits.filter { seen.insert($0).inserted }.map { "`\($0.prefix(10))`" }
    return "commit\(names.count == 1 ? "" : "s") \(names.joined(separator: ", "))"
  }

  /// Root seeds in words: a run of them by its ends, others one by one.
  static func words(_ seeds: [UInt64]) -> String {
    guard let first = seeds.first, let last = seeds.last, seeds.count > 2, seeds == Array(first...last) else {
      return seeds.map(String.init).joined(separator: ", ")
    }
    return "\(first) to \(last)"
  }
}
