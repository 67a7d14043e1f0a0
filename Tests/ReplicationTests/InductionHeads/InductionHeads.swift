// Olsson et al. 2022, "In-context Learning and Induction Heads", and Chan et al. 2022 on burstiness: what was published,
// asserted. The experiments are in Sources/Replications/InductionHeads, the numbers with their reasons in
// papers/olsson2022induction/claims.yaml and papers/chan2022data/claims.yaml.

import Testing

@Suite("Induction heads form in a phase change", .replicates("InductionHeads"))
struct InductionHeads {
  // MARK: - The phase change

  @Test("Induction heads form with two layers and never with one")
  func inductionHeads() async throws {
    try await expectReproduced("induction.phase.prefix-matching", "induction.phase.random-tokens")
  }

  @Test("With two layers the model learns in context, with one not much")
  func inContextLearning() async throws {
    try await expectReproduced("induction.phase.in-context-learning")
  }

  @Test("Heads, in-context learning and the loss change in one window, where the loss is steepest and not convex")
  func oneWindow() async throws {
    try await expectReproduced("induction.phase.one-window", "induction.phase.bump", "induction.phase.slope")
  }

  @Test("Three quarters of in-context learning form in the window, which is not what happens")
  func publishedShare() async throws {
    try await expectReproduced("induction.phase.share")
  }

  @Test("In it the trajectory of per-token losses turns, but for one layer's")
  func pivot() async throws {
    try await expectReproduced("induction.losses.pivot")
  }

  // MARK: - Smeared keys

  @Test("With smeared keys one layer forms induction heads, and two layers form them earlier")
  func smearedKeys() async throws {
    try await expectReproduced(
      "induction.smear.forms", "induction.smear.earlier", "induction.smear.one-layer-earlier")
  }

  // MARK: - Ablation

  @Test("Without induction heads almost nothing is learned in context")
  func withoutInductionHeads() async throws {
    try await expectReproduced("induction.ablation.induction-heads")
  }

  @Test("The previous-token head is needed for the patterns of later heads and for nothing else")
  func withoutPreviousTokenHead() async throws {
    try await expectReproduced(
      "induction.ablation.previous-token-full", "induction.ablation.previous-token-patterns")
  }

  @Test("For heads of the last layer both ablations are the same")
  func lastLayer() async throws {
    try await expectReproduced("induction.ablation.last-layer")
  }

  // MARK: - Data

  @Test("Without repetition in the training data no induction head forms; with more of it more is learned in context")
  func repetition() async throws {
    try await expectReproduced("burstiness.none", "burstiness.dose")
  }

  // MARK: - On text

  @Test(
    "On stories two layers should form induction heads and learn more in context than one; in 2,000 steps they do not")
  func text() async throws {
    try await expectReproduced("induction.text.prefix-matching", "induction.text.in-context-learning")
  }
}
