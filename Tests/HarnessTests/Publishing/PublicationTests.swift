import Foundation
import Testing

@testable import Replications

// A demonstration's claims are run, published into a temporary package, and then spoilt one way after the other.
@Suite("Publishing a reference run") struct PublicationTests {
  private static let note = """
    # A Demonstration

    ## Results

    Gaps of <!-- replicate: value demo.pentagon.gaps mean .1 --><!-- /replicate -->°, in
    all <!-- replicate: value demo.pentagon.gaps seeds --><!-- /replicate --> seeds; by hand: 72.

    <!-- replicate: figure Pentagon -->
    <!-- /replicate -->

    <!-- replicate: results -->
    <!-- /replicate -->

    ## Introduction
    ## Methods
    ## Discussion
    ## Conclusion and more
    ## References

    """

  private struct Package {
    let folder: URL
    var paper: URL { folder.appending(path: "papers/doe2020demo") }
    var library: Library { get throws { try Workspace(root: folder).library() } }

    var publication: Publication {
      get throws { Publication(try library, in: try Workspace(root: folder)) }
    }

    /// Runs the claims of the standard tier under a root seed; the evidence is in a folder of that name.
    func run(rootSeed: UInt64 = 0, tier: Tier = .standard) async throws -> Evidence {
      let settings = RunSettings(
        tier: tier, rootSeed: rootSeed, jobs: 1, evidence: folder.appending(path: "evidence-\(rootSeed)"))
      let session = Session(library: try library, registry: .published, settings: settings, root: folder)
      _ = await Runner(session: session).run(try library.claims)
      return session.evidence
    }

    func publish(_ evidence: Evidence, others: [Evidence] = []) throws {
      try publication.publish(try #require(try library.paper("doe2020demo")), from: evidence, others: others)
    }

    func problems() throws -> [String] {
      try publication.problems(of: try #require(try library.paper("doe2020demo"))).map(\.description)
    }

    func text(_ file: String) throws -> String {
      try String(contentsOf: paper.appending(path: file), encoding: .utf8)
    }
  }

  private func withPackage(_ body: (Package) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let package = Package(folder: folder)
      try package.paper.write(demoClaimsFile, to: "claims.yaml")
      try package.paper.write(Self.note, to: "README.md")
      try await body(package)
    }
  }

  @Test("the note gets its numbers, its figure and its table, and then agrees with the run")
  func publishing() async throws {
    try await withPackage { package in
      #expect(try package.problems() == ["papers/doe2020demo/results.json: is missing: the paper was never published"])
      try package.publish(try await package.run())
      let note = try package.text("README.md")
      #expect(note.contains("mean .1 -->72.0<!-- /replicate -->°"))
      #expect(note.contains("seeds -->5<!-- /replicate --> seeds; by hand: 72."))
      #expect(note.contains("![Pentagon & co](figures/Pentagon.svg)"))
      #expect(
        note.contains(
          "| `demo.pentagon.gaps` | reproduced | number | 72 ± 1 degrees | 72 degrees | 72 [72, 72] degrees | 5 | 90 |")
      )
      #expect(note.contains("| `demo.bound` | not evaluated: there is no record of it |"))
      #expect(try package.text("figures/Pentagon.csv") == "a,b\n")
      #expect(try package.problems().isEmpty)
    }
  }

