// The mean of the largest cosines, on dictionaries whose answer is known.

import Tensors
import Testing
import ToyModels

@Suite("How well a dictionary recovers directions")
struct DictionaryRecoveryTests {
  let truth = Tensor([2, 0, 0, 0, 3, 0], [2, 3])

  @Test("takes the best vector for each direction, whatever their lengths")
  func best() {
    let recovery = meanMaxCosine(of: truth, in: Tensor([0, 5, 0, 1, 1, 0, 0, 0, 1], [3, 3]))
    let diagonal: Float = 0.70710678
    #expect(abs(recovery.perFeature[0] - diagonal) < 1e-6)
    #expect(abs(recovery.perFeature[1] - 1) < 1e-6)
    #expect(abs(recovery.mean - 0.5 - 0.5 * diagonal) < 1e-6)
    #expect(recovery.matches == [1, 0])
  }

  @Test("does not take a vector that points the other way")
  func sign() {
    let recovery = meanMaxCosine(of: truth, in: Tensor([-1, 0, 0, 0, -1, 0], [2, 3]))
    #expect(recovery.perFeature == [0, 0])
  }

  @Test("asks for each known direction, not for each dictionary vector")
  func direction() {
    // Vectors beyond those that are needed cost nothing; a direction that is missing does.
    #expect(meanMaxCosine(of: truth, in: Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])).mean == 1)
    #expect(meanMaxCosine(of: Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]), in: truth).mean < 0.7)
  }

  @Test("gives a vector of zeros the cosine zero")
  func zeros() {
    #expect(meanMaxCosine(of: truth, in: Tensor(zeros: [2, 3])).mean == 0)
  }
}
