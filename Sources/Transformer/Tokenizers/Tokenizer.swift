// Text to tokens and back, for the tokenizers of published language models.
//
// A text passes five stages, all of them optional but the fourth: added tokens are found, the rest is normalised, cut into
// words, each word is split into pieces that merge (byte-pair encoding), and pieces turn back into text. Ids equal those of
// Hugging Face `tokenizers`; the helpers have the names of TransformerLens.

import Foundation

/// A byte-pair tokenizer, read from a Hugging Face folder or a llama2.c file.
///
/// Whether a text begins with a BOS token is always said by the caller: a model's attention to its first position makes
/// this choice visible in every result.
public struct Tokenizer: Sendable {
  /// The file or folder that this was read from.
  public let path: String
  /// The token that begins a sequence, or nil when the files name none.
  public let bosToken: Int?
  /// The token that ends a text, or nil when the files name none.
  public let eosToken: Int?
  /// The token that fills up shorter sequences, or nil when the files name none.
  public let padToken: Int?
  /// The token of what is in no other, or nil when the files name none.
  public let unknownToken: Int?
  /// One more than the highest id; a model's embedding may have more rows than this.
  public let vocabularySize: Int

  private let parts: Parts
  private let addedPieces: [Int32: AddedToken]
  private let rawMatcher: AddedTokenMatcher
  private let normalizedMatcher: AddedTokenMatcher

  /// The stages that a reader puts together.
  struct Parts: Sendable {
    var added: [AddedToken] = []
    var normalizer = TextNormalizer()
    var preTokenizer = PreTokenizer()
    var model: BytePairModel
    var decoder = TokenDecoder()
  }

  init(path: String, parts: Parts, special: SpecialTokens) {
    self.path = path
    self.parts = parts
    (bosToken, eosToken, padToken, unknownToken) = (special.bos, special.eos, special.pad, special.unknown)
    vocabularySize = parts.added.reduce(parts.model.vocabulary.endOfIDs) { max($0, Int($1.id) + 1) }
    // Looked for in the normalised text, and decoded as it is found there.
    let normalized = parts.added.filter(\.isNormalized).map { token in
      var token = token
      token.content = parts.normalizer(token.content)
      return token
    }
    let raw = parts.added.filter { !$0.isNormalized }
    rawMatcher = AddedTokenMatcher(raw)
    normalizedMatcher = AddedTokenMatcher(normalized)
    addedPieces = Dictionary((raw + normalized).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
  }

  // MARK: - Text to tokens

  /// The tokens of a text, without a BOS token.
  func encode(_ text: String, parsingSpecial: Bool) -> [Int] {
    var tokens: [Int32] = []
    var work = BytePairModel.Workspace()
    let bytes = Array(text.utf8)
    for part in bytes.withUnsafeBufferPointer({ rawMatcher.parts(of: $0, parsingSpecial: parsingSpecial) }) {
      switch part {
      case .token(let id): tokens.append(id)
      case .text(let range):
        let normalized = parts.normalizer(Array(bytes[range]))
        encode(normalized, isFirst: range.lowerBound == 0, parsingSpecial, &work, &tokens)
      }
    }
    return tokens.map(Int.init)
  }

  private func encode(
    _ text: [UInt8], isFirst: Bool, _ parsingSpecial: Bool, _ work: inout BytePairModel.Workspace,
    _ tokens: inout [Int32]
  ) {
    let found = text.withUnsafeBufferPointer { normalizedMatcher.parts(of: $0, parsingSpecial: parsingSpecial) }
    for part in found {
      switch part {
      case .token(let id): tokens.append(id)
      case .text(let range):
        let part = range.count == text.count ? text : Array(text[range])
        let words = parts.preTokenizer.words(part, isFirst: isFirst && range.lowerBound == 0)
        words.bytes.withUnsafeBufferPointer { bytes in
          var start = 0
          for end in words.ends {
            let word = UnsafeBufferPointer(rebasing: bytes[start..<end])
            parts.model.encode(word, with: &work, to: &tokens)
            start = end
          }
        }
      }
    }
  }

  // MARK: - Tokens to text

  /// The text of tokens; of a token within a text, with its own spaces, when it is not whole.
  func decode(_ tokens: [Int], skippingSpecial: Bool, isWhole: Bool) throws(TokenizerError) -> String {
    var pieces: [ArraySlice<UInt8>] = []
    pieces.reserveCapacity(tokens.count)
    for token in tokens {
      guard let piece = bytes(of: token) else {
        throw TokenizerError(path, "token \(token)", "expected an id of the vocabulary, below \(vocabularySize)")
      }
      if skippingSpecial, isSpecial(token) { continue }
      pieces.append(piece)
    }
    return parts.decoder.text(of: pieces, isWhole: isWhole)
  }

  /// Whether a token is one of the special ones, which stand for no text.
  public func isSpecial(_ token: Int) -> Bool {
    Int32(exactly: token).flatMap { addedPieces[$0] }?.isSpecial == true
  }

  // MARK: - Pieces

  private func bytes(of token: Int) -> ArraySlice<UInt8>? {
    if let id = Int32(exactly: token), let added = addedPieces[id] { return added.content[...] }
    return parts.model.vocabulary.piece(token)
  }

  /// The piece of a token as vocabulary files spell it (`Ġthe`, `▁the`, `<0x0A>`), or nil for an id without one.
  public func piece(_ token: Int) -> String? { bytes(of: token).map { String(decoding: $0, as: UTF8.self) } }

  /// The token of a piece as vocabulary files spell it, or nil when there is none.
  public func token(ofPiece piece: String) -> Int? {
    let bytes = Array(piece.utf8)
    if let added = parts.added.last(where: { $0.content == bytes }) { return Int(added.id) }
    return parts.model.vocabulary.id(bytes).map(Int.init)
  }
}