  @Test("publishing the same run again changes no byte")
  func again() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      try package.publish(evidence)
      let before = try package.paper.files.map { try package.text($0) }
      try package.publish(evidence)
      #expect(try package.paper.files.map { try package.text($0) } == before)
    }
  }

  @Test("other root seeds are counted, and the counts stay when the run is published without them")
  func rootSeeds() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      let others = [try await package.run(rootSeed: 1), try await package.run(rootSeed: 2)]
      try package.publish(evidence, others: others)
      #expect(try package.text("README.md").contains("| root seeds 1, 2 |"))
      #expect(try package.text("README.md").contains("| 90 | 2 of 2 |"))
      #expect(try package.text("README.md").contains(" Other root seeds were counted at commit `unknown`.\n"))
      try package.publish(evidence)
      #expect(try package.text("README.md").contains(" Other root seeds were counted at commit `unknown`.\n"))
      #expect(try package.text("README.md").contains("| 90 | 2 of 2 |"))
      let error = #expect(throws: PublicationError.self) {
        try package.publish(evidence, others: [others[0], others[0]])
      }
      #expect(error?.description.hasSuffix("evidence-1: is a second run of root seed 1") == true)
    }
  }

  @Test("a claim that one root seed evaluated and another did not is not counted")
  func incompleteCounts() async throws {
    try await withPackage { package in
      let evidence = try await package.run(tier: .long)
      let others = [try await package.run(rootSeed: 1, tier: .long), try await package.run(rootSeed: 2)]
      let error = #expect(throws: PublicationError.self) { try package.publish(evidence, others: others) }
      #expect(
        error?.description.hasSuffix("evidence-2: has no record of demo.bound, which other root seeds have") == true)
    }
  }

  @Test("what could not be measured under a root seed is counted apart")
  func unmeasuredCounts() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      let others = [try await package.run(rootSeed: 1), try await package.run(rootSeed: 2)]
      try others[1].replace(
        #""outcome" : "reproduced""#, with: #""outcome" : "error""#, inRecordOf: "demo.pentagon.gaps")
      try package.publish(evidence, others: others)
      #expect(try package.text("README.md").contains("| 90 | 1 of 2, 1 not measured |"))
      #expect(try package.problems().isEmpty)
    }
  }

  @Test("measurements under other root seeds are summarised over all their seeds, and the note can quote them")
  func spreads() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      let others = [try await package.run(rootSeed: 1), try await package.run(rootSeed: 2)]
      try package.publish(evidence, others: others)
      let records = try others.map { try #require(try $0.record(finding: "Demo", claim: "demo.pentagon.gaps")) }
      let values = records.flatMap(\.measurement.values)
      let spread = try #require(try ReferenceRun.stored(in: package.paper)?.rootSeeds?.spread(of: "demo.pentagon.gaps"))
      #expect(spread.count == values.count && values.count > 2)
      #expect(abs(spread.mean - values.reduce(0, +) / Double(values.count)) < 1e-12)
      #expect(abs(spread.standardError - Estimate(values).standardError) < 1e-12)
      for field in ["root-mean", "root-error", "root-count"] {
        _ = try NoteDirective("value demo.pentagon.gaps \(field) .1")
      }
    }
  }

  @Test("what could not be measured is in no summary")
  func unmeasuredSpread() {
    let spread = ReferenceRun.Spread([1, .nan, 3, .infinity])
    #expect(spread?.count == 2 && spread?.mean == 2 && spread?.deviation == 2.0.squareRoot())
    #expect(ReferenceRun.Spread([.nan]) == nil)
    #expect(ReferenceRun.Spread([5])?.deviation == 0)
  }

  @Test("what is counted may come of several commits, and the note names them")
  func commitsOfCounts() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      let other = try await package.run(rootSeed: 1)
      try other.replace(#""commit" : "unknown""#, with: #""commit" : "0123abc""#, inRecordOf: "demo.theorem")
      try package.publish(evidence, others: [other])
      #expect(try package.text("README.md").contains("were counted at commits `0123abc`, `unknown`."))
    }
  }

  @Test("experiments may come of several commits, which the note names; the records of one may not")
  func commitsOfExperiments() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      try evidence.replace(#""commit" : "unknown""#, with: #""commit" : "0123abc""#, inRecordOf: "demo.theorem")
      try package.publish(evidence)
      #expect(try package.text("README.md").contains("Root seed 0, commits `unknown`, `0123abc`, Swift"))
      #expect(try package.problems().isEmpty)

      try evidence.replace(#""name" : "Order""#, with: #""name" : "Theorem""#, inRecordOf: "demo.order")
      let problem = #expect(throws: PublicationError.self) { try package.publish(evidence) }?.problems.first
      #expect(problem?.message.hasPrefix("comes of another run than demo.order: commit 0123abc") == true)
    }
  }

  @Test("a record that is missing, of another version or of another run keeps the paper from being published")
  func refused() async throws {
    try await withPackage { package in
      let evidence = try await package.run()
      let other = try await package.run(rootSeed: 1)
      let file = evidence.recordFile(finding: "Demo", claim: "demo.theorem")
      func refusal() -> String? {
        #expect(throws: PublicationError.self) { try package.publish(evidence) }?.problems.first?.message
      }
      try FileManager.default.removeItem(at: file)
      #expect(refusal() == "is missing: run `replicate run demo.theorem` first")
      try FileManager.default.copyItem(at: other.recordFile(finding: "Demo", claim: "demo.theorem"), to: file)
      #expect(refusal()?.hasPrefix("comes of another run than demo.pentagon.gaps: commit unknown, root seed 1") == true)
      try package.paper.write(demoClaimsFile.replacing("published: 2\n", with: "published: 3\n"), to: "claims.yaml")
      #expect(
        refusal() == "is of another claim than is stated (criterion): run `replicate run demo.theorem` again")
      #expect(package.paper.files == ["README.md", "claims.yaml"], "nothing was written")
    }
  }

  @Test(
    "any field of a claim that changed since its run is named",
    arguments: [
      ("statement: Five", "statement: Six", "statement"), ("source: Section 1,", "source: Section 2,", "source"),
      ("control: without", "control: with no", "control"), ("seeds: 5", "seeds: 6", "seeds"),
      ("metric: mean gap", "metric: median gap", "metric"), ("twice the rounding", "thrice the rounding", "rationale"),
    ])
  func fields(text: String, other: String, field: String) async throws {
    try await withPackage { package in
      try package.publish(try await package.run())
      try #require(demoClaimsFile.contains(text))
      try package.paper.write(demoClaimsFile.replacing(text, with: other), to: "claims.yaml")
      #expect(
        try package.problems().first
          == "papers/doe2020demo/results.json: demo.pentagon.gaps: its record is of another claim than claims.yaml "
          + "states: \(field)")
    }
  }

  @Test("values that do not give the sums beside them are found")
  func values() async throws {
    try await withPackage { package in
      try package.publish(try await package.run())
      let results = try package.text("results.json")
      let spoilt = results.replacing(/"values" : \[[^\]]*\]/) { match in
        String(results[match.range].replacing(/-?[0-9.]+/, with: "9"))
      }
      try #require(spoilt != results)
      try package.paper.write(spoilt, to: "results.json")
      let problems = try package.problems()
      #expect(
        problems.contains {
          $0.hasPrefix(
            "papers/doe2020demo/results.json: demo.pentagon.gaps: its record says reproduced, and its values are judged "
              + "as not reproduced")
        })
      #expect(problems.contains { $0.hasSuffix("demo.pentagon.gaps: its record sums up other values than it has") })
    }
  }

  @Test("whatever goes stale is found")
  func stale() async throws {
    try await withPackage { package in
      try package.publish(try await package.run())
      let note = try package.text("README.md")
      func spoilt(_ file: String, _ text: String, _ other: String) throws -> [String] {
        let original = try package.text(file)
        try #require(original.contains(text))
        try package.paper.write(original.replacing(text, with: other), to: file)
        defer { try? package.paper.write(original, to: file) }
        return try package.problems()
      }

      let readme = "papers/doe2020demo/README.md"
      let number = try spoilt("README.md", ">72.0<", ">72.1<")
      #expect(number == ["\(readme):5: says '72.1', and the record supports '72.0'"])
      let table = try spoilt("README.md", "[72, 72]", "[71, 73]")
      #expect(table == ["\(readme):16: is stale: results differs from the reference run"])
      let drawing = try spoilt("figures/Pentagon.svg", "<svg>", "<svg >")
      #expect(drawing == ["papers/doe2020demo/figures/Pentagon.svg: is not the file of the reference run"])
      let claim = try spoilt("claims.yaml", "published: 72.0", "published: 71.5")
      #expect(
        claim.first
          == "papers/doe2020demo/results.json: demo.pentagon.gaps: its record is of another claim than claims.yaml "
          + "states: criterion")
      let figure = try spoilt("README.md", "by hand", "![x](figures/Missing.svg)")
      #expect(figure == ["\(readme): shows the figure Missing, which the reference run lacks"])
      let unknown = try spoilt("README.md", "value demo.pentagon.gaps seeds", "value demo.none seeds")
      #expect(unknown == ["\(readme):6: the reference run has no claim demo.none"])
      #expect(try spoilt("results.json", "{", "[").count == 1)

      try package.paper.write("x", to: "figures/Old.csv")
      #expect(try package.problems() == ["papers/doe2020demo/figures/Old.csv: belongs to no reference run"])
      try FileManager.default.removeItem(at: package.paper.appending(path: "figures/Old.csv"))
      try FileManager.default.removeItem(at: package.paper.appending(path: "figures/Pentagon.csv"))
      #expect(try package.problems() == ["papers/doe2020demo/figures/Pentagon.csv: is missing"])
      #expect(try package.text("README.md") == note)
    }
  }
}

