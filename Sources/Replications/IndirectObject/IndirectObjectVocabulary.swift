// From sentences to tokens: GPT-2's tokenizer, or the words of a small model's vocabulary.

import Transformer

/// What turns the sentences of a data set into tokens.
///
/// A sentence is tokenized in stretches that end where a word ends, with the space of the next word left to that one. A
/// vocabulary must give a whole sentence the same tokens as its stretches; that is checked.
public protocol IndirectObjectVocabulary: Sendable {
  /// The tokens of a text, without any that marks its beginning.
  func tokens(of text: String) throws -> [Int]
}

extension Tokenizer: IndirectObjectVocabulary {
  /// The tokens of a text, without any that marks its beginning.
  public func tokens(of text: String) throws -> [Int] {
    try toTokens(text, prependBOS: false, parsingSpecial: false)
  }
}

/// A vocabulary of whole words and single punctuation marks, for models that are trained from scratch.
public struct WordVocabulary: IndirectObjectVocabulary {
  /// The word of each token.
  public let words: [String]

  private let tokens: [String: Int]

  /// Creates a vocabulary in which token i is word i; words must differ.
  public init(_ words: [String]) {
    self.words = words
    tokens = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($0.element, $0.offset) })
  }

  /// Creates the vocabulary of some texts: their words in the order in which they first occur.
  public init(ofTexts texts: some Sequence<String>) {
    var (words, known): ([String], Set<String>) = ([], [])
    for word in texts.lazy.flatMap(Self.split) where known.insert(word).inserted { words.append(word) }
    self.init(words)
  }

  /// Creates the vocabulary of all sentences that templates and words make.
  ///
  /// `extra` texts add their words behind: a prefix, say, or a token for the beginning of a sequence.
  public init(
    templates: [IndirectObjectTemplate] = IndirectObjectTemplate.all, names: [String] = IndirectObjectWords.names,
    places: [String] = IndirectObjectWords.places, objects: [String] = IndirectObjectWords.objects,
    extra: [String] = []
  ) {
    let texts = templates.flatMap { template in
      template.pieces.compactMap { piece -> String? in if case .words(let words) = piece { words } else { nil } }
    }
    self.init(ofTexts: texts + names + places + objects + extra)
  }

  /// The number of tokens.
  public var count: Int { words.count }

  /// The tokens of a text; throws for a word that is not in the vocabulary.
  public func tokens(of text: String) throws -> [Int] {
    try Self.split(text).map { word in
      guard let token = tokens[word] else { throw IndirectObjectError.unknownWord(word) }
      return token
    }
  }

  /// The words of a text, where each punctuation mark is a word.
  static func split(_ text: String) -> [String] {
    var words: [String] = []
    for part in text.split(whereSeparator: \.isWhitespace) {
      var word = ""
      for character in part {
        if character.isLetter || character.isNumber {
          word.append(character)
          continue
        }
        if !word.isEmpty { words.append(word) }
        words.append(String(character))
        word = ""
      }
      if !word.isEmpty { words.append(word) }
    }
    return words
  }
}

/// What can be wrong with the words of a data set.
public enum IndirectObjectError: Error, Equatable, CustomStringConvertible {
  /// A vocabulary of words lacks one.
  case unknownWord(String)
  /// A name, place or object is not one token, so that positions of different sentences would not agree.
  case notOneToken(String, tokens: [Int])
  /// The tokens of a sentence are not those of its stretches.
  case notComposed(String)
  /// There are too few names to draw from.
  case tooFewNames(Int, needed: Int)
  /// Two sets of sentences do not go together.
  case notAligned(String)

  /// A sentence that names the word.
  public var description: String {
    switch self {
    case .unknownWord(let word): "\"\(word)\" is no word of the vocabulary"
    case .notOneToken(let word, let tokens):
      "\"\(word)\" is \(tokens.count) tokens, \(tokens), where positions need it to be one"
    case .notComposed(let text): "\"\(text)\" has other tokens than its parts, so that no position is known in it"
    case .tooFewNames(let count, let needed): "\(count) names are too few where \(needed) different ones are needed"
    case .notAligned(let reason): reason
    }
  }
}
