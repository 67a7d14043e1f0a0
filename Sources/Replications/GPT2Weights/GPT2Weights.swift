// What the attention weights of GPT-2 small show by themselves, without running it: which heads read what other heads
// write (composition scores, Elhage et al. 2021), and where positions lie (Yedidia 2023).
//
// The full checkpoint will do, and so will a file of its attention weights alone. What was published, with bounds and
// their reasons: the claims weights.* in papers/elhage2021framework, wang2022ioi and yedidia2023helix.

extension Finding {
  /// GPT-2 small read off its weights.
  public static let gpt2Weights = Finding(
    name: "GPT2Weights",
    papers: ["elhage2021framework", "wang2022ioi", "yedidia2023helix"],
    experiments: [
      KeyComposition(),
      QueryComposition(),
      PositionVectors(),
    ])
}
