// The known variables of the language that features are looked for, each as a yes or no for every word of some rows.

import Tensors
import Transformer

/// A statement about a word and what its reader knows after it.
struct LanguageVariable: Sendable {
  /// Which kind of variable it is; scores are averaged over each kind first.
  enum Group: String, Sendable, CaseIterable {
    case wordClass = "word class"
    case number = "number"
    case depth = "clause depth"
    case name = "likely name"
  }

  let name: String
  let group: Group
  /// Whether the word alone does not tell it.
  let isOfContext: Bool
  let holds: @Sendable (_ word: AgreementLanguage.Word, _ state: AgreementLanguage.State) -> Bool

  /// Whether the verb that is due after a word has a number.
  static func verbDue(_ number: AgreementLanguage.Number) -> LanguageVariable {
    LanguageVariable(name: "\(number) verb due", group: .number, isOfContext: true) { $1.verbNumber == number }
  }

  /// All variables of the language, group after group.
  static func all(of language: AgreementLanguage) -> [LanguageVariable] {
    let classes = AgreementLanguage.WordClass.allCases.map { wordClass in
      LanguageVariable(name: "\(wordClass)", group: .wordClass, isOfContext: false) { word, _ in
        word.wordClass == wordClass
      }
    }
    let nouns = AgreementLanguage.Number.allCases.map { number in
      LanguageVariable(name: "\(number) noun", group: .number, isOfContext: false) { word, _ in
        word.wordClass == .noun && word.number == number
      }
    }
    let depths = (1...language.maximumDepth).map { depth in
      LanguageVariable(name: "depth \(depth)", group: .depth, isOfContext: true) { $1.depth == depth }
    }
    let names = language.words.filter { $0.wordClass == .name }.map { name in
      LanguageVariable(name: "\(name.text) likely", group: .name, isOfContext: true) { _, state in
        state.allowsName && state.protagonist == name.lemma
      }
    }
    return classes + nouns + AgreementLanguage.Number.allCases.map(verbDue) + depths + names
  }
}

/// Which variables hold at each word of some rows, the beginnings of rows left out.
struct VariableLabels: Sendable {
  /// The variables.
  let variables: [LanguageVariable]
  /// For each word, row after row, a bit for each variable, the first the lowest.
  let masks: [UInt32]

  /// Reads rows that begin with the beginning-of-sequence token.
  init(_ tokens: TokenBatch, of language: AgreementLanguage) {
    let variables = LanguageVariable.all(of: language)
    precondition(variables.count <= 32, "\(variables.count) variables do not fit into 32 bits")
    self.variables = variables
    masks = (0..<tokens.batch).flatMap { row in
      zip(tokens[row], language.states(of: tokens[row])).dropFirst().map { token, state in
        variables.enumerated().reduce(0) { mask, variable in
          variable.element.holds(language.words[token], state) ? mask | 1 << UInt32(variable.offset) : mask
        }
      }
    }
  }

  /// Labels that are given.
  init(_ variables: [LanguageVariable], masks: [UInt32]) {
    self.variables = variables
    self.masks = masks
  }

  /// Whether a variable holds at a word.
  subscript(variable: Int, word: Int) -> Bool { masks[word] >> UInt32(variable) & 1 == 1 }

  /// The place of a variable in the list.
  func index(of name: String) -> Int {
    guard let index = variables.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the language has no variable \(name)")
    }
    return index
  }

  /// The words in a range.
  subscript(words: Range<Int>) -> VariableLabels { VariableLabels(variables, masks: Array(masks[words])) }
}
