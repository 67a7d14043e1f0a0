// Sparse autoencoders on data whose features are known: what Sharkey et al. 2022 and those after them published, asserted.
// The experiments are in Sources/Replications/SparseAutoencoders, the numbers with their reasons in the claims.yaml of
// papers/sharkey2022superposition, cunningham2023sparse, bricken2023monosemanticity, templeton2024scaling and
// gao2024scaling.

import Testing

@Suite("Sparse autoencoders take known features out of superposition", .replicates("SparseAutoencoders"))
struct SparseAutoencoders {
  // MARK: - Recovery

  @Test("An autoencoder with an L1 penalty finds the features that made its data, every one of them")
  func recovery() async throws {
    try await expectReproduced(
      "autoencoders.recovery.mmcs", "autoencoders.recovery.every-feature", "autoencoders.recovery.as-many-latents")
  }

  @Test("It does so where the penalty and the dictionary are neither too small nor too large")
  func goldilocks() async throws {
    try await expectReproduced(
      "autoencoders.goldilocks.penalty", "autoencoders.goldilocks.size", "autoencoders.dead.penalty")
  }

  @Test("Agreement with larger dictionaries tells where the truth is recovered")
  func agreement() async throws {
    try await expectReproduced("autoencoders.agreement")
  }

  @Test("So it is at the published size")
  func publishedSize() async throws {
    try await expectReproduced("autoencoders.published-size.recovery")
  }

  // MARK: - How they are made

  @Test("Tied weights find the features too")
  func tiedWeights() async throws {
    try await expectReproduced("autoencoders.tied.recovery", "autoencoders.tied.untied")
  }

  @Test("With a bias before the encoder an offset does no harm")
  func encoderBias() async throws {
    try await expectReproduced("autoencoders.bias.offset")
  }

  @Test("Resampling brings back dead latents and lowers the loss")
  func resampling() async throws {
    try await expectReproduced("autoencoders.resampling.dead", "autoencoders.resampling.loss")
  }

  @Test("TopK reconstructs better than an L1 penalty at equal sparsity, because it does not shrink")
  func topK() async throws {
    try await expectReproduced(
      "autoencoders.topk.reconstruction", "autoencoders.topk.shrinkage", "autoencoders.topk.recovery")
  }

  // MARK: - What dictionaries hold

  @Test("As dictionaries grow a family of features splits into its members")
  func splitting() async throws {
    try await expectReproduced(
      "autoencoders.splitting.families", "autoencoders.splitting.members", "autoencoders.splitting.split")
  }

  @Test("A dictionary has the frequent features, down to one over its living latents")
  func completeness() async throws {
    try await expectReproduced("autoencoders.completeness.frequency", "autoencoders.completeness.threshold")
  }

  @Test("Larger dictionaries have a larger share of dead latents")
  func deadLatents() async throws {
    try await expectReproduced("autoencoders.dead.size")
  }
}
