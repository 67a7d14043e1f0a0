// A finding gathers the experiments that replicate one published result: one suite, one folder, one word to filter by.

/// A published result and the experiments that replicate it.
public struct Finding: Sendable {
  /// The name: of the suite, of the folder under `Sources/Replications` and of the folder of evidence.
  public let name: String

  /// The keys of the papers whose claims it measures.
  public let papers: [String]

  /// The experiments, in the order in which they are listed.
  public let experiments: [any Experiment]

  /// Creates a finding.
  public init(name: String, papers: [String], experiments: [any Experiment]) {
    self.name = name
    self.papers = papers
    self.experiments = experiments
  }
}
