// A small paper and experiments made of closures, so that the harness is tested without training anything.

import Foundation
import Replications

/// The claims file of a paper called `doe2020demo`.
let demoClaimsFile = """
  paper:
    key: doe2020demo
    title: A Demonstration
    authors: [J. Doe, R. Roe]
    year: 2020
    url: https://example.org/demo
  claims:
    - id: demo.pentagon.gaps
      version: 1
      finding: Demo
      statement: Five features form a regular pentagon.
      source: Section 1, figure 2
      metric: mean gap
      unit: degrees
      kind: value
      comparison: number
      published: 72.0
      margin: 1.0
      rationale: twice the rounding of the paper
      control: without superposition the gaps are right angles
      tier: quick
      seeds: 5
    - id: demo.order
      version: 2
      finding: Demo
      statement: More important features come first.
      source: Section 2
      choices: the paper does not say how many
      metric: whether the order held
      unit: "1"
      kind: ordering
      comparison: shape
      chance: 0.5
      rationale: two features in either order
      control: equal importance
      expectation: partial
      note: weak in small models
      needs: []
      tier: standard
      seeds: 6
    - id: demo.bound
      version: 1
      finding: Demo
      statement: The loss stays small.
      source: Section 3
      metric: loss
      unit: "1"
      kind: bound
      comparison: shape
      atMost: 0.1
      rationale: read off the figure
      control: untrained
      tier: long
      seeds: 3
    - id: demo.theorem
      version: 1
      finding: Demo
      statement: The sum is the dimension.
      source: Equation 1
      metric: sum
      unit: "1"
      kind: exact
      comparison: identity
      published: 2
      margin: 0
      rationale: a theorem
      control: another dimension
      tier: quick
      seeds: 1
  """

extension Claim {
  /// A claim of the finding `Demo`.
  static func demo(
    _ id: String = "demo.pentagon.gaps", _ criterion: Criterion = .value(published: 72, margin: 1),
    expectation: Expectation = .reproduces, needs: [String] = [], tier: Tier = .quick, seeds: Int = 5
  ) -> Claim {
    Claim(
      id: id, paper: "doe2020demo", finding: "Demo", statement: "Five features form a regular pentagon.",
      source: "Section 1", metric: "mean gap", unit: "degrees", criterion: criterion, comparison: .number,
      rationale: "twice the rounding", control: "right angles", expectation: expectation,
      note: expectation == .reproduces ? nil : "it is a demonstration", needs: needs, tier: tier, seeds: seeds)
  }
}

extension Library {
  /// A library of the demonstration's paper with these claims.
  static func demo(_ claims: [Claim]) -> Library {
    let paper = Paper(
      key: "doe2020demo", title: "A Demonstration", authors: ["J. Doe"], year: 2020, url: "https://example.org/demo")
    return Library(papers: [paper], claims: claims)
  }
}

extension Registry {
  /// A registry with the finding `Demo`.
  static func demo(_ experiments: any Experiment...) -> Registry {
    Registry(findings: [Finding(name: "Demo", papers: ["doe2020demo"], experiments: experiments)])
  }
}

/// An experiment whose observation is its readings.
struct FakeExperiment: Experiment {
  var name = "Pentagon"
  var claims = ["demo.pentagon.gaps"]
  var configuration: [String: ConfigurationValue] = ["steps": 10, "rate": 0.1, "sizes": [5, 2]]
  var body: @Sendable (SeedRun) throws -> [Reading]
  var draw: @Sendable ([[Reading]]) throws -> [Drawing] = { observations in
    let csv = observations.joined().map { "\($0.claim),\($0.value)\n" }.joined()
    return [Drawing(name: "Pentagon", svg: "<svg/>", csv: csv)]
  }

  func observe(_ run: SeedRun) throws -> [Reading] { try body(run) }
  func readings(_ observation: [Reading]) -> [Reading] { observation }
  func figures(_ observations: [[Reading]]) throws -> [Drawing] { try draw(observations) }

  /// A pentagon whose gaps are right up to the seed's noise, beside a control of right angles.
  static let pentagon = FakeExperiment { run in
    var random = run.random("noise")
    return [Reading(claim: "demo.pentagon.gaps", value: 72 + 0.2 * random.uniformDouble(), control: 90)]
  }

  /// An experiment that gives one claim the same value at every seed.
  static func constant(_ value: Double, control: Double? = 90, claim: String = "demo.pentagon.gaps") -> FakeExperiment {
    FakeExperiment(claims: [claim]) { _ in [Reading(claim: claim, value: value, control: control)] }
  }
}
