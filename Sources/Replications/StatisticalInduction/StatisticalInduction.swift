// Edelman et al. 2024, "The Evolution of Statistical Induction Heads": models that learn Markov chains in context go from
// guessing over frequencies of single symbols to bigrams, the last in a sudden step. Singh et al. 2024, "What needs to go
// right for an induction head?": in a product of factors such a step is what the interaction of the factors makes.
//
// What was published, with bounds and their reasons: papers/edelman2024statistical/claims.yaml and
// papers/singh2024clamping/claims.yaml. What was done and what came of it: the notes beside them.

extension Finding {
  /// The stages in which Markov chains are learned in context, and what makes the last one sudden.
  public static let statisticalInduction = Finding(
    name: "StatisticalInduction",
    papers: ["edelman2024statistical", "singh2024clamping"],
    experiments: [
      MinimalModel(),
      MarkovTransformers(),
      Clamping(),
    ])
}
