// Columns that line up.

import Replications

/// A table of texts.
struct Table {
  let header: [String]
  var rows: [[String]] = []

  /// The lines of the table; `decorate` may colour a padded cell of a row and column.
  func lines(decorate: (_ text: String, _ row: Int, _ column: Int) -> String = { text, _, _ in text }) -> [String] {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String], _ decorate: (String, Int) -> String) -> String {
      let padded = cells.indices.map { column in
        let isLast = column == cells.count - 1
        let text = cells[column] + String(repeating: " ", count: isLast ? 0 : widths[column] - cells[column].count)
        return decorate(text, column)
      }
      return padded.joined(separator: "  ").trimmingSuffix { $0 == " " }
    }
    return [line(header) { text, _ in text }]
      + rows.enumerated().map { index, cells in line(cells) { decorate($0, index, $1) } }
  }
}

extension String {
  /// The text without its last characters that satisfy a condition.
  fileprivate func trimmingSuffix(while holds: (Character) -> Bool) -> String {
    String(reversed().drop(while: holds).reversed())
  }
}

extension Board {
  /// The board as lines of text, paper by paper, with the reason under each row that needs one.
  func lines(papers: [Paper], style: Style) -> [String] {
    var table = Table(header: ["verdict", "compared", "claim", "asked", "published", "measured", "n", "control", "s"])
    table.rows = rows.map { row in
      [
        row.verdictWords, row.claim.comparison.rawValue, row.claim.id, row.askedWords, row.publishedWords,
        row.measuredWords, row.seedWords, row.controlWords, row.secondWords,
      ]
    }
    let lines = table.lines { text, row, column in column == 0 ? style.verdict(rows[row], padded: text) : text }
    let body = papers.flatMap { paper -> [String] in
      let own = zip(rows, lines.dropFirst()).filter { $0.0.claim.paper == paper.key }
      let heading = own.isEmpty ? [] : ["", "\(paper.title) (\(paper.year))"]
      return heading
        + own.flatMap { row, line in
          row.outcome == .reproduced || row.reason == Board.noRecord ? [line] : [line, "    \(row.reason)"]
        }
    }
    let counts = counts.filter { $0.count > 0 }.map { "\($0.count) \($0.outcome.words)" }.joined(separator: ", ")
    return lines.prefix(1) + body + ["", counts]
  }
}
