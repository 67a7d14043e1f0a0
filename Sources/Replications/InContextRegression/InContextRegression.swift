// Von Oswald et al. 2022, "Transformers learn in-context by gradient descent": a layer of linear self-attention that is
// trained on regression tasks becomes one step of gradient descent, in what it computes and in its weights.
//
// What was published, with bounds and their reasons: papers/vonoswald2022gradient/claims.yaml. What was done and what came
// of it: the note beside it.

extension Finding {
  /// Trained linear self-attention is a step of gradient descent.
  public static let inContextRegression = Finding(
    name: "InContextRegression",
    papers: ["vonoswald2022gradient"],
    experiments: [OneLayer(), TwoLayers()])
}
