// Previous-token, duplicate-token and induction heads by their patterns, asserted. The experiments are in
// Sources/Replications/AttentionPatterns, the claims patterns.* in papers/olsson2022induction and nanda2022exploratory.

import Testing

@Suite("Heads are known by their patterns", .replicates("AttentionPatterns"))
struct AttentionPatterns {
  // MARK: - Models trained here

  @Test("Two layers that continue copied spans have a previous-token head and an induction head")
  func induction() async throws {
    try await expectReproduced("patterns.trained.previous-token", "patterns.trained.induction")
  }

  @Test("A duplicate-token head forms where it is needed, and only there")
  func duplicates() async throws {
    try await expectReproduced("patterns.trained.duplicate", "patterns.trained.need")
  }

  @Test("TransformerLens's detector finds the same heads")
  func detectors() async throws {
    try await expectReproduced("patterns.trained.detectors")
  }

  // MARK: - GPT-2 small

  @Test("On English prompts GPT-2's head 4.11 attends to the token before, always")
  func examples() async throws {
    try await expectReproduced("patterns.examples.previous-token", "patterns.examples.second")
  }

  @Test("On the notebook's random tokens all 144 heads have the printed scores")
  func notebook() async throws {
    try await expectReproduced("patterns.gpt2.previous", "patterns.gpt2.duplicate", "patterns.gpt2.induction")
  }

  @Test("Five heads are induction heads, one is a previous-token head")
  func sets() async throws {
    try await expectReproduced("patterns.gpt2.induction-heads", "patterns.gpt2.previous-token-head")
  }

  @Test("What repeats is predicted")
  func losses() async throws {
    try await expectReproduced("patterns.gpt2.repetition-loss", "patterns.gpt2.first-loss")
  }
}
