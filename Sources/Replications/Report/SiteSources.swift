// What a site is made from, read once: claims, their records as far as they count, notes and recorded runs.

import Foundation

/// The claims with all that is known of them.
struct SiteSources: Sendable {
  let library: Library
  let evidence: Evidence
  /// The folder that holds a folder for each paper.
  let papers: URL
  let history: Trends?
  /// Whether the evidence of each claim is packed.
  let isBundling: Bool
  /// Whether records are shown without their times.
  let leavesOutTimes: Bool

  /// The rows of the board, in the order of the library.
  let rows: [Board.Row]

  /// The records that the board counts, by claim.
  let records: [String: Record]

  init(
    library: Library, evidence: Evidence, papers: URL, history: Trends?, isBundling: Bool, leavesOutTimes: Bool
  ) {
    self.library = library
    self.evidence = evidence
    self.papers = papers
    self.history = history
    self.isBundling = isBundling
    self.leavesOutTimes = leavesOutTimes
    // The site says the same wherever the evidence lies.
    rows = Board(library.claims, evidence: evidence).rows.map { row in
      Board.Row(
        claim: row.claim, outcome: row.outcome, reason: row.reason.replacing(evidence.folder.path, with: "evidence"),
        isExpected: row.isExpected, measured: row.measured, control: row.control,
        seconds: leavesOutTimes ? nil : row.seconds)
    }
    var records: [String: Record] = [:]
    for row in rows where row.outcome != .notEvaluated {
      // A record that cannot be read is an error on the board already.
      let record = try? evidence.record(finding: row.claim.finding, claim: row.claim.id)
      records[row.claim.id] = leavesOutTimes ? record?.withoutTimes : record
    }
    self.records = records
  }

  /// The papers that have claims.
  var papersWithClaims: [Paper] { library.papers.filter { !rows(of: $0).isEmpty } }

  /// The rows of a paper.
  func rows(of paper: Paper) -> [Board.Row] { rows.filter { $0.claim.paper == paper.key } }

  /// The names of the figures that the records of rows name, by finding, in order and once each.
  func figures(of rows: [Board.Row]) -> [FigureName] {
    var names: [FigureName] = []
    for row in rows {
      for name in records[row.claim.id]?.figures ?? [] {
        let figure = FigureName(finding: row.claim.finding, name: name)
        if !names.contains(figure) { names.append(figure) }
      }
    }
    return names
  }

  /// What the site is made from, with the days of the oldest and the newest record.
  var recordWords: String {
    let dates = records.values.map { String($0.environment.date.prefix(10)) }
    guard let first = dates.min(), let last = dates.max() else { return "no records: nothing has been run yet" }
    if leavesOutTimes { return "records, whose times are left out" }
    return "records of \(first == last ? first : "\(first) to \(last)")"
  }
}

/// A figure in the evidence.
struct FigureName: Sendable, Hashable {
  let finding: String
  let name: String
}
