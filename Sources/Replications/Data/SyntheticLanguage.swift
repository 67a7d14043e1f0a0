// A small language with the regularities of text that transformers of zero, one and two layers pick up in turn.
//
// Words are Zipfian; each has successors of its own (bigrams); some words change what follows another word later in the
// row (skip-trigrams "A … B C", as in "keep … in mind"); and words that have occurred recur (repetition). Each choice is
// a mixture of these, so the probability of every word given all before it is known exactly.

import Foundation
import Tensors
import Transformer

/// A language whose every conditional probability is known.
struct SyntheticLanguage: Sendable {
  /// After `second`, and once `first` has occurred before it in the row, `third` is likely.
  struct SkipTrigram: Sendable, Hashable {
    var first: Int
    var second: Int
    var third: Int
  }

  /// The bigrams: what follows each word when nothing else decides.
  let chain: MarkovChain

  /// The skip-trigrams; the earliest in the list wins where several apply.
  var skipTrigrams: [SkipTrigram]

  /// The probability that a skip-trigram that applies decides the next word.
  var skipShare: Double

  /// The probability that a word is one that has occurred, each occurrence as likely as any other.
  var repetition: Double

  /// The number of words; the beginning-of-sequence token is one more, `vocabulary` itself.
  var vocabulary: Int { chain.states }

  /// Creates a language from its parts.
  init(chain: MarkovChain, skipTrigrams: [SkipTrigram] = [], skipShare: Double = 0.8, repetition: Double = 0) {
    self.chain = chain
    self.skipTrigrams = skipTrigrams
    self.skipShare = skipShare
    self.repetition = repetition
  }

  /// Draws a language: Zipfian words, of which each prefers `successors` others, and some skip-trigrams.
  ///
  /// - Parameters:
  ///   - bigramShare: The probability that a successor of the present word is next rather than any word.
  ///   - skipTrigrams: How many there are; first, second and third words are all different ones.
  init(
    vocabulary: Int, successors: Int = 8, bigramShare: Double = 0.7, skipTrigrams: Int = 0, skipShare: Double = 0.8,
    repetition: Double = 0, using stream: RandomStream
  ) {
    precondition(3 * skipTrigrams <= vocabulary, "\(skipTrigrams) skip-trigrams of \(vocabulary) words")
    let words = zipfianProbabilities(vocabulary)
    let favourites = MarkovChain.zipfian(
      states: vocabulary, successors: successors, uniformShare: 0, using: stream.derived("bigrams"))
    let rows = (0..<vocabulary).map { word in
      (0..<vocabulary).map { bigramShare * favourites.probability(of: $0, after: word) + (1 - bigramShare) * words[$0] }
    }
    var order = stream.derived("skip-trigrams")
    let members = order.permutation(vocabulary)
    self.init(
      chain: MarkovChain(rows),
      skipTrigrams: (0..<skipTrigrams).map {
        SkipTrigram(first: members[3 * $0], second: members[3 * $0 + 1], third: members[3 * $0 + 2])
      },
      skipShare: skipShare, repetition: repetition)
  }

  // MARK: - Drawing

  /// One row of words.
  func row(_ length: Int, using stream: inout RandomStream) -> [Int] {
    var words: [Int] = []
    words.reserveCapacity(length)
    for _ in 0..<length {
      guard let last = words.last else {
        words.append(chain.first(using: &stream))
        continue
      }
      if stream.uniformDouble() < repetition {
        words.append(words[stream.integer(below: words.count)])
      } else if let skip = applying(to: words[...]), stream.uniformDouble() < skipShare {
        words.append(skip.third)
      } else {
        words.append(chain.next(after: last, using: &stream))
      }
    }
    return words
  }

  /// Rows that begin with the beginning-of-sequence token, `[rows, length + 1]`.
  func batch(_ rows: Int, length: Int, using stream: inout RandomStream) -> TokenBatch {
    TokenBatch((0..<rows).map { _ in [vocabulary] + row(length, using: &stream) })
  }

  // MARK: - Probabilities

  /// The probability of a word after all the words before it, exactly.
  func probability(of word: Int, after history: ArraySlice<Int>) -> Double {
    guard let last = history.last else { return chain.stationary[word] }
    let recurring = Double(history.count { $0 == word }) / Double(history.count)
    var fresh = chain.probability(of: word, after: last)
    if let skip = applying(to: history) { fresh = (1 - skipShare) * fresh + (word == skip.third ? skipShare : 0) }
    return repetition * recurring + (1 - repetition) * fresh
  }

  /// −ln P of each word of a row given those before it, in nats: what a perfect model loses on it.
  func surprisals(of row: [Int]) -> [Double] {
    row.indices.map { -log(probability(of: row[$0], after: row[..<$0])) }
  }

  /// The skip-trigram that applies to what comes after some words.
  private func applying(to history: ArraySlice<Int>) -> SkipTrigram? {
    guard let last = history.last else { return nil }
    let before = history.dropLast()
    return skipTrigrams.first { $0.second == last && before.contains($0.first) }
  }
}
