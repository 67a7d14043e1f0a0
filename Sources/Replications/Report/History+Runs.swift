// The history of one claim: what each recorded run found of it.

extension History {
  /// One claim in one run.
  public struct Run: Sendable, Hashable {
    /// When it was measured, in ISO 8601 and UTC.
    public let date: String
    /// The commit of the package.
    public let commit: String
    /// The claim's id.
    public let claim: String
    /// The claim's version then.
    public let version: Int
    /// The mean over seeds; nil where nothing finite was measured.
    public let mean: Double?
    /// What was decided.
    public let verdict: Verdict.Outcome
  }

  /// The runs of a claim from the oldest to the newest, those of one time in the order of the file.
  public func runs(of claim: String) -> [Run] {
    let runs = entries.compactMap { entry in
      entry.claims.first { $0.id == claim }.map { state in
        Run(
          date: entry.date, commit: entry.commit, claim: claim, version: state.version, mean: state.mean,
          verdict: state.outcome)
      }
    }
    // Sorting is not promised to be stable.
    return runs.enumerated().sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }.map(\.element)
  }
}
