// What earlier runs said of each claim, as the site draws it beside the board.

/// The recorded runs of claims.
public struct Trends: Sendable, Hashable {
  /// One claim in one run.
  struct Run: Sendable, Hashable {
    /// When it was measured, in ISO 8601 and UTC.
    let date: String
    /// The commit of the package.
    let commit: String
    /// The seed from which all its randomness derived.
    let rootSeed: UInt64
    /// The tier of the run.
    let tier: Tier
    /// The claim's id.
    let claim: String
    /// The claim's version then.
    let version: Int
    /// The mean over seeds; nil where nothing finite was measured.
    let mean: Double?
    /// What was decided.
    let verdict: Verdict.Outcome
  }

  private let ofClaim: [String: [Run]]

  /// Creates trends of runs in any order.
  init(runs: [Run]) {
    // The order of equal dates is kept: sorting is not promised to be stable.
    let sorted = runs.enumerated().sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }
    ofClaim = Dictionary(grouping: sorted.map(\.element), by: \.claim)
  }

  /// Takes the runs of each claim out of a history.
  public init(_ history: History) {
    self.init(
      runs: history.entries.flatMap { entry in
        entry.claims.map { state in
          Run(
            date: entry.date, commit: entry.commit, rootSeed: entry.rootSeed, tier: entry.tier, claim: state.id,
            version: state.version, mean: state.mean, verdict: state.outcome)
        }
      })
  }

  /// The runs of a claim, from the oldest to the newest; those of one time in the order of the file.
  func runs(of claim: String) -> [Run] { ofClaim[claim] ?? [] }
}
