// Rows with copied spans: what is copied, how often, and what a perfect reader loses.

import Foundation
import Tensors
import Testing

@testable import Replications

@Suite("Copied spans") struct CopiedSpansTests {
  private let chain = MarkovChain.zipfian(states: 16, successors: 6, using: RandomStream(seed: 1))

  private func rows(_ data: CopiedSpans, _ count: Int, seed: UInt64 = 5) -> [CopiedSpans.Row] {
    var stream = RandomStream(seed: seed)
    return (0..<count).map { _ in data.row(using: &stream) }
  }

  @Test("The share of copies at each position is the one that the recursion gives")
  func copiedShares() {
    let data = CopiedSpans(vocabulary: 32, length: 48, rate: 0.2)
    let rows = rows(data, 20_000)
    for (position, share) in data.copiedShares.enumerated() {
      let sampled = Double(rows.count { $0.isCopied[position] }) / Double(rows.count)
      #expect(abs(sampled - share) < 0.015)
    }
    #expect(data.copiedShares[..<7].allSatisfy { $0 == 0 })
    #expect(abs(data.copiedShares[7] - 0.2) < 1e-12)
  }

  @Test(
    "Given the spans, the entropy of a token is that of the background where nothing is copied", arguments: [0, 0.2])
  func entropy(rate: Double) {
    let data = CopiedSpans(vocabulary: 16, length: 40, rate: rate, background: .markov(chain))
    let losses = rows(data, 4_000).flatMap { row in
      row.tokens.indices.map { position -> Double in
        guard !row.isCopied[position] else { return 0 }
        guard position > 0 else { return -log(chain.stationary[row.tokens[0]]) }
        return -log(chain.probability(of: row.tokens[position], after: row.tokens[position - 1]))
      }
    }
    #expect(abs(mean(losses) - data.entropyGivenSpans) < 0.015)
  }

  @Test("Without copies a uniform background costs ln V, with copies its share of that")
  func uniformEntropy() {
    var data = CopiedSpans(vocabulary: 32, length: 48, rate: 0)
    #expect(abs(data.entropyGivenSpans - log(32)) < 1e-12)
    data.rate = 0.2
    #expect(abs(data.entropyGivenSpans - (1 - mean(data.copiedShares)) * log(32)) < 1e-12)
  }

  @Test("Runs of copies repeat what stands earlier in the row, at more than one distance")
  func copies() {
    let data = CopiedSpans(vocabulary: 1_000, length: 48, rate: 0.2)
    var distances = Set<Int>()
    for row in rows(data, 200) {
      for position in row.tokens.indices where row.isCopied[position] {
        let source = row.tokens[..<position].lastIndex(of: row.tokens[position])
        #expect(source != nil)
        if let source { distances.insert(position - source) }
      }
    }
    #expect(distances.count > 20)
    #expect((distances.min() ?? 0) >= 1)
  }

  @Test("A batch begins each row with a token of its own and is the same for the same stream")
  func batches() {
    let data = CopiedSpans(vocabulary: 16, length: 20, rate: 0.2, background: .markov(chain))
    var (first, second) = (RandomStream(seed: 3), RandomStream(seed: 3))
    let batch = data.batch(4, using: &first)
    #expect(batch.shape == [4, 21])
    for row in 0..<4 { #expect(batch[row][0] == 16 && batch[row].dropFirst().allSatisfy { $0 < 16 }) }
    #expect(batch == data.batch(4, using: &second))
  }
}
