// The statistics of patching results, on numbers whose answers are known.

import Tensors
import Testing

@testable import Transformer

@Suite("Patching results") struct PatchingResultTests {
  let result = PatchingResult(
    values: Tensor([1, 2, 3, 6, 5, 5, 5, 5], [2, 4]), axes: ["layer"], baseline: [0, 0, 1, 1])

  @Test("mean, standard error, effect and normalised scores")
  func summaries() {
    #expect(result.mean.elements == [3, 5])
    // Squares about 3: 4 + 1 + 0 + 9 = 14; √(14/3/4).
    #expect(abs(result.standardError[0] - 1.080_123_4) < 1e-6 && result.standardError[1] == 0)
    #expect(result.effect.elements == [1, 2, 2, 5, 5, 5, 4, 4])
    let scores = result.normalized(clean: [2, 4, 5, 11])
    #expect(scores.values.elements == [0.5, 0.5, 0.5, 0.5, 2.5, 1.25, 1, 0.4])
    #expect(scores.baseline == [0, 0, 0, 0])
    // (3 − 0.5)/(5.5 − 0.5) and (5 − 0.5)/(5.5 − 0.5).
    #expect(result.normalizedMean(clean: [2, 4, 5, 11]).elements == [0.5, 0.9])
  }

  @Test("the exact sign-flip test counts patterns")
  func permutations() {
    // Effects 1, 2, 2, 5 have the largest sum with these signs alone, and the smallest with all turned: 2 of 16.
    let stream = RandomStream(seed: 1)
    #expect(result.permutationPValue(using: stream).elements == [2 / 16, 2 / 16])
    #expect(result.permutationPValue(alternative: .greater, using: stream).elements == [1 / 16, 1 / 16])
    #expect(result.permutationPValue(alternative: .less, using: stream).elements == [1, 1])
    let mixed = PatchingResult(values: Tensor([1, -1, 2], [1, 3]), axes: ["layer"], baseline: [0, 0, 0])
    // Sums of ±1 ±1 ±2 with magnitude 2 or more: 4, 2, 2, −4, −2, −2 of 8.
    #expect(mixed.permutationPValue(using: stream).elements == [6 / 8])
    let many = PatchingResult(
      values: Tensor((0..<40).map { $0 < 20 ? 1 : Float($0 % 2 * 2 - 1) }, [2, 20]), axes: ["layer"],
      baseline: Array(repeating: 0, count: 20))
    let values = many.permutationPValue(permutations: 500, using: stream).elements
    #expect(values[0] == 1 / 501 && values[1] == 1)
  }

  @Test("the bootstrap interval is seeded, holds the mean, and has the width that theory says")
  func bootstrap() {
    var stream = RandomStream(seed: 9)
    let sample = stream.normal([1, 400])
    let result = PatchingResult(values: sample, axes: ["layer"], baseline: Array(repeating: 1, count: 400))
    let (lower, upper) = result.bootstrapInterval(using: RandomStream(seed: 2))
    let again = result.bootstrapInterval(using: RandomStream(seed: 2))
    #expect(lower == again.lower && upper == again.upper)
    #expect(lower != result.bootstrapInterval(using: RandomStream(seed: 3)).lower)
    #expect(lower[0] < result.mean[0] && result.mean[0] < upper[0])
    let width = (upper[0] - lower[0]) / (2 * 1.96 * result.standardError[0])
    #expect(abs(width - 1) < 0.1)
    let effect = result.bootstrapInterval(ofEffect: true, using: RandomStream(seed: 2))
    #expect(abs(effect.lower[0] - (lower[0] - 1)) < 1e-5)
    let same = self.result.bootstrapInterval(using: RandomStream(seed: 2))
    #expect(same.lower[1] == 5 && same.upper[1] == 5)
  }
}
