// Von Oswald et al. 2022: what was published, asserted. The experiments are in Sources/Replications/InContextRegression,
// the bounds with their reasons in papers/vonoswald2022gradient/claims.yaml.

import Testing

@Suite("Linear self-attention learns a step of gradient descent", .replicates("InContextRegression"))
struct InContextRegression {
  @Test("A trained layer computes what a step of gradient descent computes")
  func sameFunction() async throws {
    try await expectReproduced(
      "regression.one-layer.cosine", "regression.one-layer.predictions", "regression.one-layer.loss")
  }

  @Test("Its weights are those of the construction, at the optimal learning rate")
  func sameWeights() async throws {
    try await expectReproduced(
      "regression.one-layer.construction", "regression.one-layer.rate", "regression.one-layer.interpolation")
  }

  @Test("It follows gradient descent to inputs of other scales, where both fail")
  func otherScales() async throws {
    try await expectReproduced("regression.one-layer.out-of-distribution")
  }

  @Test("One head of softmax attention does not get there")
  func softmax() async throws {
    try await expectReproduced("regression.softmax.falls-short")
  }

  @Test("Two layers do better than two steps of gradient descent, and as well as GD++")
  func twoLayers() async throws {
    try await expectReproduced(
      "regression.two-layers.beats-descent", "regression.two-layers.gd-plus-plus", "regression.two-layers.cosine")
  }
}
