// Sentences of the task as rows of tokens, with the position of each role: p_IOI of Wang et al. 2022 (section 2).
//
// Rows are padded on the right without a mask: a causal model reads END before any padding, and positions count from 0.

import Tensors
import Transformer

/// Some sentences as rows of tokens, with the position of each role in each.
public struct IndirectObjectPrompts: Sendable {
  /// How templates are chosen.
  public enum Sampling: String, Sendable {
    /// Each with equal chance, as in the paper.
    case uniform
    /// In turn, so that all forms are as frequent and none lacks the sentences that a mean needs.
    case balanced
  }

  /// The sentences.
  public let prompts: [IndirectObjectPrompt]
  /// What turns sentences into tokens.
  public let vocabulary: any IndirectObjectVocabulary
  /// The names that random ones are drawn from.
  public let names: [String]
  /// The token that begins each row; nil for none.
  public let bos: Int?
  /// The tokens of each sentence, without padding.
  public let rows: [[Int]]
  /// The token of the name at the place of the indirect object: the right answer of a sentence of the task.
  public let ioTokens: [Int]
  /// The token of the name at the place of the subject in the first clause: the wrong answer.
  public let sTokens: [Int]

  private let places: [[IndirectObjectRole: Int]]

  /// Creates the rows of some sentences.
  ///
  /// Throws `IndirectObjectError` when a name, place or object is not one token, and what the vocabulary throws.
  public init(
    _ prompts: [IndirectObjectPrompt], names: [String] = IndirectObjectWords.names,
    vocabulary: any IndirectObjectVocabulary, bos: Int? = nil
  ) throws {
    self.prompts = prompts
    self.vocabulary = vocabulary
    self.names = names
    self.bos = bos
    var known: [String: [Int]] = [:]
    func tokens(_ text: String) throws -> [Int] {
      if let tokens = known[text] { return tokens }
      let tokens = try vocabulary.tokens(of: text)
      known[text] = tokens
      return tokens
    }
    var (rows, places): ([[Int]], [[IndirectObjectRole: Int]]) = ([], [])
    for prompt in prompts {
      var (row, place): ([Int], [IndirectObjectRole: Int]) = (bos.map { [$0] } ?? [], [:])
      for part in prompt.parts {
        let own = try tokens(part.text)
        if part.isWord, own.count != 1 { throw IndirectObjectError.notOneToken(part.text, tokens: own) }
        if let role = part.role { place[role] = row.count }
        row += own
      }
      guard try vocabulary.tokens(of: prompt.text) == Array(row.dropFirst(bos == nil ? 0 : 1)) else {
        throw IndirectObjectError.notComposed(prompt.text)
      }
      place[.s1Next] = place[.s1].map { $0 + 1 }
      place[.end] = row.count - 1
      rows.append(row)
      places.append(place)
    }
    self.rows = rows
    self.places = places
    ioTokens = zip(rows, places).map { row, place in row[place[.io] ?? 0] }
    sTokens = zip(rows, places).map { row, place in row[place[.s1] ?? 0] }
  }

  /// Draws sentences of the task: p_IOI.
  ///
  /// Throws as the other initialiser does, and when there are fewer than two names.
  public init(
    count: Int, templates: [IndirectObjectTemplate] = IndirectObjectTemplate.all,
    orders: [IndirectObjectPrompt.Order] = IndirectObjectPrompt.Order.allCases,
    names: [String] = IndirectObjectWords.names, places: [String] = IndirectObjectWords.places,
    objects: [String] = IndirectObjectWords.objects, sampling: Sampling = .uniform,
    vocabulary: any IndirectObjectVocabulary, bos: Int? = nil, random: RandomStream
  ) throws {
    precondition(
      !templates.isEmpty && !orders.isEmpty && !places.isEmpty && !objects.isEmpty,
      "sentences need a template, an order, a place and an object")
    guard Set(names).count >= 2 else { throw IndirectObjectError.tooFewNames(Set(names).count, needed: 2) }
    var stream = random
    let prompts = try (0..<count).map { index in
      let isBalanced = sampling == .balanced
      let template = templates[isBalanced ? index % templates.count : stream.integer(below: templates.count)]
      let order = orders[
        isBalanced ? index / templates.count % orders.count : stream.integer(below: orders.count)]
      let pair = try Self.draw(2, from: names, besides: [], using: &stream)
      return IndirectObjectPrompt(
        template, order, io: pair[0], s: pair[1], place: places[stream.integer(below: places.count)],
        object: objects[stream.integer(below: objects.count)])
    }
    try self.init(prompts, names: names, vocabulary: vocabulary, bos: bos)
  }

  /// The number of sentences.
  public var count: Int { prompts.count }

  /// The sentences as text.
  public var texts: [String] { prompts.map(\.text) }

  /// The form of each sentence, within which means are taken.
  public var forms: [IndirectObjectPrompt.Form] { prompts.map(\.form) }

  /// The position of a role in each row.
  public func positions(of role: IndirectObjectRole) -> [Int] { places.map { $0[role] ?? 0 } }

  /// The length of the longest row.
  public var width: Int { rows.map(\.count).max() ?? 0 }

  /// The rows, padded on the right to the longest.
  public var tokens: TokenBatch { tokens(width: width) }

  /// The rows, padded on the right to a width, with each row's last token.
  func tokens(width: Int) -> TokenBatch {
    TokenBatch(
      rows.map { row in
        precondition(row.count <= width, "a row of \(row.count) tokens in a width of \(width)")
        return row + Array(repeating: row.last ?? 0, count: width - row.count)
      })
  }

  /// Logit of the indirect object less that of the subject, at END.
  public var metric: Metric {
    .logitDifference(correct: ioTokens, incorrect: sTokens, positions: .each(positions(of: .end)))
  }

  /// Some of the sentences.
  public subscript(_ range: Range<Int>) -> IndirectObjectPrompts { IndirectObjectPrompts(self, range) }

  private init(_ whole: IndirectObjectPrompts, _ range: Range<Int>) {
    prompts = Array(whole.prompts[range])
    vocabulary = whole.vocabulary
    names = whole.names
    bos = whole.bos
    rows = Array(whole.rows[range])
    ioTokens = Array(whole.ioTokens[range])
    sTokens = Array(whole.sTokens[range])
    places = Array(whole.places[range])
  }

  /// Different names that are none of some others, in the order in which they are drawn.
  static func draw(
    _ count: Int, from names: [String], besides taken: [String], using stream: inout RandomStream
  ) throws(IndirectObjectError) -> [String] {
    let free = Set(names).subtracting(taken).count
    guard free >= count else { throw .tooFewNames(free, needed: count) }
    var drawn: [String] = []
    while drawn.count < count {
      let name = names[stream.integer(below: names.count)]
      if !drawn.contains(name) && !taken.contains(name) { drawn.append(name) }
    }
    return drawn
  }
}
