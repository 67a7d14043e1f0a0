// Vocabularies and merges: as members of tokenizer.json, and as GPT-2's vocab.json and merges.txt.

import Foundation

extension TokenVocabulary {
  /// Reads an object from pieces to ids.
  init(_ field: TokenizerField) throws(TokenizerError) {
    for member in try field.members() {
      let id = try member.field.integer()
      do throws(Refusal) {
        try insert(member.name.utf8, id: id)
      } catch {
        switch error {
        case .idOutOfRange: throw member.field.fail("expected an id from 0 to \(Self.idLimit - 1), found \(id)")
        case .idIsTaken, .pieceIsTaken: throw member.field.fail("expected an id of its own, found \(id) a second time")
        }
      }
    }
  }
}

extension MergeTable {
  /// What can be wrong with a pair that is to be merged.
  enum Fault: Error {
    case notTwoPieces
    case unknownPiece([UInt8])
  }

  /// Joins pairs in the order of their ranks, each `left right` or a list of two.
  init(_ field: TokenizerField, vocabulary: TokenVocabulary) throws(TokenizerError) {
    let elements = try field.elements()
    self.init(minimumCapacity: elements.count)
    for (rank, element) in elements.enumerated() {
      do throws(Fault) {
        if let pair = element.value.array {
          let pieces = pair.compactMap(\.string)
          guard pieces.count == 2, pair.count == 2 else { throw .notTwoPieces }
          try insert(Array(pieces[0].utf8)[...], Array(pieces[1].utf8)[...], rank: rank, vocabulary)
        } else if let line = element.value.string {
          try insert(line: Array(line.utf8)[...], rank: rank, vocabulary)
        } else {
          throw .notTwoPieces
        }
      } catch {
        throw element.fail(error.reason)
      }
    }
  }

  /// Reads a file with a pair a line; a line that begins with `#version` is none.
  init(contentsOf url: URL, vocabulary: TokenVocabulary) throws(TokenizerError) {
    let lines = try TokenizerField.bytes(of: url).split(separator: 0x0a, omittingEmptySubsequences: false)
    self.init(minimumCapacity: lines.count)
    for (rank, line) in lines.enumerated() {
      let line = line.last == 0x0d ? line.dropLast() : line
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      do throws(Fault) {
        try insert(line: line, rank: rank, vocabulary)
      } catch {
        throw TokenizerError(url.path, "line \(rank + 1)", error.reason)
      }
    }
  }

  private mutating func insert(
    line: ArraySlice<UInt8>, rank: Int, _ vocabulary: TokenVocabulary
  ) throws(Fault) {
    let pieces = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard pieces.count == 2 else { throw .notTwoPieces }
    try insert(pieces[0], pieces[1], rank: rank, vocabulary)
  }

  private mutating func insert(
    _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, rank: Int, _ vocabulary: TokenVocabulary
  ) throws(Fault) {
    func id(_ piece: ArraySlice<UInt8>) throws(Fault) -> Int32 {
      guard let id = vocabulary.id(piece) else { throw .unknownPiece(Array(piece)) }
      return id
    }
    insert(try id(left), try id(right), rank: rank, merged: try id(left + right))
  }
}

extension MergeTable.Fault {
  fileprivate var reason: String {
    switch self {
    case .notTwoPieces: "expected two pieces with one space between them"
    case .unknownPiece(let piece):
      "expected pieces of the vocabulary, found \"\(String(decoding: piece, as: UTF8.self))\""
    }
  }
}

extension Tokenizer {
  /// Reads the two files of a byte-level tokenizer, whose stages are those of the class that the settings name.
  init(vocabulary url: URL, merges: URL, settings: TokenizerSettings) throws(TokenizerError) {
    let vocabulary = try TokenVocabulary(TokenizerField(contentsOf: url))
    let table = try MergeTable(contentsOf: merges, vocabulary: vocabulary)
    var parts = Parts(model: BytePairModel(vocabulary: vocabulary, merges: table, unit: .bytes, byteFallback: false))
    parts.preTokenizer.steps = [.pattern(.gpt2)]
    parts.decoder.steps = [.byteLevel]
    if let field = try settings.field("tokenizer_class") {
      switch try field.string() {
      case "GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast": break
      case "Qwen2Tokenizer", "Qwen2TokenizerFast":
        parts.normalizer.steps = [.composed]
        parts.preTokenizer.steps = [.pattern(.qwen2)]
      case let other: throw field.fail("expected GPT2Tokenizer, CodeGenTokenizer or Qwen2Tokenizer, found \(other)")
      }
    }
    if let field = try settings.field("add_prefix_space"), field.value.bool == true {
      parts.preTokenizer.steps.insert(.prefixSpace, at: 0)
    }
    var added = AddedTokenList(vocabulary: vocabulary)
    if let table = try settings.field("added_tokens_decoder") {
      for member in try table.members() {
        guard let id = Int(member.name) else { throw member.field.fail("expected an id as the key") }
        try added.append(member.field, id: id)
      }
    }
    let names = ["bos_token", "eos_token", "pad_token", "unk_token"]
    var contents = ["<|endoftext|>"]
    for name in names { if let content = try settings.content(name) { contents.append(content) } }
    for content in contents { added.appendSpecial(content) }
    parts.added = added.tokens
    self.init(
      path: url.deletingLastPathComponent().path, parts: parts,
      special: try settings.tokens(template: nil, id: added.specialID))
  }
}
