// The sentences of the task: their texts, the positions of roles, and how counterfactual ones differ.

import Tensors
import Testing

@testable import Replications

@Suite("Sentences of indirect object identification") struct IndirectObjectPromptsTests {
  private static let templates = IndirectObjectTemplate.all
  private let vocabulary = WordVocabulary(
    extra: ["Two friends met at a bar. <s>"] + IndirectObjectPrompt.Remark.predicates)

  private func sample(
    _ count: Int = 60, sampling: IndirectObjectPrompts.Sampling = .balanced, seed: UInt64 = 1
  ) throws -> IndirectObjectPrompts {
    try IndirectObjectPrompts(
      count: count, sampling: sampling, vocabulary: vocabulary, random: RandomStream(seed: seed))
  }

  private func word(_ prompts: IndirectObjectPrompts, _ row: Int, _ role: IndirectObjectRole) -> String {
    vocabulary.words[prompts.rows[row][prompts.positions(of: role)[row]]]
  }

  @Test("Texts are the paper's sentences")
  func texts() {
    let one = IndirectObjectPrompt(Self.templates[0], .baba, io: "Mary", s: "John", place: "store", object: "ring")
    #expect(one.text == "Then, John and Mary went to the store. John gave a ring to")
    let two = IndirectObjectPrompt(Self.templates[13], .abba, io: "Mary", s: "John", place: "store", object: "ring")
    #expect(two.text == "The store Mary and John went to had a ring. John gave it to")
    #expect(Self.templates.count == 15 && Set(Self.templates).count == 15)
    #expect(Set(IndirectObjectWords.names).count == 99)
    #expect(Self.templates.filter(\.hasTwoSentences).count == 9)
  }

  @Test("Each role is at its word, in both orders")
  func positions() throws {
    let prompts = try sample()
    #expect(Set(prompts.forms).count == 30)
    for (row, prompt) in prompts.prompts.enumerated() {
      #expect(word(prompts, row, .io) == prompt.io && word(prompts, row, .s1) == prompt.s1)
      #expect(word(prompts, row, .s2) == prompt.s2 && prompt.s1 == prompt.s2 && prompt.io != prompt.s1)
      #expect(["to"].contains(word(prompts, row, .end)))
      #expect(prompts.positions(of: .end)[row] == prompts.rows[row].count - 1)
      #expect(prompts.positions(of: .s1Next)[row] == prompts.positions(of: .s1)[row] + 1)
      #expect(prompts.positions(of: .s1)[row] < prompts.positions(of: .s2)[row])
      #expect((prompts.positions(of: .io)[row] < prompts.positions(of: .s1)[row]) == (prompt.order == .abba))
      #expect(prompts.ioTokens[row] == prompts.rows[row][prompts.positions(of: .io)[row]])
      #expect(prompts.sTokens[row] == prompts.rows[row][prompts.positions(of: .s2)[row]])
    }
  }

  @Test("A token in front moves all positions by one")
  func bos() throws {
    let plain = try sample()
    let marked = try IndirectObjectPrompts(plain.prompts, vocabulary: vocabulary, bos: 7)
    for role in IndirectObjectRole.allCases {
      #expect(marked.positions(of: role) == plain.positions(of: role).map { $0 + 1 })
    }
    #expect(marked.rows == plain.rows.map { [7] + $0 })
    #expect(marked.ioTokens == plain.ioTokens)
  }

