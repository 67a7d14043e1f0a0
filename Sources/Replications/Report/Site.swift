// The site: the board, the forest plot and a page a paper, with the files they link to. The same claims, evidence, notes and
// history give the same bytes: there is no clock in it. Dates and durations come from the records and can be left out.

import Foundation
import Plotting

/// A static site of all claims and their evidence.
public struct Site: Sendable, Hashable {
  /// The bytes of each file, by its path in the site.
  public let files: [String: Data]

  /// Why claims with a record have no archive, a sentence each, where archives were asked for.
  public let archiveProblems: [String]

  /// Makes the site of a library's claims.
  ///
  /// - Parameters:
  ///   - library: The papers and claims.
  ///   - evidence: The records and figures; a claim without a record is shown as not evaluated.
  ///   - papers: The folder that holds a folder with the note and its figures for each paper.
  ///   - history: Earlier runs, whose trend is then shown.
  ///   - isBundling: Whether the evidence of each claim is packed for downloading.
  ///   - leavesOutTimes: Whether dates, durations and names of machines are left out, so that the same run twice gives the
  ///     same bytes.
  public init(
    library: Library, evidence: Evidence, papers: URL, history: Trends? = nil, isBundling: Bool = false,
    leavesOutTimes: Bool = false
  ) throws {
    let sources = SiteSources(
      library: library, evidence: evidence, papers: papers, history: history, isBundling: isBundling,
      leavesOutTimes: leavesOutTimes)
    let made = "Made by replicate report from \(sources.recordWords)."
    var files: [String: Data] = [:]
    var archiveProblems: [String] = []
    func add(_ path: String, _ title: String, _ body: String, script: String? = nil) throws {
      let frame = PageFrame(
        path: path, title: title, body: body, script: script, papers: sources.papersWithClaims, made: made)
      files[path] = try frame.data()
    }

    try add(SitePath.board, "Replications", BoardPage(sources: sources).body(), script: FilterScript.text)
    files[SitePath.boardData] = try Self.json(["rows": sources.rows])

    var forests: [(comparison: Comparison, figure: FigureView)] = []
    for comparison in Comparison.allCases {
      guard let figure = StandardizedForest(sources.rows, comparison: comparison).figure else { continue }
      let (svg, csv) = (SitePath.forest(comparison, "svg"), SitePath.forest(comparison, "csv"))
      files[svg] = Data(figure.svg.utf8)
      files[csv] = Data(figure.csv.utf8)
      forests.append((comparison, FigureView(drawing: Data(figure.svg.utf8), svg: svg, csv: csv)))
    }
    try add(SitePath.forest, "All claims, standardised – Replications", ForestPage(figures: forests).body())

    for paper in sources.papersWithClaims {
      var page = PaperFiles(sources: sources, paper: paper)
      try add(SitePath.paper(paper.key), "\(paper.title) – Replications", page.body())
      archiveProblems += page.archiveProblems
      // Papers of one finding share figures, which are the same bytes whoever brings them.
      files.merge(page.files) { first, _ in first }
    }
    for (name, data) in try Badge.files(of: Board(rows: sources.rows)) { files[SitePath.badge(name)] = data }
    self.files = files
    self.archiveProblems = archiveProblems
  }

  private static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value) + Data("\n".utf8)
  }
}
