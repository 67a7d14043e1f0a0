// The data of modular addition: which pairs are trained on and which are held out.

import Tensors
import Testing
import ToyModels

@Suite("Pairs of numbers modulo a prime")
struct ModularAdditionPairsTests {
  private func codes(_ pairs: ModularAdditionPairs) -> Set<Int> {
    Set((0..<pairs.count).map { pairs.a[$0] * pairs.prime + pairs.b[$0] })
  }

  @Test("are split into two sets without overlap that make up all of them")
  func split() {
    let (training, heldOut) = ModularAdditionPairs.split(prime: 113, trainingShare: 0.3, using: RandomStream(seed: 4))
    #expect(training.count == 3830)
    #expect(codes(training).count == training.count)
    // Numbers, not sets, so that a failure can be read.
    let (shared, together) = (
      codes(training).intersection(codes(heldOut)).count, codes(training).union(codes(heldOut)).count
    )
    #expect(shared == 0)
    #expect(together == 113 * 113)
  }

  @Test("are split at random, and again in the same way")
  func randomness() {
    func training(_ seed: UInt64) -> ModularAdditionPairs {
      ModularAdditionPairs.split(prime: 59, trainingShare: 0.4, using: RandomStream(seed: seed)).training
    }
    #expect(training(1) == training(1))
    let (one, other) = (codes(training(1)), codes(training(2)))
    // Two independent sets of 1392 of 3481 share 557 ± 18.
    #expect(abs(one.intersection(other).count - 557) < 90)
  }

  @Test("know their sums")
  func sums() {
    let pairs = ModularAdditionPairs(prime: 5, codes: [24, 3, 11])
    #expect(pairs.a == [0, 2, 4] && pairs.b == [3, 1, 4])
    #expect((0..<3).map(pairs.sum) == [3, 3, 3])
  }
}
