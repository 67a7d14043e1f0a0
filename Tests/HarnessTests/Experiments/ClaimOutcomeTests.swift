import Testing

@testable import Replications

@Suite("Outcomes") struct ClaimOutcomeTests {
  @Test("the explanation has all that one needs to find out why")
  func explanation() async throws {
    try await withTemporaryFolder { folder in
      let experiment = FakeExperiment { run in
        [Reading(claim: "demo.pentagon.gaps", value: 74 + Double(run.index), control: run.index == 0 ? nil : 90)]
      }
      let claim = Claim.demo(seeds: 3)
      let session = Session(
        library: .demo([claim]), registry: .demo(experiment), settings: RunSettings(evidence: folder), root: folder)
      let outcome = try await session.outcome(of: claim)
      #expect(
        outcome.explanation == """
          not reproduced
            claim          demo.pentagon.gaps (value, number)
            statement      Five features form a regular pentagon.
            asked          72 ± 1 degrees
            measured       75 degrees
            90 % interval  73.31 … 76.69
            values         74, 75, 76
            control        none, 90, 90 (right angles)
            reason         \(outcome.reason)
            record         \(folder.path)/Demo/demo.pentagon.gaps.json
          """)
    }
  }

  @Test("an expectation is met by what it says, and never by an error")
  func expectations() {
    let met = Replications.Expectation.allCases.map { expectation in
      Verdict.Outcome.allCases.filter { expectation.isMet(by: $0) }
    }
    #expect(met == [[.reproduced], [.notReproduced, .inconclusive], [.notReproduced, .inconclusive]])
  }
}