  @Test("Rows are padded on the right, and a part of them is the same rows")
  func tokens() throws {
    let prompts = try sample()
    let tokens = prompts.tokens
    #expect(tokens.positions == prompts.rows.map(\.count).max() && tokens.mask == nil)
    for (row, own) in prompts.rows.enumerated() { #expect(Array(tokens[row].prefix(own.count)) == own) }
    let part = prompts[10..<20]
    #expect(part.rows == Array(prompts.rows[10..<20]) && part.ioTokens == Array(prompts.ioTokens[10..<20]))
    #expect(part.positions(of: .s2) == Array(prompts.positions(of: .s2)[10..<20]))
  }

  @Test("Equal streams give equal sentences, others others; uniform sampling leaves no template out")
  func sampling() throws {
    #expect(try sample(sampling: .uniform).prompts == sample(sampling: .uniform).prompts)
    #expect(try sample(sampling: .uniform).prompts != sample(sampling: .uniform, seed: 2).prompts)
    let many = try sample(600, sampling: .uniform)
    #expect(Set(many.forms).count == 30)
    #expect(Set(many.prompts.map(\.io)).count > 90 && Set(many.prompts.map(\.place)).count == 8)
  }

  @Test("Unrelated names are three, none of the original's, at the same positions")
  func abc() throws {
    let prompts = try sample(300)
    let abc = try prompts.abc(random: RandomStream(seed: 5))
    try prompts.requireAligned(abc)
    for (own, other) in zip(prompts.prompts, abc.prompts) {
      #expect(Set([other.io, other.s1, other.s2, own.io, own.s1]).count == 5)
      #expect(own.form == other.form && own.place == other.place && own.object == other.object)
    }
  }

  @Test("Counterfactual sentences carry the signals they are named for", arguments: TokenSignal.allCases)
  func counterfactuals(token: TokenSignal) throws {
    let prompts = try sample()
    for position in PositionSignal.allCases {
      let others = try prompts.counterfactual(token: token, position: position, random: RandomStream(seed: 6))
      try prompts.requireAligned(others)
      for (own, other) in zip(prompts.prompts, others.prompts) {
        let twice = position == .original ? other.s1 : other.io
        #expect(other.s2 == twice && other.io != other.s1)
        switch token {
        case .original: #expect(twice == own.s1)
        case .inverted: #expect(twice == own.io)
        case .random: #expect(Set([other.io, other.s1, own.io, own.s1]).count == 4)
        }
      }
    }
    let same = try prompts.counterfactual(token: .original, position: .original, random: RandomStream(seed: 6))
    #expect(same.prompts == prompts.prompts)
  }

  @Test("A prefix moves all roles by its length; a remark moves those behind it")
  func insertions() throws {
    let prompts = try IndirectObjectPrompts(
      count: 36, templates: Self.templates.filter(\.hasTwoSentences), sampling: .balanced, vocabulary: vocabulary,
      random: RandomStream(seed: 1))
    let prefixed = try prompts.prefixed()
    #expect(prefixed.texts[0] == "Two friends met at a bar. " + prompts.texts[0])
    for role in IndirectObjectRole.allCases {
      #expect(prefixed.positions(of: role) == prompts.positions(of: role).map { $0 + 7 })
    }
    let remarked = try prompts.remarking(predicates: ["was tired."], random: RandomStream(seed: 2))
    let prompt = IndirectObjectPrompt(Self.templates[0], .abba, io: "Mary", s: "John", place: "store", object: "ring")
    let one = try IndirectObjectPrompts([prompt], vocabulary: vocabulary)
      .remarking(predicates: ["was tired."], random: RandomStream(seed: 2))
    #expect(one.texts == ["Then, Mary and John went to the store. Mary was tired. John gave a ring to"])
    let control = try prompts.remarking(about: .s1, predicates: ["was tired."], random: RandomStream(seed: 2))
    for row in prompts.prompts.indices {
      #expect(remarked.positions(of: .io)[row] == prompts.positions(of: .io)[row])
      #expect(remarked.positions(of: .s2)[row] == prompts.positions(of: .s2)[row] + 4)
      #expect(word(remarked, row, .s2) == prompts.prompts[row].s2)
      #expect(remarked.prompts[row].remark?.name == prompts.prompts[row].io)
      #expect(control.prompts[row].remark?.name == prompts.prompts[row].s1)
    }
    #expect(throws: IndirectObjectError.self) { try sample().remarking(random: RandomStream(seed: 2)) }
  }

  @Test("What does not fit is refused with the word")
  func errors() throws {
    let prompt = IndirectObjectPrompt(Self.templates[0], .baba, io: "Mary", s: "Zoe", place: "store", object: "ring")
    #expect(throws: IndirectObjectError.unknownWord("Zoe")) {
      try IndirectObjectPrompts([prompt], vocabulary: vocabulary)
    }
    #expect(throws: IndirectObjectError.tooFewNames(1, needed: 2)) {
      try IndirectObjectPrompts(
        count: 1, names: ["Mary", "Mary"], vocabulary: vocabulary, random: RandomStream(seed: 1))
    }
    let two = try IndirectObjectPrompts(
      count: 1, names: ["Mary", "John", "Amy", "Mark"], vocabulary: vocabulary, random: RandomStream(seed: 1))
    #expect(throws: IndirectObjectError.tooFewNames(2, needed: 3)) { try two.abc(random: RandomStream(seed: 1)) }
    struct Letters: IndirectObjectVocabulary {
      func tokens(of text: String) -> [Int] { text.unicodeScalars.map { Int($0.value) } }
    }
    #expect(throws: IndirectObjectError.self) { try sampleOf(Letters()) }
  }

  private func sampleOf(_ vocabulary: any IndirectObjectVocabulary) throws -> IndirectObjectPrompts {
    try IndirectObjectPrompts(count: 1, vocabulary: vocabulary, random: RandomStream(seed: 1))
  }
}
