// Henighan et al. 2023, "Superposition, Memorization, and Double Descent": what was published, asserted. The experiments are
// in Sources/Replications/DoubleDescent, the numbers with their reasons in papers/henighan2023memorization/claims.yaml.

import Testing

@Suite("Small training sets are memorised in superposition, large ones are not", .replicates("DoubleDescent"))
struct DoubleDescent {
  // MARK: - Few examples

  @Test("A few examples are memorised as the corners of a regular polygon")
  func fewExamples() async throws {
    try await expectReproduced(
      "double-descent.few.memorised", "double-descent.few.dimensionality",
      "double-descent.few.mean-dimensionality", "double-descent.few.polygon")
  }

  @Test("Each of them has more of the dimensions than any feature then")
  func examplesAboveFeatures() async throws {
    try await expectReproduced("double-descent.few.examples-above-features")
  }

  // MARK: - Many examples

  @Test("From many examples the model generalises")
  func generalises() async throws {
    try await expectReproduced("double-descent.many.generalises", "double-descent.bump.transition")
  }

  @Test("It stores five features as a pentagon")
  func fiveFeatures() async throws {
    try await expectReproduced(
      "double-descent.many.five", "double-descent.many.share", "double-descent.many.pentagon",
      "double-descent.many.norm")
  }

  // MARK: - The bump

  @Test("In between test loss is higher than at either end")
  func bump() async throws {
    try await expectReproduced("double-descent.bump.order")
  }

  @Test("There weights are large and no dimension belongs to anything")
  func weightsAndDimensions() async throws {
    try await expectReproduced("double-descent.bump.norm", "double-descent.bump.dimensionality")
  }

  @Test("Strong weight decay removes the bump")
  func weightDecay() async throws {
    try await expectReproduced("double-descent.bump.weight-decay")
  }

  // MARK: - Larger models

  @Test("The bump is a band over training sets and hidden dimensions")
  func band() async throws {
    try await expectReproduced("double-descent.map.band")
  }

  @Test("At the published size it is the same")
  func publishedScale() async throws {
    try await expectReproduced(
      "double-descent.published.order", "double-descent.published.polygon", "double-descent.published.five")
  }
}
