// Nanda et al. 2023, "Progress measures for grokking via mechanistic interpretability": what was published, asserted. The
// experiments are in Sources/Replications/Grokking, the numbers with their reasons in papers/nanda2023grokking/claims.yaml.

import Testing

@Suite("A transformer that memorised sums modulo a prime comes to compute them", .replicates("Grokking"))
struct Grokking {
  // MARK: - Prime 59, trained here

  @Test("It ends up adding pairs that it never saw, long after it knew the others by heart")
  func generalises() async throws {
    try await expectReproduced("grokking.generalises", "grokking.delay")
  }

  @Test("It adds by trigonometry: a few key frequencies carry the logits")
  func circuit() async throws {
    try await expectReproduced("grokking.circuit.keys", "grokking.circuit.logit-variance")
  }

  @Test("Most neurons live on one frequency")
  func mostNeurons() async throws {
    try await expectReproduced("grokking.circuit.most-neurons")
  }

  @Test("84.6 % of the neurons do, which differs from seed to seed")
  func neurons() async throws {
    try await expectReproduced("grokking.circuit.neurons")
  }

  @Test("Embedding and logits become sparse in Fourier space")
  func sparsity() async throws {
    try await expectReproduced("grokking.gini.w-e", "grokking.gini.w-l")
  }

  @Test("The circuit is there while the held-out loss still says nothing of it")
  func progressMeasures() async throws {
    try await expectReproduced("grokking.restricted", "grokking.excluded")
  }

  @Test("Memorisation, circuit formation and cleanup follow each other")
  func phases() async throws {
    try await expectReproduced("grokking.phases", "grokking.sum-of-squares")
  }

  // MARK: - Prime 113, the published model

  @Test("So it is with the published model and faster settings")
  func publishedModel() async throws {
    try await expectReproduced(
      "grokking.p113.generalises", "grokking.p113.keys", "grokking.p113.logit-variance", "grokking.p113.restricted")
  }

  @Test("84.6 % of the published model's neurons live on one frequency, which differs from seed to seed")
  func publishedModelNeurons() async throws {
    try await expectReproduced("grokking.p113.neurons")
  }

  @Test("So it is with the published settings")
  func publishedSettings() async throws {
    try await expectReproduced(
      "grokking.published.delay", "grokking.published.keys", "grokking.published.logit-variance")
  }

  @Test("84.6 % of the neurons live on one frequency with the published settings, which differs from seed to seed")
  func publishedSettingsNeurons() async throws {
    try await expectReproduced("grokking.published.neurons")
  }
}
