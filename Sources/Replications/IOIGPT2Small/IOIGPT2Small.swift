// Wang et al. 2022, "Interpretability in the Wild", on the model that it is about: GPT-2 small, with the paper's own prompts
// and protocols (Sources/Replications/IndirectObject). Beside it the eight prompts of TransformerLens's notebook, whose
// printed numbers say whether model and hooks are right to three decimals.
//
// The weights are a user's own download; without them every claim is not evaluated, and says which file it wants. What was
// published, with bounds and their reasons: the claims ioi.gpt2.* in papers/wang2022ioi and ioi.demo.* in
// papers/nanda2022exploratory.

extension Finding {
  /// Indirect object identification in GPT-2 small.
  public static let ioiGPT2Small = Finding(
    name: "IOIGPT2Small",
    papers: ["wang2022ioi", "nanda2022exploratory"],
    experiments: [
      NotebookPrompts(),
      PromptedBehaviour(),
      UntrainedModel(),
      NameMoverAttention(),
      CopyingHeads(),
      DirectEffects(),
      PathsBetweenHeads(),
      InhibitionSignals(),
      RandomTokenHeads(),
      MissingNameMovers(),
      CircuitCriteria(),
      MissingMLPs(),
    ])
}
