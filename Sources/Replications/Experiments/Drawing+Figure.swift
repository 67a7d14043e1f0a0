// Where figures leave the drawing library and become evidence.

import Plotting

extension Drawing {
  /// Draws a figure under a name, with the numbers behind it.
  ///
  /// - Throws: ``UnreadableFigure`` when a text in the figure touches another or leaves the canvas: evidence that
  ///   cannot be read is none.
  init(_ name: String, _ figure: Figure) throws(UnreadableFigure) {
    let issues = figure.layoutIssues()
    guard issues.isEmpty else { throw UnreadableFigure(name: name, issues: issues) }
    self.init(name: name, svg: figure.svg, csv: figure.csv)
  }
}

/// A figure whose texts cannot all be read.
struct UnreadableFigure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The figure's name.
  let name: String

  /// What is wrong, a sentence each.
  let issues: [String]

  var description: String { "figure \(name): \(issues.joined(separator: " "))" }
}
