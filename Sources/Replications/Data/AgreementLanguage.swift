// A small language whose every latent variable is known: relative clauses inside each other, verbs that agree with
// subjects far back, adverbs between, and a protagonist whose name recurs.
//
//     the cats that Ada often sees hear my dog . Ada knows …
//
// A word tells its class and, of nouns and verbs, its number. What no word tells by itself is in the state of the reader:
// the number of the verb that is due, how many clauses are open, who the protagonist is. The words so far determine the
// state, and the state the probability of every next word.

import Tensors
import Transformer

/// A language of nested clauses with agreement, whose latent variables and conditional probabilities are known.
struct AgreementLanguage: Sendable {
  /// What a word is; `relative` is "that" and `stop` the full stop.
  enum WordClass: Int, Sendable, CaseIterable {
    case determiner, noun, name, verb, adverb, relative, stop
  }

  /// The number of a noun, a verb, or a subject that a verb agrees with; names are singular.
  enum Number: Int, Sendable, CaseIterable {
    case singular, plural
  }

  /// One word of the vocabulary.
  struct Word: Sendable, Hashable {
    let text: String
    let wordClass: WordClass
    /// The number of a noun or a verb; nil for others.
    var number: Number?
    /// The place among the words of its class, the same for both numbers of a noun or a verb.
    let lemma: Int
  }

  /// The words by token; the beginning-of-sequence token is one more, ``bos``.
  let words: [Word]
  /// The largest number of relative clauses around a word.
  let maximumDepth = 2
  /// The probability that a name is the protagonist's rather than any.
  let loyalty = 0.75

  /// The probabilities of the next word by situation, and their running sums, `[situation][word]`.
  private let probabilities: [[Double]]
  private let sums: [[Double]]

  /// The language; there is only one.
  init() {
    func plain(_ wordClass: WordClass, _ texts: [String]) -> [Word] {
      texts.enumerated().map { Word(text: $1, wordClass: wordClass, lemma: $0) }
    }
    /// Two forms of each stem; nouns have their ending in the plural, verbs in the singular.
    func inflected(_ wordClass: WordClass, _ stems: [String], singular: String, plural: String) -> [Word] {
      stems.enumerated().flatMap { lemma, stem in
        [(singular, Number.singular), (plural, .plural)].map { ending, number in
          Word(text: stem + ending, wordClass: wordClass, number: number, lemma: lemma)
        }
      }
    }
    let nouns = ["cat", "dog", "bird", "king", "duck", "pilot", "farmer", "robot", "nurse", "twin"]
    let verbs = ["see", "like", "hear", "know", "fear", "help"]
    let words =
      plain(.determiner, ["the", "my"]) + inflected(.noun, nouns, singular: "", plural: "s")
      + plain(.name, ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana"])
      + inflected(.verb, verbs, singular: "s", plural: "") + plain(.adverb, ["often", "never", "always"])
      + plain(.relative, ["that"]) + plain(.stop, ["."])
    self.words = words
    let names = words.count { $0.wordClass == .name }
    let loyalty = loyalty
    probabilities = Situation.all(names: names).map { situation in
      words.map { situation.share(of: $0.wordClass) * situation.share(of: $0, among: words, names, loyalty) }
    }
    sums = probabilities.map { row in
      var sum = 0.0
      return row.map {
        sum += $0
        return sum
      }
    }
  }

  /// The token that each row of a batch begins with.
  var bos: Int { words.count }

  /// The number of different names.
  var names: Int { words.count { $0.wordClass == .name } }

  /// The tokens of the words that satisfy a condition, in ascending order.
  func tokens(where condition: (Word) -> Bool) -> [Int] { words.indices.filter { condition(words[$0]) } }

  // MARK: - Drawing

  /// One row of words, from the beginning of a sentence on.
  func row(_ length: Int, using stream: inout RandomStream) -> [Int] {
    var state = State()
    return (0..<length).map { _ in
      let sums = sums[situation(of: state).index(names: names)]
      let number = stream.uniformDouble()
      let token = sums.firstIndex { $0 > number } ?? words.count - 1
      state.read(words[token])
      return token
    }
  }

  /// Rows that begin with the beginning-of-sequence token, `[rows, length + 1]`.
  func batch(_ rows: Int, length: Int, using stream: inout RandomStream) -> TokenBatch {
    TokenBatch((0..<rows).map { _ in [bos] + row(length, using: &stream) })
  }

  // MARK: - What is known

  /// What a reader knows after each token of a row that begins with the beginning-of-sequence token.
  func states(of row: [Int]) -> [State] {
    var state = State()
    return row.map { token in
      if token != bos { state.read(words[token]) }
      return state
    }
  }

  /// The probability of each word in a state, exactly.
  func probabilities(in state: State) -> [Double] { probabilities[situation(of: state).index(names: names)] }

  private func situation(of state: State) -> Situation {
    Situation(
      due: state.due, number: state.subjects.last ?? .singular, allowsClause: state.depth < maximumDepth,
      protagonist: state.protagonist)
  }
}
