// Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits": attention-only models of zero, one and two
// layers are sums of terms that can be read off their weights. Every model is trained from scratch, in seconds, on data
// whose regularities are known.
//
// What was published, with bounds and their reasons: papers/elhage2021framework/claims.yaml. What was done and what came
// of it: the note beside it.

extension Finding {
  /// Circuits of attention-only transformers, read off their weights.
  public static let mathematicalFramework = Finding(
    name: "MathematicalFramework",
    papers: ["elhage2021framework"],
    experiments: [
      ZeroLayer(),
      OneLayerCopying(),
      SkipTrigrams(),
      InductionCircuit(),
      TermImportance(),
      TextBigrams(),
      TextCopying.stories,
      TextCopying.ownText,
    ])
}
