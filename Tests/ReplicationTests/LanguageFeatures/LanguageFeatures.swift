// Bricken et al. 2023 and Templeton et al. 2024 on a transformer trained here: what was published, asserted. The
// experiment is in Sources/Replications/LanguageFeatures, the bounds with their reasons in the claims.yaml of both papers.
//
// The suite's name lets `--filter SparseAutoencoders` find it beside the suite of ground-truth data.

import Testing

@Suite("Sparse autoencoders on a transformer whose language is known", .replicates("LanguageFeatures"))
struct SparseAutoencodersOnLanguage {
  @Test("Features tell the variables of the language, but hardly better than neurons and components do")
  func variables() async throws {
    try await expectReproduced("features.mlp.variables", "features.residual.variables")
  }

  @Test("Sparse variables have features of their own")
  func sparseVariables() async throws {
    try await expectReproduced("features.mlp.names")
  }

  @Test("They are features of what the model has learned")
  func context() async throws {
    try await expectReproduced("features.mlp.context")
  }

  @Test("A few features at a time do most of what the activations did")
  func reconstruction() async throws {
    try await expectReproduced("features.mlp.loss", "features.mlp.sparsity", "features.residual.variance")
  }

  @Test("The feature for a number raises verbs of that number, and ablating it costs the number")
  func effects() async throws {
    try await expectReproduced("features.mlp.logits", "features.mlp.ablation", "features.residual.ablation")
  }

  @Test("Clamping the feature for a plural flips agreement and little else")
  func steering() async throws {
    try await expectReproduced("features.steering.flips", "features.steering.specific")
  }
}
