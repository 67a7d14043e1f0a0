// Ties, edges and non-numbers where operations choose among elements.

import Testing

@testable import Tensors

@Suite("Operations that choose")
struct SelectionTests {
  @Test("top-k keeps the first of equals and both signs of zero in order")
  func topKTies() {
    let x = Variable(Tensor([1, 3, 3, 3, 0, -0.0, -1, 0], [2, 4]))
    #expect(x.topK(2).value == Tensor([0, 3, 3, 0, 0, 0, 0, 0], [2, 4]))
    let negative = Variable(Tensor([-3, -1, -2], [3]))
    #expect(negative.topK(1).value == Tensor([0, -1, 0], [3]))
    #expect(negative.topK(0).value == Tensor(zeros: [3]))
    #expect(negative.topK(3).value == negative.value)
    #expect(negative.topK(9).value == negative.value)
  }

  @Test("top-k passes the gradient of a kept zero, and of nothing else")
  func topKGradient() {
    let tape = Tape()
    let x = tape.variable(Tensor([0, -1, 0, -2], [4]))
    #expect(tape.gradient(of: x.topK(1).sum(), with: x) == Tensor([1, 0, 0, 0], [4]))
  }

  @Test("top-k agrees with sorting on rows of every length", arguments: 1...40)
  func topKAgainstSorting(length: Int) {
    var stream = RandomStream(seed: UInt64(length))
    // Few distinct values, so that ties are common.
    let row = (0..<length).map { _ in Float(stream.integer(below: 7)) - 3.5 }
    for count in 0...length {
      let kept = Variable(Tensor(row, [length])).topK(count).value.elements
      let winners = row.indices.sorted { (-row[$0], $0) < (-row[$1], $1) }.prefix(count)
      #expect(kept == row.indices.map { winners.contains($0) ? row[$0] : 0 })
    }
  }

  @Test("the gradient of a maximum goes to the first of equals")
  func maximumTies() {
    let tape = Tape()
    let x = tape.variable(Tensor([1, 4, 4, 2, 2, 2], [2, 3]))
    #expect(tape.gradient(of: x.maximum(axis: 1).sum(), with: x) == Tensor([0, 1, 0, 1, 0, 0], [2, 3]))
  }

  @Test("kinks have the gradient zero")
  func kinks() {
    let tape = Tape()
    let x = tape.variable(Tensor([0, 0], [1, 2]))
    for y in [x.relu(), x.magnitudes(), x.l1Norm(), x.l2Norm()] {
      #expect(tape.gradient(of: y.sum(), with: x) == Tensor(zeros: [1, 2]))
    }
  }

  @Test("cross-entropy over only ignored targets is NaN as a mean and zero as a sum, with zero gradients")
  func allIgnored() {
    let tape = Tape()
    let x = tape.variable(Tensor([1, 2, 3, 4], [2, 2]))
    #expect(x.crossEntropy(targets: [-1, -1], ignoring: -1).scalar.isNaN)
    let sum = x.crossEntropy(targets: [-1, -1], ignoring: -1, reduction: .sum)
    #expect(sum.scalar == 0)
    #expect(tape.gradient(of: sum, with: x) == Tensor(zeros: [2, 2]))
  }

  @Test("cross-entropy is exact for logits that overflow the exponential")
  func largeLogits() {
    let tape = Tape()
    let x = tape.variable(Tensor([1000, 0, 0, 1000], [2, 2]))
    let loss = x.crossEntropy(targets: [0, 0], reduction: .none)
    #expect(loss.value == Tensor([0, 1000], [2]))
    #expect(tape.gradient(of: loss.sum(), with: x) == Tensor([0, 0, -1, 1], [2, 2]))
  }

  @Test("a causal pattern has rows that sum to one and no future")
  func causalPattern() throws {
    var stream = RandomStream(seed: 5)
    let x = Variable(stream.normal([2, 6, 3, 4]))
    let pattern = try #require(Variable.attention(queries: x, keys: x, values: x, keeping: .pattern).pattern)
    #expect(pattern.shape == [2, 3, 6, 6])
    #expect(pattern.sum(axis: -1).isApproximatelyEqual(to: Tensor(ones: [2, 3, 6]), absolute: 1e-6))
    for query in 0..<6 {
      for key in 0..<6 { #expect((pattern[1, 2, query, key] > 0) == (key <= query)) }
    }
  }
}
