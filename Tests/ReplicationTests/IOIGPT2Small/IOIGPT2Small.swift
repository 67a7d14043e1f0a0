// Wang et al. 2022 on GPT-2 small, asserted where a user has the model: `hf download openai-community/gpt2`, or
// `replicate models fetch gpt2 gpt2-config gpt2-encoder gpt2-merges`, or the files under REPLICATIONS_MODELS/gpt2. Without it
// every test is cancelled and says which file it wants. The experiments are in Sources/Replications/IOIGPT2Small, the claims
// ioi.gpt2.* in papers/wang2022ioi and ioi.demo.* in papers/nanda2022exploratory.

import Testing

@Suite("Indirect object identification in GPT-2 small", .replicates("IOIGPT2Small"))
struct IOIGPT2Small {
  // MARK: - The notebook's eight prompts

  @Test("Eight prompts have the printed logit differences, and the stream has them layer by layer")
  func notebookDifferences() async throws {
    try await expectReproduced(
      "ioi.demo.logit-differences", "ioi.demo.accumulated", "ioi.demo.layers", "ioi.demo.scales")
  }

  @Test("Heads add to the difference what is printed")
  func notebookAttribution() async throws {
    try await expectReproduced("ioi.demo.attribution")
  }

  @Test("Patching restores what is printed")
  func notebookPatching() async throws {
    try await expectReproduced(
      "ioi.demo.patching.streams", "ioi.demo.patching.heads", "ioi.demo.patching.outside", "ioi.demo.patching.self")
  }

  @Test("Other heads make up for 9.9")
  func notebookSelfRepair() async throws {
    try await expectReproduced(
      "ioi.demo.self-repair.difference", "ioi.demo.self-repair.heads", "ioi.demo.self-repair.scale")
  }

  @Test("One prompt and its partner")
  func notebookPrompt() async throws {
    try await expectReproduced("ioi.demo.single.probabilities", "ioi.demo.single.partner")
  }

  // MARK: - Behaviour

  @Test("GPT-2 small identifies the indirect object")
  func behaviour() async throws {
    try await expectReproduced(
      "ioi.gpt2.logit-difference", "ioi.gpt2.accuracy", "ioi.gpt2.probability", "ioi.gpt2.untrained")
  }

  @Test("A sentence that names the indirect object once more misleads it")
  func adversarial() async throws {
    try await expectReproduced(
      "ioi.gpt2.adversarial.difference", "ioi.gpt2.adversarial.probability", "ioi.gpt2.adversarial.errors")
  }

  @Test("One that names the subject once more does not")
  func adversarialControl() async throws {
    try await expectReproduced(
      "ioi.gpt2.adversarial.subject.difference", "ioi.gpt2.adversarial.subject.probability",
      "ioi.gpt2.adversarial.subject.errors")
  }

  // MARK: - Name movers

  @Test("Name movers and negative name movers have the largest direct effects")
  func directEffects() async throws {
    try await expectReproduced(
      "ioi.gpt2.direct.name-movers", "ioi.gpt2.direct.first", "ioi.gpt2.direct.negative", "ioi.gpt2.direct.early",
      "ioi.gpt2.direct.unpatched")
  }

  @Test("Name movers attend to names and write in their direction")
  func projection() async throws {
    try await expectReproduced(
      "ioi.gpt2.attention.name-movers", "ioi.gpt2.attention.subject", "ioi.gpt2.attention.others",
      "ioi.gpt2.projection.name-movers", "ioi.gpt2.projection.negative")
  }

  @Test("Name movers copy names; negative name movers do the opposite")
  func copying() async throws {
    try await expectReproduced(
      "ioi.gpt2.copying.name-movers", "ioi.gpt2.copying.average", "ioi.gpt2.copying.embedding",
      "ioi.gpt2.copying.negative", "ioi.gpt2.copying.negative-average", "ioi.gpt2.copying.negative-of-name-movers")
  }

  // MARK: - What tells them where to attend

  @Test("S-inhibition heads act on their queries and attend to S2")
  func inhibition() async throws {
    try await expectReproduced("ioi.gpt2.paths.queries", "ioi.gpt2.attention.s-inhibition")
  }

  @Test("Duplicate-token, induction and previous-token heads act on those")
  func upstream() async throws {
    try await expectReproduced(
      "ioi.gpt2.paths.values", "ioi.gpt2.paths.inhibition-keys", "ioi.gpt2.paths.keys",
      "ioi.gpt2.attention.repetition")
  }

  @Test("S-inhibition heads say a position and a token")
  func signals() async throws {
    try await expectReproduced(
      "ioi.gpt2.signals.table", "ioi.gpt2.signals.fit", "ioi.gpt2.signals.position", "ioi.gpt2.signals.token",
      "ioi.gpt2.signals.order", "ioi.gpt2.signals.prefix", "ioi.gpt2.signals.origin", "ioi.gpt2.signals.origin.tokens")
  }

  @Test("On random tokens the heads are what their names say")
  func randomTokens() async throws {
    try await expectReproduced(
      "ioi.gpt2.random-tokens.kinds", "ioi.gpt2.random-tokens.unrepeated", "ioi.gpt2.random-tokens.logits")
  }

  // MARK: - Knock-outs

  @Test("Without name movers other heads take over")
  func selfRepair() async throws {
    try await expectReproduced(
      "ioi.gpt2.knock-out.name-movers", "ioi.gpt2.self-repair.backups", "ioi.gpt2.self-repair.negative")
  }

  @Test("The circuit is faithful")
  func faithfulness() async throws {
    try await expectReproduced(
      "ioi.gpt2.faithfulness", "ioi.gpt2.faithfulness.empty", "ioi.gpt2.faithfulness.random")
  }

  @Test("It is complete by classes, and not against a greedy search")
  func completeness() async throws {
    try await expectReproduced(
      "ioi.gpt2.completeness.classes", "ioi.gpt2.completeness.order", "ioi.gpt2.completeness.random",
      "ioi.gpt2.completeness.greedy", "ioi.gpt2.completeness.greedy.each")
  }

  @Test("It is minimal")
  func minimality() async throws {
    try await expectReproduced("ioi.gpt2.minimality.count", "ioi.gpt2.minimality.order")
  }

  @Test("The first MLP is indispensable")
  func mlps() async throws {
    try await expectReproduced("ioi.gpt2.mlps.first", "ioi.gpt2.mlps.single", "ioi.gpt2.mlps.others")
  }
}
