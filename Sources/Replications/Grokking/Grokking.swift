// Nanda et al. 2023, "Progress measures for grokking via mechanistic interpretability": a transformer that memorises
// sums modulo a prime comes, long after, to compute them by trigonometry, and measures made from the algorithm see it
// coming.
//
// What was published, with bounds and their reasons: papers/nanda2023grokking/claims.yaml. What was done and what came of
// it: the note beside it.

extension Finding {
  /// A transformer that adds modulo a prime: memorisation, circuit formation, cleanup.
  public static let grokking = Finding(
    name: "Grokking",
    papers: ["nanda2023grokking"],
    experiments: [
      ModularAddition.prime59,
      ModularAddition.prime113,
      ModularAddition.publishedSettings,
    ])
}
