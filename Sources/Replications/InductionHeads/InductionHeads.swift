// Olsson et al. 2022, "In-context Learning and Induction Heads": heads that continue repeated sequences form suddenly, and
// in-context learning with them. Every experiment trains its attention-only models from scratch, in seconds. What the data
// have to do with it is an analogue of Chan et al. 2022.
//
// What was published, with bounds and their reasons: papers/olsson2022induction/claims.yaml and
// papers/chan2022data/claims.yaml. What was done and what came of it: the notes beside them.

extension Finding {
  /// Induction heads, and the phase change in which they form.
  public static let inductionHeads = Finding(
    name: "InductionHeads",
    papers: ["olsson2022induction", "chan2022data"],
    experiments: [
      PhaseChange(),
      PerTokenLosses(),
      Repetition(),
      TextInduction(),
    ])
}
