// Examples of length one, kept as lists of what is active.

import Tensors
import Testing

@testable import ToyModels

@Suite("Sparse examples")
struct SparseExamplesTests {
  private let examples = SparseExamples(4_000, features: 200, density: 0.05, using: RandomStream(seed: 6))

  @Test("have length one")
  func length() {
    for example in 0..<examples.count {
      let values = examples.values[examples.starts[example]..<examples.starts[example + 1]]
      #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
  }

  @Test("have each feature active as often as its density says, alone of the others")
  func density() {
    var counts = Array(repeating: 0, count: 200)
    for index in examples.indices { counts[Int(index)] += 1 }
    // The mean of 800,000 draws is within five of its deviations of 0.00024, each feature's within five of 0.0034.
    #expect(abs(Double(examples.indices.count) / 800_000 - 0.05) < 0.0013)
    #expect(counts.allSatisfy { abs(Double($0) / 4_000 - 0.05) < 0.018 })
    let pairs = (0..<examples.count).count { example in
      let active = examples.indices[examples.starts[example]..<examples.starts[example + 1]]
      return active.contains(0) && active.contains(1)
    }
    #expect(pairs < 35, "4,000 · 0.05² = 10 pairs are expected")
  }

  @Test("are uniform in [0, 1) before they are divided by their length")
  func values() {
    let raw = SparseExamples(4_000, features: 200, density: 0.05, isNormalized: false, using: RandomStream(seed: 6))
    #expect(raw.indices == examples.indices)
    let count = Float(raw.values.count)
    #expect(abs(raw.values.reduce(0, +) / count - 0.5) < 0.01)
    #expect(abs(raw.values.reduce(0) { $0 + $1 * $1 } / count - 1 / 3) < 0.01)
    #expect(raw.values.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test("are never empty, however sparse")
  func notEmpty() {
    let sparse = SparseExamples(300, features: 20, density: 0.01, using: RandomStream(seed: 7))
    #expect((0..<300).allSatisfy { sparse.starts[$0 + 1] > sparse.starts[$0] })
    #expect(sparse.indices.allSatisfy { $0 >= 0 && $0 < 20 })
  }

  @Test("are read from an array with its zeros")
  func array() {
    let read = SparseExamples(Tensor([0, 2, 0, 0, 0, 0, 3, 0, 4], [3, 3]))
    #expect(read.count == 3 && read.starts == [0, 1, 1, 3])
    #expect(read.indices == [1, 0, 2] && read.values == [2, 3, 4])
  }
}
