// `replicate model tokenize`: the tokens of a text.

import ArgumentParser
import Foundation
import Transformer

/// Shows the tokens of a text.
struct ModelTokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Show the tokens of a text and their pieces.")

  @OptionGroup var source: ModelPath

  @Option(help: "The text.")
  var text: String

  @Flag(inversion: .prefixedNo, help: "Whether the token that begins a sequence stands before the text.")
  var bos: Bool

  @Flag(help: "Print JSON.")
  var json = false

  mutating func run() throws {
    let file = URL(filePath: source.path)
    let isTokenizerFile = file.lastPathComponent.hasPrefix("tokenizer")
    let tokenizer = try Tokenizer(contentsOf: isTokenizerFile ? file : source.folder)
    let tokens = try tokenize(text, bos: bos, tokenizer)
    let entries = try tokens.map { token in
      Entry(token: token, piece: tokenizer.piece(token) ?? "", text: try tokenizer.toSingleStrToken(token))
    }
    if json { return try writeJSON(entries) }
    var table = Table(header: ["token", "piece", "text"])
    table.rows = entries.map { [String($0.token), quoted($0.piece), quoted($0.text)] }
    write(table.lines().joined(separator: "\n"))
  }

  /// A token as JSON.
  struct Entry: Encodable {
    let token: Int
    let piece: String
    let text: String
  }
}
