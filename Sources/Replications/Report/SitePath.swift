// Where things lie in a site. Every link names its file, so that the site works from a folder as from a server.

/// The paths of a site, from its root.
enum SitePath {
  static let board = "index.html"
  static let forest = "forest.html"
  static let boardData = "board.json"

  /// The page of a paper.
  static func paper(_ key: String) -> String { "papers/\(key)/index.html" }

  /// A file that lies beside the note of a paper.
  static func paper(_ key: String, file: String) -> String { "papers/\(key)/\(file)" }

  /// A file of the evidence.
  static func evidence(_ finding: String, _ file: String) -> String { "evidence/\(finding)/\(file)" }

  /// The file of a badge.
  static func badge(_ file: String) -> String { "badges/\(file)" }

  /// The forest plot of a kind of comparison.
  static func forest(_ comparison: Comparison, _ suffix: String) -> String { "forest-\(comparison.rawValue).\(suffix)" }

  /// The way from a page to the root of the site.
  static func root(from page: String) -> String {
    String(repeating: "../", count: page.count { $0 == "/" })
  }
}
