// Edelman et al. 2024 and Singh et al. 2024: what was published, asserted. The experiments are in
// Sources/Replications/StatisticalInduction, the bounds with their reasons in papers/edelman2024statistical/claims.yaml
// and papers/singh2024clamping/claims.yaml.

import Testing

@Suite("Markov chains are learned in context in stages", .replicates("StatisticalInduction"))
struct StatisticalInduction {
  // MARK: - The minimal model

  @Test("The minimal model first predicts by frequencies, at last by bigrams")
  func minimalModel() async throws {
    try await expectReproduced("statistical.minimal.unigrams-first", "statistical.minimal.bigrams-at-last")
  }

  @Test("The last step is sudden, and made by a layer that looks one back")
  func suddenBigrams() async throws {
    try await expectReproduced("statistical.minimal.sudden", "statistical.minimal.previous-token")
  }

  @Test("Bigrams come sooner where frequencies are useless")
  func simplicityBias() async throws {
    try await expectReproduced("statistical.minimal.simplicity-bias")
  }

  // MARK: - Transformers

  @Test("A transformer of two layers goes through the same stages")
  func twoLayers() async throws {
    try await expectReproduced(
      "statistical.transformer.unigrams-first", "statistical.transformer.bigrams-at-last",
      "statistical.transformer.induction-attention")
  }

  @Test("One layer never gets beyond frequencies")
  func oneLayer() async throws {
    try await expectReproduced("statistical.transformer.one-layer-never")
  }

  // MARK: - Why it is sudden

  @Test("Each factor that is clamped to its true value shortens the plateau, and two remove it")
  func clamping() async throws {
    try await expectReproduced("clamping.order", "clamping.sigmoidal", "clamping.exponential")
  }
}
