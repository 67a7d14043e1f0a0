// Real text as rows of tokens, for those findings that are also tried on it.
//
// Tokens are characters, or the most frequent words and marks with one token for all others. No tokenizer of a language
// model is needed, and the vocabulary stays as small as the models here.

import Foundation
import Tensors
import Transformer

/// A text as tokens of a small vocabulary, of which the last tenth is held out.
struct TextCorpus: Sendable {
  /// What becomes a token.
  enum Unit: Sendable {
    /// Every character by itself.
    case characters
    /// Runs of letters, in lower case, and single other characters but white space; the most frequent `limit − 1` of them,
    /// and one token for all others.
    case words(limit: Int)
  }

  /// The texts of the tokens, from the most frequent to the least.
  let names: [String]

  /// The tokens that models are trained on.
  let training: [Int]

  /// The tokens that they are measured on.
  let heldOut: [Int]

  /// The token that stands for all words without one of their own.
  static let unknown = "…"

  /// The token that each row of a batch begins with, one more than can be predicted.
  var bos: Int { names.count }

  /// Reads a file as UTF-8.
  init(contentsOf file: URL, _ unit: Unit) throws {
    self.init(try String(contentsOf: file, encoding: .utf8), unit)
  }

  /// Cuts a text into tokens.
  init(_ text: String, _ unit: Unit) {
    let pieces = Self.pieces(text, unit)
    var counts: [String: Int] = [:]
    for piece in pieces { counts[piece, default: 0] += 1 }
    // Equally frequent ones in the order of the alphabet, so that nothing depends on the order of a dictionary.
    let ranked = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map(\.key)
    switch unit {
    case .characters: names = ranked
    case .words(let limit): names = ranked.count <= limit ? ranked : ranked.prefix(limit - 1) + [Self.unknown]
    }
    let tokens = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let rare = names.count - 1
    let all = pieces.map { tokens[$0] ?? rare }
    training = Array(all.prefix(all.count / 10 * 9))
    heldOut = Array(all.dropFirst(all.count / 10 * 9))
  }

  private static func pieces(_ text: String, _ unit: Unit) -> [String] {
    guard case .words = unit else { return text.map(String.init) }
    var (pieces, word) = ([String](), "")
    for character in text {
      if character.isLetter {
        word.append(contentsOf: character.lowercased())
        continue
      }
      if !word.isEmpty { pieces.append(word) }
      word = ""
      if !character.isWhitespace { pieces.append(String(character)) }
    }
    if !word.isEmpty { pieces.append(word) }
    return pieces
  }

  /// Throws where there is too little text for rows of some length.
  func checkRows(of length: Int) throws(TextCorpusError) {
    let count = min(training.count, heldOut.count)
    guard count >= length else { throw TextCorpusError(tokens: training.count + heldOut.count, least: 10 * length + 9) }
  }

  /// Rows of training text from random places, `[rows, length + 1]`, each after the beginning-of-sequence token.
  func batch(_ rows: Int, length: Int, using stream: inout RandomStream) -> TokenBatch {
    drawn(rows, length: length, of: training, using: &stream)
  }

  /// The same of held-out text.
  func heldOutBatch(_ rows: Int, length: Int, using stream: inout RandomStream) -> TokenBatch {
    drawn(rows, length: length, of: heldOut, using: &stream)
  }

  private func drawn(_ rows: Int, length: Int, of text: [Int], using stream: inout RandomStream) -> TokenBatch {
    precondition(text.count >= length, "rows of \(length) tokens from a text of \(text.count)")
    var tokens: [Int] = []
    tokens.reserveCapacity(rows * (length + 1))
    for _ in 0..<rows {
      let start = stream.integer(below: text.count - length + 1)
      tokens.append(bos)
      tokens += text[start..<start + length]
    }
    return TokenBatch(tokens: tokens, batch: rows, positions: length + 1)
  }

  /// How often each token follows each other one in the training text, `[present][next]`.
  var bigramCounts: [[Double]] {
    var counts = Array(repeating: Array(repeating: 0.0, count: names.count), count: names.count)
    for (present, next) in zip(training, training.dropFirst()) { counts[present][next] += 1 }
    return counts
  }
}

/// A text that is too short to learn from.
struct TextCorpusError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The tokens that it has.
  let tokens: Int
  /// The tokens that it must have.
  let least: Int

  /// What is wrong.
  var description: String { "the text has \(tokens) tokens, expected at least \(least)" }
}
