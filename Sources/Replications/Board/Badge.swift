// What fits on a badge: how many claims of a finding are reproduced, as data for shields.io's endpoint and as an SVG that
// needs no server.

import Foundation

/// A badge.
public struct Badge: Sendable, Hashable {
  /// What it is about, for instance a finding's name.
  public let label: String

  /// What there is to say.
  public let message: String

  /// How it looks.
  public let state: State

  /// What a badge says by its colour.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Everything was evaluated, and is as expected.
    case asExpected
    /// Something is inconclusive or was not evaluated, and nothing speaks against a claim.
    case open
    /// Something was not reproduced, or could not be measured, against expectation.
    case unexpected
    /// Nothing was evaluated.
    case empty

    /// The colour, dark enough for white text on it (WCAG AA).
    var color: String {
      switch self {
      case .asExpected: "#2e7d32"
      case .open: "#8a6100"
      case .unexpected: "#b3261e"
      case .empty: "#616161"
      }
    }
  }

  /// The badge of some rows of the board.
  public init(label: String, rows: [Board.Row]) {
    self.label = label
    let evaluated = rows.filter { $0.outcome != .notEvaluated }
    let reproduced = rows.count { $0.outcome == .reproduced }
    message = evaluated.isEmpty ? "not evaluated" : "\(reproduced) of \(rows.count) reproduced"
    if evaluated.isEmpty {
      state = .empty
    } else if evaluated.contains(where: { !$0.isExpected && $0.outcome != .inconclusive }) {
      state = .unexpected
    } else {
      state = rows.allSatisfy(\.isExpected) ? .asExpected : .open
    }
  }

  /// The badges of a board by file name without extension: one for each finding, and `total`.
  public static func badges(of board: Board) -> [(name: String, badge: Badge)] {
    var findings: [String] = []
    for row in board.rows where !findings.contains(row.claim.finding) { findings.append(row.claim.finding) }
    return findings.map { finding in
      (finding, Badge(label: finding, rows: board.rows.filter { $0.claim.finding == finding }))
    } + [("total", Badge(label: "replications", rows: board.rows))]
  }

  /// The badge in the form that shields.io's endpoint reads.
  public func shields() throws -> Data {
    struct Endpoint: Encodable {
      let schemaVersion = 1
      let label: String
      let message: String
      let color: String
      let isError: Bool
    }
    return try RecordCoding.encode(
      Endpoint(label: label, message: message, color: state.color, isError: state == .unexpected))
  }

  /// The badge as SVG, of text in whatever sans-serif the viewer has, fitted to its place.
  public var svg: String {
    let (left, right) = (Self.width(of: label), Self.width(of: message))
    func text(_ words: String, at start: Int, _ width: Int) -> String {
      "<text x=\"\(start + 6)\" y=\"14\" textLength=\"\(width - 12)\" lengthAdjust=\"spacingAndGlyphs\">"
        + "\(words.escapedForXML)</text>"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" \
      aria-label="\(label.escapedForXML): \(message.escapedForXML)">
      <title>\(label.escapedForXML): \(message.escapedForXML)</title>
      <clipPath id="r"><rect width="\(left + right)" height="20" rx="3"/></clipPath>
      <g clip-path="url(#r)"><rect width="\(left)" height="20" fill="#424242"/>\
      <rect x="\(left)" width="\(right)" height="20" fill="\(state.color)"/></g>
      <g fill="#fff" font-family="Verdana, DejaVu Sans, Helvetica, sans-serif" font-size="11">
      \(text(label, at: 0, left))
      \(text(message, at: left, right))
      </g>
      </svg>

      """
  }

  /// The room for a text of 11 pixels with six pixels on either side, at a middling width of letters.
  private static func width(of text: String) -> Int {
    let narrow = text.count { "ijltfr.,:;'|! ".contains($0) }
    let wide = text.count { "mwMW".contains($0) || $0.isUppercase }
    return 12 + (narrow * 45 + wide * 85 + (text.count - narrow - wide) * 68) / 10
  }
}

extension String {
  fileprivate var escapedForXML: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}

extension Badge {
  /// The badges of a board as files, each as `.json` and `.svg`.
  static func files(of board: Board) throws -> [(name: String, data: Data)] {
    try badges(of: board).flatMap { name, badge in
      [("\(name).json", try badge.shields()), ("\(name).svg", Data(badge.svg.utf8))]
    }
  }

  /// Writes the badges of a board into a folder and gives the names of the files.
  public static func write(_ board: Board, to folder: URL) throws -> [String] {
    try files(of: board).map { name, data in
      try AtomicFile.write(data, to: folder.appending(path: name))
      return name
    }
  }
}
