import Testing

@testable import Replications

@Suite("Registry") struct RegistryTests {
  @Test("a registry that measures every claim once is valid")
  func valid() throws {
    try Registry.demo(FakeExperiment.pentagon).validate(.demo([.demo()]))
  }

  @Test("a claim without an experiment is an error")
  func claimWithoutExperiment() {
    #expect(
      problems(.demo(FakeExperiment.pentagon), .demo([.demo(), .demo("demo.other")])) == [
        "the claim demo.other (doe2020demo) has no experiment; add one to the finding Demo"
      ])
  }

  @Test("an experiment that reads an unknown claim is an error")
  func experimentWithoutClaim() {
    let experiment = FakeExperiment(claims: ["demo.pentagon.gaps", "demo.pentagn"]) { _ in [] }
    #expect(
      problems(.demo(experiment), .demo([.demo()])) == [
        "the experiment Demo/Pentagon reads the claim demo.pentagn, which no claims.yaml states"
      ])
  }

  @Test("a claim that two experiments measure is an error")
  func measuredTwice() {
    var second = FakeExperiment.pentagon
    second.name = "Hexagon"
    #expect(
      problems(.demo(FakeExperiment.pentagon, second), .demo([.demo()])) == [
        "the claim demo.pentagon.gaps is measured by Demo/Pentagon and again by Demo/Hexagon"
      ])
  }

  @Test("names that cannot be files, names given twice and unknown papers are errors")
  func names() {
    var odd = FakeExperiment.constant(1, claim: "demo.other")
    odd.name = "../Escape"
    let registry = Registry(findings: [
      Finding(name: "Demo", papers: ["doe2020demo", "nobody1999"], experiments: [FakeExperiment.pentagon, odd]),
      Finding(name: "Demo", papers: ["doe2020demo"], experiments: []),
      Finding(name: "demo two", papers: ["doe2020demo"], experiments: []),
    ])
    #expect(
      problems(registry, .demo([.demo(), .demo("demo.other")])) == [
        "the finding Demo names the paper nobody1999, which has no folder under papers",
        "the experiment \"Demo/../Escape\" is not named like a Swift type",
        "the finding Demo is registered twice",
        "the finding \"demo two\" is not named like a Swift type",
      ])
  }

  @Test("a claim of another finding or of a paper that the finding does not name is an error")
  func strangers() {
    let registry = Registry(findings: [Finding(name: "Other", papers: [], experiments: [FakeExperiment.pentagon])])
    #expect(
      problems(registry, .demo([.demo()])) == [
        "the experiment Other/Pentagon reads the claim demo.pentagon.gaps, which belongs to the finding Demo",
        "the finding Other reads the claim demo.pentagon.gaps but does not name its paper, doe2020demo",
      ])
  }

  private func problems(_ registry: Registry, _ library: Library) -> [String] {
    do throws(RegistryError) {
      try registry.validate(library)
      return []
    } catch {
      return error.problems
    }
  }
}
