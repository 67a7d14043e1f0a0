import Testing
import ToyModels

@Suite("Feature distributions")
struct FeatureDistributionTests {
  @Test("stop the program with a sentence when a density is no probability")
  func density() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = FeatureDistribution(features: 2, density: 1.5)
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("densities are probabilities in 0...1, got [1.5, 1.5]"))
  }
}