extension Registry {
  /// Experiments for the demonstration's claims, one of them with a figure that has a title.
  fileprivate static var published: Registry {
    var pentagon = FakeExperiment.constant(72)
    pentagon.draw = { _ in
      [Drawing(name: "Pentagon", svg: "<svg><title>Pentagon &amp; co</title></svg>", csv: "a,b\n")]
    }
    func experiment(_ name: String, _ claim: String, _ value: Double) -> FakeExperiment {
      var experiment = FakeExperiment.constant(value, control: 5, claim: claim)
      experiment.name = name
      experiment.draw = { _ in [Drawing(name: name, svg: "<svg/>", csv: "")] }
      return experiment
    }
    return .demo(
      pentagon, experiment("Order", "demo.order", 0), experiment("Theorem", "demo.theorem", 2),
      experiment("Bound", "demo.bound", 0))
  }
}

extension Evidence {
  /// Changes the text of a record of the demonstration, in which it must stand.
  fileprivate func replace(_ text: String, with other: String, inRecordOf claim: String) throws {
    let file = recordFile(finding: "Demo", claim: claim)
    let record = try String(contentsOf: file, encoding: .utf8)
    try #require(record.contains(text))
    try record.replacing(text, with: other).write(to: file, atomically: true, encoding: .utf8)
  }
}
