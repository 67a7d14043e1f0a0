// Heads known by their patterns: previous-token, duplicate-token and induction heads, by the detectors of TransformerLens,
// in small models trained here, in GPT-2 small's published patterns, and in GPT-2 small itself where it is found.
//
// What was published, with bounds and their reasons: the claims patterns.* in papers/olsson2022induction and
// papers/nanda2022exploratory. What was done and what came of it: the notes beside them.

extension Finding {
  /// Kinds of attention heads by their patterns.
  public static let attentionPatterns = Finding(
    name: "AttentionPatterns",
    papers: ["olsson2022induction", "nanda2022exploratory"],
    experiments: [
      TrainedPatterns(),
      ExamplePatterns(),
      GPT2Patterns(),
    ])
}
