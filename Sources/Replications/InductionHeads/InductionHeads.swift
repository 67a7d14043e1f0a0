// Olsson et al. 2022, "In-context Learning and Induction Heads".

extension Finding {
  /// Induction heads, and the phase change in which they form.
  public static let inductionHeads = Finding(name: "InductionHeads", papers: ["olsson2022induction"], experiments: [])
}
