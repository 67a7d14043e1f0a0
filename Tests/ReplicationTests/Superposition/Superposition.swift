// Elhage et al. 2022, "Toy Models of Superposition": what was published, asserted. The experiments are in
// Sources/Replications/Superposition, the numbers with their reasons in papers/elhage2022superposition/claims.yaml.

import Testing

@Suite("Sparse features are stored in superposition", .replicates("Superposition"))
struct Superposition {
  // MARK: - Basic results

  @Test("A linear model represents just the most important features, at every sparsity")
  func linearModelIsPCA() async throws {
    try await expectReproduced("superposition.basic.linear-is-pca", "superposition.basic.ignored-bias")
  }

  @Test("A ReLU model does the same while features are dense")
  func denseReLUModelIsPCA() async throws {
    try await expectReproduced("superposition.basic.dense-is-pca")
  }

  @Test("When features are sparse it represents more of them than it has dimensions")
  func sparseFeaturesSuperpose() async throws {
    try await expectReproduced(
      "superposition.basic.more-features-than-dimensions", "superposition.basic.grows-with-sparsity")
  }

  @Test("The least important features enter superposition first")
  func leastImportantFirst() async throws {
    try await expectReproduced("superposition.basic.least-important-first")
  }

  // MARK: - A phase change

  @Test("Two features in one dimension are in the phase that theory predicts")
  func phaseDiagram() async throws {
    try await expectReproduced("superposition.phase.agreement", "superposition.phase.loss")
  }

  @Test("So is the third of three features in two dimensions")
  func phaseDiagramOfThree() async throws {
    try await expectReproduced("superposition.phase.three-in-two")
  }

  // MARK: - Geometry

  @Test("Five features in two dimensions form a regular pentagon")
  func pentagon() async throws {
    try await expectReproduced(
      "superposition.pentagon.gaps", "superposition.pentagon.dimensionality", "superposition.pentagon.norm",
      "superposition.pentagon.negative-bias")
  }

  @Test("Over sparsity two, then four, then five features are represented")
  func sequence() async throws {
    try await expectReproduced("superposition.pentagon.sequence")
  }

  @Test("Each published fraction is a polytope that forms in isolation")
  func polytopes() async throws {
    try await expectReproduced(
      "superposition.polytope.digon", "superposition.polytope.triangle", "superposition.polytope.tetrahedron",
      "superposition.polytope.pentagon", "superposition.polytope.triangular-bipyramid",
      "superposition.polytope.octahedron", "superposition.polytope.pentagonal-bipyramid",
      "superposition.polytope.square-antiprism")
  }

  @Test("Three sparse features form a triangle, which is not what happens")
  func sparseTriangle() async throws {
    try await expectReproduced("superposition.polytope.sparse-triangle")
  }

  // MARK: - Uniform superposition

  @Test("Dimensions per feature stick at 1 and at 1/2")
  func stickyDimensions() async throws {
    try await expectReproduced(
      "superposition.sticky.one", "superposition.sticky.half", "superposition.sticky.line",
      "superposition.sticky.falls")
  }

  @Test("The other published fractions form lines too, which they do not at this scale")
  func otherLines() async throws {
    try await expectReproduced("superposition.sticky.other-lines")
  }

  @Test("Adversarial vulnerability follows the number of features per dimension")
  func adversarialVulnerability() async throws {
    try await expectReproduced(
      "superposition.adversarial.increase", "superposition.adversarial.tracks-features",
      "superposition.adversarial.dense")
  }

  @Test("Capacity is dimensionality, keeps its bound and goes to important features")
  func capacity() async throws {
    try await expectReproduced("capacity.is-dimensionality", "capacity.bound", "capacity.importance")
  }

  // MARK: - Correlated and non-uniform features

  @Test("Correlated features form local orthogonal bases and collapse as they grow dense")
  func correlatedFeatures() async throws {
    try await expectReproduced("superposition.correlated.local-bases", "superposition.correlated.collapse")
  }

  @Test("Anticorrelated features lie opposite each other in the lowest-loss model")
  func anticorrelatedFeatures() async throws {
    try await expectReproduced("superposition.anticorrelated.antipodal")
  }

  @Test("A perturbed pentagon deforms and snaps to two digons")
  func perturbedFeature() async throws {
    try await expectReproduced("superposition.perturbed.crossing", "superposition.perturbed.deforms")
  }

  @Test("It snaps at a density 2.5 times below the others, which is not where it does here")
  func perturbationThreshold() async throws {
    try await expectReproduced("superposition.perturbed.threshold")
  }

  // MARK: - Dynamics and computation

  @Test("In some models the loss drops late, and a dimensionality jumps with it")
  func learningDynamics() async throws {
    try await expectReproduced("superposition.dynamics.jumps")
  }

  @Test("A ReLU hidden layer has monosemantic neurons for dense features and none for sparse ones")
  func privilegedBasis() async throws {
    try await expectReproduced("superposition.privileged.dense", "superposition.privileged.sparse")
  }

  @Test("Two neurons compute an absolute value exactly")
  func absoluteValue() async throws {
    try await expectReproduced("superposition.computation.absolute-value")
  }

  @Test("Neurons that compute go from monosemantic to polysemantic as features grow sparse")
  func computationInSuperposition() async throws {
    try await expectReproduced(
      "superposition.computation.monosemantic", "superposition.computation.polysemantic",
      "superposition.computation.grows")
  }

  @Test("The asymmetric superposition motif is the rule among shared neurons, which it is not")
  func asymmetricMotif() async throws {
    try await expectReproduced("superposition.computation.asymmetric")
  }
}
