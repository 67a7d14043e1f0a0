// The findings that a run can choose from, and the check that claims and experiments fit together.

/// The findings and their experiments.
public struct Registry: Sendable {
  /// The findings, in the order in which they are listed.
  public let findings: [Finding]

  /// Creates a registry.
  public init(findings: [Finding]) {
    self.findings = findings
  }

  /// The finding with a name.
  public func finding(_ name: String) -> Finding? {
    findings.first { $0.name == name }
  }

  /// The finding and the experiment that measure a claim.
  public func experiment(measuring claim: String) -> (finding: Finding, experiment: any Experiment)? {
    for finding in findings {
      if let experiment = finding.experiments.first(where: { $0.claims.contains(claim) }) {
        return (finding, experiment)
      }
    }
    return nil
  }

  /// Checks that every claim has one experiment, every experiment knows its claims, and every name can be a file's.
  public func validate(_ library: Library) throws(RegistryError) {
    var problems: [String] = []
    var measuring: [String: String] = [:]
    var names: Set<String> = []
    for finding in findings {
      if !finding.name.isTypeName { problems.append("the finding \"\(finding.name)\" is not named like a Swift type") }
      if !names.insert(finding.name).inserted { problems.append("the finding \(finding.name) is registered twice") }
      for key in finding.papers where library.paper(key) == nil {
        problems.append("the finding \(finding.name) names the paper \(key), which has no folder under papers")
      }
      for experiment in finding.experiments {
        let path = "\(finding.name)/\(experiment.name)"
        if !experiment.name.isTypeName { problems.append("the experiment \"\(path)\" is not named like a Swift type") }
        if !names.insert(path).inserted { problems.append("the experiment \(path) is registered twice") }
        for id in experiment.claims {
          problems += Self.problems(of: id, finding, path, library)
          if let other = measuring.updateValue(path, forKey: id) {
            problems.append("the claim \(id) is measured by \(other) and again by \(path)")
          }
        }
      }
    }
    for claim in library.claims where measuring[claim.id] == nil {
      problems.append(
        "the claim \(claim.id) (\(claim.paper)) has no experiment; add one to the finding \(claim.finding)")
    }
    guard problems.isEmpty else { throw RegistryError(problems: problems) }
  }

  private static func problems(of id: String, _ finding: Finding, _ path: String, _ library: Library) -> [String] {
    guard let claim = library.claim(id) else {
      return ["the experiment \(path) reads the claim \(id), which no claims.yaml states"]
    }
    var problems: [String] = []
    if claim.finding != finding.name {
      problems.append("the experiment \(path) reads the claim \(id), which belongs to the finding \(claim.finding)")
    }
    if !finding.papers.contains(claim.paper) {
      problems.append("the finding \(finding.name) reads the claim \(id) but does not name its paper, \(claim.paper)")
    }
    return problems
  }
}

/// The ways in which claims and experiments do not fit together.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence for each problem.
  public let problems: [String]

  /// One problem a line.
  public var description: String {
    problems.joined(separator: "\n")
  }
}
