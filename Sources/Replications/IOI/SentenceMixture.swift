// The text that the model of three layers learns from: the sentences of Wang et al. 2022 and some others, word by
// word.
//
// Three in five are of the task, with pairs of names that are not held out. One in five has three different names in
// the same sentence (p_ABC) and goes on with any of them: the rule is that the answer is a name that has occurred
// once, so that only repetition tells, and not the place of a name. The others are of four more templates, about
// other things.

import Tensors
import Transformer

/// Sentences of the task and others, as rows of tokens.
struct SentenceMixture: Sendable {
  /// The other templates; their last word is not left out.
  private static let otherTexts = [
    "[A] had a [OBJECT]. Everyone at the [PLACE] saw [A] with the [OBJECT]",
    "At the [PLACE], [A] met [B]. Afterwards [C] met [A] at the [PLACE]",
    "The [OBJECT] of [A] was at the [PLACE]. [B] got the [OBJECT] and gave it to [A]",
    "[A], [B] and [C] went to the [PLACE]. [A], [B] and [C] had a lot of fun",
  ]

  /// The number of names, the first of those of the released code.
  static let nameCount = 30
  /// The names.
  static var names: [String] { Array(IndirectObjectWords.names.prefix(nameCount)) }
  /// The number of pairs of names that never occur in sentences of the task: a fifth.
  static let heldOutPairs = 87

  /// What stands at one place of a template.
  private enum Slot: Hashable {
    case token(Int)
    /// A name: the first, the second or the third that was drawn.
    case name(Int)
    case place
    case object
  }

  /// The words.
  let vocabulary: WordVocabulary
  /// The token that begins every row and fills what is left of it.
  let bos: Int
  /// The length of a row.
  let width: Int
  /// The pairs of names that sentences of the task may have.
  let pairs: [NamePair]

  private let names: [Int]
  private let places: [Int]
  private let objects: [Int]
  private let task: [[Slot]]
  private let other: [[Slot]]

  /// Prepares the templates for pairs of names that may occur.
  init(pairs: [NamePair]) throws {
    let fills: [(text: String, slot: Slot)] = [
      ("[A]", .name(0)), ("[B]", .name(1)), ("[C]", .name(2)), ("[PLACE]", .place), ("[OBJECT]", .object),
    ]
    let plain = Self.otherTexts.map { text in fills.reduce(text) { $0.replacing($1.text, with: "") } }
    let vocabulary = WordVocabulary(names: Self.names, extra: plain + ["BOS"])
    func tokens(_ texts: [String]) throws -> [Int] { try texts.flatMap(vocabulary.tokens(of:)) }
    self.vocabulary = vocabulary
    self.pairs = pairs
    bos = try tokens(["BOS"])[0]
    names = try tokens(Self.names)
    places = try tokens(IndirectObjectWords.places)
    objects = try tokens(IndirectObjectWords.objects)
    task = try IndirectObjectTemplate.all.map { template in
      try template.pieces.flatMap { piece -> [Slot] in
        switch piece {
        case .words(let words): try vocabulary.tokens(of: words).map(Slot.token)
        case .slot(.firstName): [.name(0)]
        case .slot(.secondName): [.name(1)]
        case .slot(.subject): [.name(2)]
        case .slot(.place): [.place]
        case .slot(.object): [.object]
        }
      }
    }
    other = try Self.otherTexts.map { text in
      // A bracket is a mark of its own, so that slots are cut out before the words between them are.
      var (result, rest): ([Slot], Substring) = ([], text[...])
      while !rest.isEmpty {
        if let fill = fills.first(where: { rest.hasPrefix($0.text) }) {
          result.append(fill.slot)
          rest.removeFirst(fill.text.count)
        } else {
          let end = rest.dropFirst().firstIndex(of: "[") ?? rest.endIndex
          result += try vocabulary.tokens(of: String(rest[..<end])).map(Slot.token)
          rest = rest[end...]
        }
      }
      return result
    }
    width = 2 + max(task.map(\.count).max() ?? 0, other.map(\.count).max() ?? 0)
  }

  /// Random rows, each ending in its answer or last word and filled up with the token of the beginning.
  func batch(_ rows: Int, using stream: inout RandomStream) -> TokenBatch {
    TokenBatch((0..<rows).map { _ in row(using: &stream) })
  }

  private func row(using stream: inout RandomStream) -> [Int] {
    let kind = stream.integer(below: 5)
    var (drawn, answer): ([Int], Int?)
    let template: [Slot]
    if kind < 3 {
      let pair = pairs[stream.integer(below: pairs.count)]
      let choice = stream.integer(below: 4)
      let (a, b) = choice & 1 == 0 ? (names[pair.first], names[pair.second]) : (names[pair.second], names[pair.first])
      drawn = choice & 2 == 0 ? [a, b, a] : [a, b, b]
      answer = choice & 2 == 0 ? b : a
      template = task[stream.integer(below: task.count)]
    } else {
      drawn = stream.permutation(names.count).prefix(3).map { names[$0] }
      answer = kind == 3 ? drawn[stream.integer(below: 3)] : nil
      template = kind == 3 ? task[stream.integer(below: task.count)] : other[stream.integer(below: other.count)]
    }
    let (place, object) = (places[stream.integer(below: 8)], objects[stream.integer(below: 8)])
    var row = [bos]
    for slot in template {
      switch slot {
      case .token(let token): row.append(token)
      case .name(let index): row.append(drawn[index])
      case .place: row.append(place)
      case .object: row.append(object)
      }
    }
    if let answer { row.append(answer) }
    return row + Array(repeating: bos, count: width - row.count)
  }

  /// The cross-entropy of all next words, plus that of the last word of each row once more.
  func loss(of model: HookedTransformer, _ tokens: TokenBatch, _ parameters: Parameters) -> Variable {
    let (rows, count) = (tokens.batch, tokens.positions - 1)
    var (read, targets, ends): ([Int], [Int], [Int]) = ([], [], [])
    for row in 0..<rows {
      let own = tokens.tokens[row * tokens.positions..<(row + 1) * tokens.positions]
      read += own.dropLast()
      let next = own.dropFirst()
      targets += next.map { $0 == bos ? -1 : $0 }
      ends.append(row * count + (next.firstIndex(of: bos).map { $0 - next.startIndex } ?? count) - 1)
    }
    let logits = model.logits(TokenBatch(tokens: read, batch: rows, positions: count), parameters: parameters)
      .reshaped([rows * count, model.configuration.dVocabOut])
    let last = logits.gathered(at: ends).crossEntropy(targets: ends.map { targets[$0] })
    return logits.crossEntropy(targets: targets, ignoring: -1) + last
  }

  /// Sentences of the task about some pairs of names, every form as often as any other.
  func prompts(_ count: Int, of pairs: [NamePair], _ random: RandomStream) throws -> IndirectObjectPrompts {
    var stream = random.derived("names")
    return try IndirectObjectPrompts(
      count: count, names: Self.names, sampling: .balanced, vocabulary: vocabulary, bos: bos,
      random: random.derived("words")
    ).changing { prompt in
      let pair = pairs[stream.integer(below: pairs.count)]
      let isSwapped = stream.integer(below: 2) == 1
      prompt.io = Self.names[isSwapped ? pair.second : pair.first]
      prompt.s1 = Self.names[isSwapped ? pair.first : pair.second]
      prompt.s2 = prompt.s1
    }
  }
}
