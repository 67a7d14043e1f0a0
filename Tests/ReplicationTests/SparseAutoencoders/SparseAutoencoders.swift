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

  @Test("So it is in a wider space, and on Gaussian data it finds principal components' worth and no more")
  func widerSpace() async throws {
    try await expectReproduced(
      "autoencoders.wider.mmcs", "autoencoders.wider.every-feature", "autoencoders.wider.as-many-latents",
      "autoencoders.wider.gaussian", "autoencoders.wider.components")
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

  @Test("A bias before the encoder helps against an offset, by its start and by the subtraction itself")
  func encoderBias() async throws {
    try await expectReproduced(
      "autoencoders.bias.offset", "autoencoders.bias.subtraction", "autoencoders.bias.start")
  }

  @Test("Resampling brings back dead latents and lowers the loss")
  func resampling() async throws {
    try await expectReproduced("autoencoders.resampling.dead", "autoencoders.resampling.loss")
  }

  @Test(
    "TopK reconstructs better than an L1 penalty at equal sparsity, mostly as it does not shrink, and finds as much")
  func topK() async throws {
    try await expectReproduced(
      "autoencoders.topk.reconstruction", "autoencoders.topk.factor", "autoencoders.topk.shrinkage",
      "autoencoders.topk.recovery")
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
