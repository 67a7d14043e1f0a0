// The cases of fixtures/tokenizers: texts, and what Hugging Face `tokenizers` makes of them.

import Foundation

@testable import Transformer

/// What Hugging Face makes of the texts with one tokenizer.
struct TokenizerCases: Decodable {
  /// The number of base-64 digits of an id.
  let width: Int
  let ids: [String]
  /// The ids with special tokens as plain text, where they differ.
  let plain: [String: String]
  /// The decoded texts that differ from the text.
  let decoded: [String: String]
  /// Ids, their decoded text, and that without special tokens.
  let random: [[String]]

  init(_ name: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: TokenizerFixtures.folder.appending(path: name)))
  }

  func tokens(_ text: String) -> [Int] {
    let digits = text.utf8.map { TokenizerFixtures.digits.firstIndex(of: $0) ?? -1 }
    return stride(from: 0, to: digits.count, by: width).map { start in
      digits[start..<start + width].reduce(0) { $0 << 6 | $1 }
    }
  }

  /// The texts that a tokenizer treats otherwise than Hugging Face, with what differs.
  func differences(from tokenizer: Tokenizer) throws -> [String] {
    var differences: [String] = []
    let texts = try TokenizerFixtures.texts().prefix(ids.count)
    for (index, text) in texts.enumerated() {
      let expected = tokens(ids[index])
      let parsed = try tokenizer.toTokens(text, prependBOS: false, parsingSpecial: true)
      let plain = try tokenizer.toTokens(text, prependBOS: false, parsingSpecial: false)
      if parsed != expected { differences.append("\(index) \(text.debugDescription): \(parsed), not \(expected)") }
      let expectedPlain = self.plain["\(index)"].map(tokens) ?? expected
      if plain != expectedPlain {
        differences.append("\(index) \(text.debugDescription) as plain text: \(plain), not \(expectedPlain)")
      }
      let output = try tokenizer.toString(expected)
      let expectedText = decoded["\(index)"] ?? text
      if !output.utf8.elementsEqual(expectedText.utf8) {
        differences.append("\(index) decoded: \(output.debugDescription), not \(expectedText.debugDescription)")
      }
    }
    for row in random {
      let ids = tokens(row[0])
      let outputs = [try tokenizer.toString(ids), try tokenizer.toString(ids, skippingSpecial: true)]
      for (output, expected) in zip(outputs, row.dropFirst()) where !output.utf8.elementsEqual(expected.utf8) {
        differences.append("\(ids) decoded: \(output.debugDescription), not \(expected.debugDescription)")
      }
    }
    return differences
  }
}

enum TokenizerFixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let folder = root.appending(path: "fixtures/tokenizers")
  static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func texts() throws -> [String] {
    try JSONDecoder().decode([String].self, from: Data(contentsOf: folder.appending(path: "texts.json")))
  }

  /// Outside data, which is no part of the repository: under REPLICATIONS_MODELS or in `shared/data` beside the package.
  static func data(_ path: String) -> URL {
    URL(filePath: OutsideFiles.find(path) ?? root.appending(path: "../shared/data/\(path)").path)
  }

  static func hasData(_ path: String) -> Bool { OutsideFiles.find(path) != nil }
}
