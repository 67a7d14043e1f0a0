import Foundation
import Replications
import Testing

@Suite("Run settings") struct RunSettingsTests {
  let fallback = URL(filePath: "/evidence")

  @Test("the environment sets tier, root seed and evidence")
  func environment() throws {
    let settings = try RunSettings(
      environment: ["REPLICATIONS_TIER": "long", "REPLICATIONS_SEED": "7", "REPLICATIONS_EVIDENCE": "/tmp/e"],
      evidence: fallback)
    #expect(settings.tier == .long && settings.rootSeed == 7 && settings.evidence.path == "/tmp/e")
    let plain = try RunSettings(environment: ["REPLICATIONS_TIER": ""], evidence: fallback)
    #expect(plain.tier == .standard && plain.rootSeed == 0 && plain.evidence == fallback && plain.seeds == nil)
  }

  @Test("a variable that makes no sense is an error that says what was expected")
  func mistakes() {
    func message(_ name: String, _ value: String) -> String? {
      #expect(throws: SettingsError.self) { try RunSettings(environment: [name: value], evidence: fallback) }?
        .description
    }
    #expect(
      message("REPLICATIONS_TIER", "nightly") == "REPLICATIONS_TIER must be quick, standard or long, found \"nightly\"")
    #expect(message("REPLICATIONS_SEED", "-1") == "REPLICATIONS_SEED must be a whole number, 0 or above, found \"-1\"")
  }
}
