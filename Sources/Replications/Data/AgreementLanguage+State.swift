// The grammar of the language: how a word changes what its reader knows, and what that says about the next word.

import Tensors

extension AgreementLanguage {
  /// What comes next, as far as the grammar decides.
  enum Due: Int, Sendable, CaseIterable {
    /// A determiner or a name.
    case subject
    /// A noun.
    case subjectNoun
    /// A relative clause, an adverb or a verb.
    case verbOrClause
    /// An adverb or a verb.
    case verb
    /// A determiner, a name or the end of the sentence.
    case object
    /// A noun.
    case objectNoun
    /// The end of the sentence.
    case stop
  }

  /// What a reader knows after some words of a row.
  struct State: Sendable, Hashable {
    /// What comes next.
    private(set) var due = Due.subject
    /// The subjects whose verbs have not come yet, the innermost last.
    private(set) var subjects: [Number] = []
    /// The lemma of the first name of the row; nil before it.
    private(set) var protagonist: Int?

    /// The number of the verb that is due; nil where none is.
    var verbNumber: Number? { due == .verb || due == .verbOrClause ? subjects.last : nil }

    /// The number of relative clauses around the next word.
    var depth: Int { subjects.count - (verbNumber == nil ? 0 : 1) }

    /// Whether the next word may be a name.
    var allowsName: Bool { due == .subject || due == .object }

    /// Goes on by a word that the grammar allows here.
    mutating func read(_ word: Word) {
      switch (due, word.wordClass) {
      case (.subject, .determiner): due = .subjectNoun
      case (.subject, .name):
        begin(.singular, .verb)
        protagonist = protagonist ?? word.lemma
      case (.subjectNoun, .noun): begin(word.number ?? .singular, .verbOrClause)
      case (.verbOrClause, .relative): due = .subject
      case (.verbOrClause, .adverb), (.verb, .adverb): due = .verb
      case (.verbOrClause, .verb), (.verb, .verb):
        subjects.removeLast()
        due = subjects.isEmpty ? .object : .verb
      case (.object, .determiner): due = .objectNoun
      case (.object, .name):
        due = .stop
        protagonist = protagonist ?? word.lemma
      case (.objectNoun, .noun): due = .stop
      case (.object, .stop), (.stop, .stop): due = .subject
      default: preconditionFailure("the grammar allows no \(word.wordClass) where \(due) is due: \(word.text)")
      }
    }

    /// A subject is complete; its verb is due.
    private mutating func begin(_ subject: Number, _ next: Due) {
      subjects.append(subject)
      due = next
    }
  }

  /// All of a state that the probability of the next word depends on.
  struct Situation: Sendable, Hashable {
    var due: Due
    var number: Number
    var allowsClause: Bool
    var protagonist: Int?

    /// Every situation, each at its index.
    static func all(names: Int) -> [Situation] {
      Due.allCases.flatMap { due in
        Number.allCases.flatMap { number in
          [false, true].flatMap { allowsClause in
            ([nil] + (0..<names).map(Optional.some)).map {
              Situation(due: due, number: number, allowsClause: allowsClause, protagonist: $0)
            }
          }
        }
      }
    }

    /// The place in the list of all situations.
    func index(names: Int) -> Int {
      let form = (due.rawValue * Number.allCases.count + number.rawValue) * 2 + (allowsClause ? 1 : 0)
      return form * (names + 1) + (protagonist.map { $0 + 1 } ?? 0)
    }

    /// The probability that the next word is of a class.
    func share(of wordClass: WordClass) -> Double {
      switch (due, wordClass) {
      case (.subject, .determiner): 0.6
      case (.subject, .name): 0.4
      case (.verbOrClause, .relative): allowsClause ? 0.3 : 0
      case (.verbOrClause, .adverb), (.verb, .adverb): 0.2
      case (.verbOrClause, .verb): allowsClause ? 0.5 : 0.8
      case (.verb, .verb): 0.8
      case (.object, .determiner): 0.35
      case (.object, .name): 0.25
      case (.object, .stop): 0.4
      case (.subjectNoun, .noun), (.objectNoun, .noun), (.stop, .stop): 1
      default: 0
      }
    }

    /// The probability of a word given that the next one is of its class.
    ///
    /// Lemmas are Zipfian, either number of a noun is as likely, a verb agrees, and a name is the protagonist's or any.
    func share(of word: Word, among words: [Word], _ names: Int, _ loyalty: Double) -> Double {
      let lemmas = zipfianProbabilities((words.filter { $0.wordClass == word.wordClass }.map(\.lemma).max() ?? 0) + 1)
      switch word.wordClass {
      case .noun: return lemmas[word.lemma] / 2
      case .verb: return word.number == number ? lemmas[word.lemma] : 0
      case .name:
        guard let protagonist else { return 1 / Double(names) }
        return (1 - loyalty) / Double(names) + (word.lemma == protagonist ? loyalty : 0)
      default: return lemmas[word.lemma]
      }
    }
  }
}
