// Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits": what was published, asserted. The experiments
// are in Sources/Replications/MathematicalFramework, the bounds with their reasons in
// papers/elhage2021framework/claims.yaml.

import Testing

@Suite("Attention-only transformers are sums of circuits", .replicates("MathematicalFramework"))
struct MathematicalFramework {
  // MARK: - Zero layers

  @Test("A model without layers learns bigrams, as far as its width allows")
  func zeroLayers() async throws {
    try await expectReproduced("framework.zero-layer.bigram")
  }

  // MARK: - One layer

  @Test("Logits are a sum over paths through the heads")
  func pathExpansion() async throws {
    try await expectReproduced("framework.path-expansion.one-layer", "framework.path-expansion.two-layers")
  }

  @Test("Most heads of one layer copy, by the eigenvalues of their OV circuits")
  func copying() async throws {
    try await expectReproduced("framework.copying.heads", "framework.copying.trace")
  }

  @Test("Skip-trigrams can be read off the weights")
  func skipTrigrams() async throws {
    try await expectReproduced("framework.skip-trigrams.source", "framework.skip-trigrams.behaviour")
  }

  @Test("Copying heads are no induction heads")
  func copyingIsNotInduction() async throws {
    try await expectReproduced("framework.copying.no-induction-detector")
  }

  // MARK: - Two layers

  @Test("The induction head composes with the previous-token head through its keys, and most with this one")
  func composition() async throws {
    try await expectReproduced(
      "framework.composition.k", "framework.composition.q-and-v", "framework.composition.strongest")
  }

  @Test("Induction heads are found from weights alone")
  func inductionFromWeights() async throws {
    try await expectReproduced("framework.induction.from-weights", "framework.induction.prefix-matching")
  }

  @Test("They are what predicts repeated tokens, in their order")
  func inductionByBehaviour() async throws {
    try await expectReproduced("framework.induction.ablation", "framework.induction.order")
  }

  @Test("Virtual heads matter little, and second-layer heads most")
  func termImportance() async throws {
    try await expectReproduced("framework.terms.virtual", "framework.terms.second-layer")
  }

  // MARK: - On text

  @Test("On the characters of a text a model without layers learns bigrams too")
  func text() async throws {
    try await expectReproduced("framework.text.bigram")
  }

  @Test("On words of stories ten of twelve heads of one layer should copy; at this size they do not")
  func textCopying() async throws {
    try await expectReproduced("framework.text.copying", "framework.text.copying-share")
  }

  @Test("On a text of the reader's own most heads of one layer copy")
  func ownText() async throws {
    try await expectReproduced("framework.own-text.copying")
  }
}
