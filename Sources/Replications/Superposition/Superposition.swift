// Elhage et al. 2022, "Toy Models of Superposition": models with more features than dimensions store them in
// superposition when features are sparse. Every experiment trains its models from scratch, in seconds; capacity
// (Scherlis et al. 2022) is measured on the same models.
//
// What was published, with margins and their reasons: papers/elhage2022superposition/claims.yaml and
// papers/scherlis2022capacity/claims.yaml. What was done and what came of it: the notes beside them.

extension Finding {
  /// Toy models of superposition, and the capacity of their features.
  public static let superposition = Finding(
    name: "Superposition",
    papers: ["elhage2022superposition", "scherlis2022capacity"],
    experiments: [
      LinearAgainstReLU(),
      PhaseDiagram(),
      PhaseDiagramOfThree(),
      Pentagon(),
      Polytopes(),
      UniformSuperposition(),
      CorrelatedFeatures(),
      PerturbedFeature(),
      LearningDynamics(),
      PrivilegedBasis(),
      AbsoluteValue(),
    ])
}
