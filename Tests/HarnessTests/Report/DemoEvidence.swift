// A package with the demonstration's paper, a note, and records of all claims but the long one.

import Foundation

@testable import Replications

private let note = """
  # A title

  Of [the claims](claims.yaml) and [the code](../../Sources/Demo).

  ## What comes out

  ![The pentagon](figures/Pentagon.svg)

  See [the code](../../Sources/Demo/Demo.swift).

  The [numbers](figures/Pentagon.csv) and the [other paper](../roe2021other/README.md).
  """

private func svg(_ title: String) -> String {
  """
  <svg xmlns="http://www.w3.org/2000/svg" class="x" width="600" height="300" viewBox="0 0 600 300">
  <title>\(title)</title>
  </svg>
  """
}

/// Calls a function with the folder of a package that has been run, and with its claims.
func withDemoEvidence(
  replacing changes: [String: String] = [:], _ body: (URL, Library) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let changed = try changes.sorted { $0.key < $1.key }.reduce(demoClaimsFile) { text, change in
      // A string of JSON is one of YAML too, and holds anything.
      let quoted = String(decoding: try encoder.encode(change.value), as: UTF8.self)
      return text.replacing(": \(change.key)", with: ": \(quoted) # ")
    }
    try folder.write(changed, to: "papers/doe2020demo/claims.yaml")
    try folder.write(note, to: "papers/doe2020demo/README.md")
    try folder.write(svg("Pentagon"), to: "papers/doe2020demo/figures/Pentagon.svg")
    try folder.write("x\n", to: "papers/doe2020demo/figures/Pentagon.csv")
    let library = try Workspace(root: folder).library()
    var pentagon = FakeExperiment.constant(72.5)
    pentagon.draw = { _ in
      [
        Drawing(name: "Pentagon", svg: svg("Pentagon"), csv: "x\n"),
        Drawing(name: "Pentagon-more", svg: svg("More & more"), csv: "x\n"),
      ]
    }
    func experiment(_ name: String, _ experiment: FakeExperiment) -> FakeExperiment {
      var experiment = experiment
      experiment.name = name
      experiment.draw = { _ in [] }
      return experiment
    }
    let registry = Registry.demo(
      pentagon, experiment("Order", .constant(0, control: 0, claim: "demo.order")),
      experiment("Bound", .constant(0, claim: "demo.bound")),
      experiment("Theorem", .constant(2, control: 5, claim: "demo.theorem")))
    let evidence = folder.appending(path: "evidence")
    let session = Session(
      library: library, registry: registry, settings: RunSettings(rootSeed: 7, evidence: evidence), root: folder)
    for claim in library.claims { _ = try await session.outcome(of: claim) }
    try evidence.write("archive", to: "Demo/demo.pentagon.gaps.tar.zst")
    try await body(folder, library)
  }
}
