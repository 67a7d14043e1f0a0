// Henighan et al. 2023, "Superposition, Memorization, and Double Descent": a model of sparse features that is trained on a
// fixed set of T examples stores the examples in superposition while T is small, the features when T is large, and does
// worst on fresh data in between. Every model is trained from scratch.
//
// What was published, with margins and their reasons: papers/henighan2023memorization/claims.yaml. What was done and what
// came of it: the note beside it.

extension Finding {
  /// From memorised examples over a bump in test loss to learned features.
  public static let doubleDescent = Finding(
    name: "DoubleDescent",
    papers: ["henighan2023memorization"],
    experiments: [DatasetSize(), HiddenDimensions(), PublishedScale()])
}
