// What GPT-2 small's attention weights show by themselves, asserted. The experiments are in
// Sources/Replications/GPT2Weights, the claims weights.* in papers/elhage2021framework, wang2022ioi and yedidia2023helix.

import Testing

@Suite("GPT-2 small, read off its weights", .replicates("GPT2Weights"))
struct GPT2Weights {
  @Test("The heads that read the previous-token head through their keys are the induction heads")
  func keyComposition() async throws {
    try await expectReproduced("weights.k-composition.readers", "weights.k-composition.sources")
  }

  @Test("Not all of the five first are the five strong ones")
  func strongReaders() async throws {
    try await expectReproduced("weights.k-composition.first-readers")
  }

  @Test("They read it through their keys, not through queries or values")
  func keysOnly() async throws {
    try await expectReproduced("weights.k-composition.keys-only")
  }

  @Test("Name movers read S-inhibition head 8.10 through their queries")
  func queryComposition() async throws {
    try await expectReproduced("weights.q-composition.name-movers", "weights.q-composition.norm")
  }

  @Test("Positions lie on a helix")
  func helix() async throws {
    try await expectReproduced(
      "weights.positions.three-dimensions", "weights.positions.circle", "weights.positions.axis")
  }
}
