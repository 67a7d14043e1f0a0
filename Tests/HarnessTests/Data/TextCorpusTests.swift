// Text as tokens: what becomes one, what is held out, and how rows are drawn.

import Tensors
import Testing

@testable import Replications

@Suite("A text corpus") struct TextCorpusTests {
  @Test("takes every character by itself")
  func characters() {
    let corpus = TextCorpus("abacab", .characters)
    #expect(corpus.names == ["a", "b", "c"])
    #expect(corpus.bos == 3)
  }

  @Test("takes frequent words and marks, and one token for all others")
  func words() {
    let corpus = TextCorpus("The cat, the CAT, the dog. A mouse's tail", .words(limit: 4))
    #expect(corpus.names == ["the", ",", "cat", "…"])
    #expect(corpus.training + corpus.heldOut == [0, 2, 1, 0, 2, 1, 0, 3, 3, 3, 3, 3, 3, 3])
  }

  @Test("keeps the last tenth from training, and draws rows from either part")
  func parts() {
    let corpus = TextCorpus(String(repeating: "x", count: 90) + String(repeating: "y", count: 10), .characters)
    #expect(corpus.training.count == 90)
    #expect(Set(corpus.training) == [0])
    #expect(Set(corpus.heldOut) == [1])
    var stream = RandomStream(seed: 1)
    #expect(corpus.batch(2, length: 3, using: &stream).tokens == [2, 0, 0, 0, 2, 0, 0, 0])
    #expect(corpus.heldOutBatch(1, length: 10, using: &stream).tokens == [2] + Array(repeating: 1, count: 10))
  }

  @Test("counts bigrams of the training text")
  func bigrams() {
    let corpus = TextCorpus("ababababababababababbbbbbbbbbb", .characters)
    #expect(corpus.names == ["b", "a"])
    #expect(corpus.bigramCounts == [[7, 9], [10, 0]])
  }
}
