// Vocabularies and merges: as members of tokenizer.json, and as GPT-2's vocab.json and merges.txt.

import Foundation

extension TokenVocabulary {
  /// Reads an object from pieces to ids.
  init(_ field: TokenizerField) throws(TokenizerError) {
    for member in try field.members() {
      guard let id = member.value.integer else {
        throw field.field(member).fail("expected an integer, found \(member.value.kind)")
      }
      do throws(Refusal) {
        try insert(member.key.utf8, id: id)
      } catch {
        switch error {
        case .idOutOfRange:
          throw field.field(member).fail("expected an id from 0 to \(Self.idLimit - 1), found \(id)")
        case .idIsTaken, .pieceIsTaken:
          throw field.field(member).fail("expected an id of its own, found \(id) a second time")
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
    let pairs = try field.list()
    self.init(minimumCapacity: pairs.count)
    for (rank, pair) in pairs.enumerated() {
      do throws(Fault) {
        switch pair {
        case .array(let pieces):
          guard pieces.count == 2, let left = pieces[0].string, let right = pieces[1].string else {
            throw .notTwoPieces
          }
          try insert(Array(left.utf8)[...], Array(right.utf8)[...], rank: rank, vocabulary)
        case .string(let line): try insert(line: Array(line.utf8)[...], rank: rank, vocabulary)
        default: throw .notTwoPieces
        }
      } catch {
        throw field.element(rank).fail(error.reason)
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
        guard let id = Int(member.key) else { throw table.field(member).fail("expected an id as the key") }
        try added.append(table.field(member), id: id)
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
