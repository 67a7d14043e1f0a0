// The synthetic language: that its stated probabilities are those of the words it draws.

import Foundation
import Tensors
import Testing

@testable import Replications

@Suite("Synthetic language") struct SyntheticLanguageTests {
  @Test("The probabilities of the next word sum to 1, whatever came before")
  func sums() {
    let language = SyntheticLanguage(vocabulary: 30, skipTrigrams: 4, repetition: 0.2, using: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    let row = language.row(40, using: &stream)
    for end in row.indices {
      let sum = (0..<30).reduce(0) { $0 + language.probability(of: $1, after: row[..<end]) }
      #expect(abs(sum - 1) < 1e-9)
    }
  }

  @Test("Without skip-trigrams and repetition the mean surprisal is the entropy rate of the chain")
  func entropyRate() {
    let language = SyntheticLanguage(vocabulary: 30, using: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    let surprisals = (0..<500).flatMap { _ in language.surprisals(of: language.row(61, using: &stream)).dropFirst() }
    #expect(abs(mean(surprisals) - language.chain.entropyRate) < 0.02)
  }

  @Test("Words are drawn with the probabilities that are stated")
  func calibration() {
    // Words are drawn from P exactly when the mean surprisal is the mean entropy of P.
    let language = SyntheticLanguage(vocabulary: 30, skipTrigrams: 5, repetition: 0.3, using: RandomStream(seed: 4))
    var stream = RandomStream(seed: 5)
    var (losses, entropies): ([Double], [Double]) = ([], [])
    for _ in 0..<300 {
      let row = language.row(50, using: &stream)
      losses += language.surprisals(of: row)
      entropies += row.indices.map { end in
        entropy(of: (0..<30).map { language.probability(of: $0, after: row[..<end]) })
      }
    }
    #expect(abs(mean(losses) - mean(entropies)) < 0.03)
  }

  @Test("A skip-trigram decides once its first word has occurred, and not before")
  func skipTrigrams() {
    let uniform = MarkovChain(Array(repeating: Array(repeating: 0.25, count: 4), count: 4))
    let language = SyntheticLanguage(
      chain: uniform, skipTrigrams: [.init(first: 0, second: 1, third: 2)], skipShare: 0.8)
    #expect(abs(language.probability(of: 2, after: [0, 3, 1]) - 0.85) < 1e-12)
    #expect(language.probability(of: 2, after: [3, 3, 1]) == 0.25)
    #expect(language.probability(of: 2, after: [1, 0]) == 0.25)
  }
}
