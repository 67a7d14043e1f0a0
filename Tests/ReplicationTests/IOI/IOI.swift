// Indirect object identification in models that are trained here: what was published, asserted. The experiments are in
// Sources/Replications/IOI, the bounds with their reasons in papers/wang2022ioi and papers/adhikari2025symbolic.

import Testing

@Suite("Indirect object identification, learned from scratch", .replicates("IOI"))
struct IOI {
  // MARK: - The smallest models

  @Test("One head of one layer is left with a fair choice between the two names")
  func oneHead() async throws {
    try await expectReproduced("adhikari.one-head.accuracy", "adhikari.one-head.loss")
  }

  @Test("Two heads solve it, one adding both names, one telling them apart")
  func twoHeads() async throws {
    try await expectReproduced(
      "adhikari.two-heads.accuracy", "adhikari.two-heads.contrast", "adhikari.two-heads.additive-attention")
  }

  @Test("So do two layers of one head; how these compose is not the same in every model")
  func twoLayers() async throws {
    try await expectReproduced("adhikari.two-layers.accuracy", "adhikari.composition.order")
  }

  @Test("What one layer learns is a table of the pairs that it saw")
  func lookup() async throws {
    try await expectReproduced("adhikari.held-out.lookup")
  }

  // MARK: - Pairs that were held out

  @Test("Two layers find the indirect object of pairs that they never saw")
  func generalises() async throws {
    try await expectReproduced("ioi.pairs.generalises")
  }

  @Test("Path patching to the logits and attribution agree")
  func directEffects() async throws {
    try await expectReproduced("ioi.pairs.direct-effects")
  }

  @Test("The leading head copies or subtracts, and attends and writes as that implies")
  func leadingHead() async throws {
    try await expectReproduced(
      "ioi.pairs.leading-head.eigenvalues", "ioi.pairs.leading-head.attention", "ioi.pairs.leading-head.copying")
  }

  @Test("How the layers compose is what the class implies")
  func composition() async throws {
    try await expectReproduced("ioi.pairs.composition")
  }

  @Test("Without the heads that path patching finds the behaviour is gone, and without as many others most of it")
  func knockOut() async throws {
    try await expectReproduced("ioi.pairs.knock-out")
  }

  // MARK: - Sentences

  @Test("A model of three layers learns the paper's sentences, not equally well under every seed")
  func sentences() async throws {
    try await expectReproduced("ioi.sentences.prefers-io")
  }

  @Test("A remark about the indirect object, so that both names stand twice")
  func adversarial() async throws {
    try await expectReproduced("ioi.sentences.adversarial")
  }

  @Test("Path patching and attribution, which MLPs can tell apart")
  func sentencesDirectEffects() async throws {
    try await expectReproduced("ioi.sentences.direct-effects")
  }

  @Test("Its leading heads are no name movers: they gather, and the first MLP decides")
  func nameMovers() async throws {
    try await expectReproduced(
      "ioi.sentences.name-movers.attention", "ioi.sentences.name-movers.projection",
      "ioi.sentences.name-movers.copying")
  }

  @Test("Nothing inhibits them, and nothing looks for a duplicate or one token back before them")
  func upstream() async throws {
    try await expectReproduced(
      "ioi.sentences.s-inhibition", "ioi.sentences.duplicate-tokens", "ioi.sentences.previous-tokens")
  }

  @Test("Negative name movers and backup heads did not carry over")
  func notCarriedOver() async throws {
    try await expectReproduced("ioi.sentences.negative-movers", "ioi.sentences.self-repair")
  }

  @Test("The circuit that a rule finds is minimal, and most of what matters")
  func circuit() async throws {
    try await expectReproduced(
      "ioi.sentences.faithfulness", "ioi.sentences.completeness", "ioi.sentences.minimality")
  }
}
