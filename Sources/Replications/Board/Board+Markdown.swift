// The board as Markdown, for the summary of a job or the page of a paper.

import Mustache

extension Board {
  /// The board as Markdown: a line of counts, and a table for each paper.
  public func markdown(papers: [Paper]) throws -> String {
    let sections = papers.compactMap { paper -> [String: Any]? in
      let rows = rows.filter { $0.claim.paper == paper.key }
      guard !rows.isEmpty else { return nil }
      return [
        "title": paper.title, "url": paper.url, "year": paper.year, "authors": paper.authors.joined(separator: ", "),
        "rows": rows.map(\.cells),
      ]
    }
    let counts = counts.filter { $0.count > 0 }.map { "\($0.count) \($0.outcome.words)" }.joined(separator: ", ")
    let template = try MustacheTemplate(string: Self.template)
    return template.render(["counts": counts, "papers": sections] as [String: Any])
  }

  private static let template = """
    # Replications

    {{counts}}
    {{#papers}}

    ## [{{title}}]({{{url}}})

    {{authors}}, {{year}}

    | claim | verdict | comparison | asked | published | measured | n | control | s |
    |---|---|---|---|---|---|--:|---|--:|
    {{#rows}}
    | `{{id}}` {{statement}} | {{verdict}} | {{comparison}} | {{asked}} | {{published}} | {{measured}} | {{n}} | {{control}} | {{seconds}} |
    {{/rows}}
    {{/papers}}

    """
}

extension Board.Row {
  /// The cells of the row; a bar inside a cell would end it.
  fileprivate var cells: [String: String] {
    [
      "id": claim.id, "statement": claim.statement,
      "verdict": outcome == .reproduced ? verdictWords : "\(verdictWords): \(reason)",
      "comparison": claim.comparison.rawValue, "asked": askedWords, "published": publishedWords,
      "measured": measuredWords, "n": seedWords, "control": controlWords, "seconds": secondWords,
    ].mapValues { $0.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "\\|") }
  }
}
