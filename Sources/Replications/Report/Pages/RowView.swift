// A row of the board as the pages show it. The properties bear the names that the templates use; those that may be
// absent bear names that no enclosing view has, since Mustache looks there next.

/// A claim in words.
struct RowView {
  let id: String
  let statement: String
  /// The page of the paper, from the root of the site.
  let page: String
  /// The outcome as a name, for styles and filters.
  let state: String
  let symbol: String
  let verdict: String
  /// How the verdict stands to what the claim leads one to expect; nil where there is nothing to remark.
  let remark: String?
  /// Why, where the verdict alone does not say all.
  let reasonShown: String?
  let comparison: String
  /// What was published; a dash where only a bound or an order is asked for.
  let published: String
  /// The unit beside what was published.
  let publishedUnit: String?
  /// The margin around what was published, or the bound.
  let margin: String
  let measured: String
  let interval: String?
  /// The unit beside the numbers; nil for a number without one.
  let unitShown: String?
  let count: String
  let time: String
  /// The trend as SVG; nil where no run was recorded.
  let trendDrawing: String?

  init(_ row: Board.Row, history: Trends?) {
    id = row.claim.id
    statement = row.claim.statement
    page = SitePath.paper(row.claim.paper)
    state = row.outcome.rawValue
    symbol = row.outcome.symbol
    verdict = row.outcome.words
    let words = row.verdictWords.dropFirst(row.outcome.words.count)
    remark = words.isEmpty ? nil : String(words.drop { $0 == "," || $0 == " " })
    reasonShown = row.outcome == .reproduced ? nil : row.reason
    comparison = row.claim.comparison.rawValue
    published = row.claim.criterion.published?.brief ?? "–"
    margin = row.claim.criterion.marginCell
    measured = row.measured.map(\.mean.brief) ?? "–"
    interval = row.measured?.interval.map { "[\($0.lower.brief), \($0.upper.brief)]" }
    let isNumber = row.claim.unit != "1" && row.claim.criterion.kind != .ordering
    unitShown = isNumber ? row.claim.unit : nil
    publishedUnit = row.claim.criterion.published == nil ? nil : unitShown
    count = row.seedWords.isEmpty ? "–" : row.seedWords
    time = row.secondWords.isEmpty ? "–" : "\(row.secondWords) s"
    trendDrawing = history.flatMap { Sparkline.svg($0.runs(of: row.claim.id)) }
  }
}

extension Verdict.Outcome {
  /// A sign that says the outcome beside the word.
  var symbol: String {
    switch self {
    case .reproduced: "✓"
    case .notReproduced: "✗"
    case .inconclusive: "≈"
    case .notEvaluated: "○"
    case .error: "!"
    }
  }
}

extension Comparison {
  /// What the comparison means, in a sentence.
  var meaning: String {
    switch self {
    case .identity: "Equal to machine precision: a theorem, or the same weights."
    case .number: "The published number is comparable with the measured one."
    case .shape: "Only an order, a phase or a contrast carries over; the published magnitude belongs to another scale."
    }
  }
}

extension Criterion {
  /// How far off a measurement may be, or the bound that it has to keep.
  fileprivate var marginCell: String {
    switch self {
    case .value(_, let margin): "± \(margin.brief)"
    case .exact(_, let margin): margin == 0 ? "none" : "± \(margin.brief) at every seed"
    case .atLeast(let bound): "at least \(bound.brief)"
    case .atMost(let bound): "at most \(bound.brief)"
    case .within(let range): "\(range.inWords) at every seed"
    case .ordering(let chance): "the order, by chance \(chance.brief)"
    }
  }
}
