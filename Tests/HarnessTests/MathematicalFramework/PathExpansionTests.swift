// Terms of attention-only models against runs of the same models: two roads to the same logits.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Attention-only models as sums of terms")
struct PathExpansionTests {
  private let model = AttentionOnlyModel(layers: 2, heads: 2, width: 8, vocabulary: 6, length: 7)
    .initialized(from: RandomStream(seed: 11))
  private let tokens = TokenBatch([[6, 0, 3, 3, 1, 5, 2, 4], [6, 2, 2, 4, 0, 1, 3, 5]])

  @Test("Terms up to each order are what the paper's algorithm of held-back outputs gives")
  func ordersAgree() throws {
    let patterns = try model.runWithCache(tokens, names: .each(.pattern)).cache
    let expansion = PathExpansion(of: model, tokens, patterns: patterns)
    #expect(expansion.terms.map(\.path.order).sorted() == [0, 1, 1, 1, 1, 2, 2, 2, 2])
    let byOrder = try TermImportance.logitsByOrder(of: model, tokens, patterns: patterns)
    #expect(byOrder.count == 3)
    for (order, logits) in byOrder.enumerated() {
      #expect(PathExpansion.error(of: expansion.sum { $0.order <= order }, from: logits) < 1e-5)
    }
    #expect(PathExpansion.error(of: byOrder[2], from: model(tokens)) < 1e-5)
    #expect(PathExpansion.error(of: byOrder[1], from: model(tokens)) > 1e-3)
  }

  @Test("The trace of a circuit is the sum of its eigenvalues")
  func traces() throws {
    let words = model.ofWords
    let sums = try words.copyingEigenvalues().sum
    for (layer, heads) in words.copyingDiagonals.enumerated() {
      for (head, diagonal) in heads.enumerated() {
        #expect(abs(diagonal.reduce(0, +) - Double(sums[layer, head])) < 1e-5)
      }
    }
  }

  @Test("A table of skip-trigrams gives the logits of rows that hold only the words it was made for")
  func skipTrigramsAreExact() {
    let model = AttentionOnlyModel(layers: 1, heads: 2, width: 8, vocabulary: 6, length: 7)
      .initialized(from: RandomStream(seed: 12))
    // When one word is all the language has, the average word is that word.
    let other = 4
    let table = SkipTrigramTable(of: model, frequencies: [0, 1, 0, 0, 0, 0], company: 1)
    let (with, without) = (model([6, other, 3]), model([6, 1, 3]))
    for output in 0..<6 {
      let change = Double(with[0, 2, output] - without[0, 2, output])
      #expect(abs(table.change(of: output, at: 3, from: other) - change) < 1e-5)
    }
  }

  @Test("A chain diverges from its own bigrams by nothing, from the uniform table by what it knows")
  func divergence() {
    let chain = MarkovChain([[0.5, 0.5, 0], [0.1, 0.2, 0.7], [1, 0, 0]])
    let own = (0..<3).map { present in (0..<3).map { chain.probability(of: $0, after: present) } }
    #expect(abs(chain.divergence(from: own)) < 1e-12)
    let uniform = Array(repeating: Array(repeating: 1 / 3.0, count: 3), count: 3)
    #expect(abs(chain.divergence(from: uniform) - (1.0986122886681098 - chain.entropyRate)) < 1e-12)
  }
}
