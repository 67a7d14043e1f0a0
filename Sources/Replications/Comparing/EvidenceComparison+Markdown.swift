// A comparison as Markdown, for a pull request or the summary of a job.

extension EvidenceComparison {
  /// What differs in the origins, how many claims changed, and a row for each that did.
  public var markdown: String {
    let origins = differences.map { "- \($0.name): \($0.before.cell) → \($0.after.cell)\n" }.joined()
    let counts = counts.filter { $0.count > 0 }.map { "\($0.count) \($0.kind.rawValue)" }.joined(separator: ", ")
    let rows = changes.filter { $0.kind != .identical }.map { change in
      let cells = [
        change.kind.rawValue, "`\(change.id)`", ClaimChange.words(of: change.before),
        ClaimChange.words(of: change.after), change.deviationWords, change.reason,
      ]
      return "| \(cells.map(\.cell).joined(separator: " | ")) |\n"
    }
    let header = "| change | claim | before | after | in s.d. of seeds | why |\n|---|---|--:|--:|--:|---|\n"
    return [
      "# Comparison\n", origins, "\(counts.isEmpty ? "no claims" : counts)\n",
      falseAlarms.map { "\($0).\n" } ?? "", rows.isEmpty ? "" : header + rows.joined(),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

extension String {
  /// The text as a cell of a table: a bar or the end of a line would end it.
  fileprivate var cell: String {
    split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "\\|")
  }
}
