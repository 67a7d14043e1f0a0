// `replicate model tokenize`: the tokens of a text.

import ArgumentParser
import Foundation
import Transformer

/// Shows the tokens of a text.
struct ModelTokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Show the tokens of a text and their pieces.")

  @Argument(help: "The tokenizer's file or folder, or a model's.")
  var path: String

  @Option(help: "The text.")
  var text: String

  @Flag(inversion: .prefixedNo, help: "Whether the token that begins a sequence stands before the text.")
  var bos: Bool

  @Flag(help: "Print JSON.")
  var json = false

  mutating func run() throws {
    let tokenizer = try tokenizer()
    let tokens = try tokenize(text, bos: bos, tokenizer)
    let entries = try tokens.map { token in
      Entry(token: token, piece: tokenizer.piece(token) ?? "", text: try tokenizer.toSingleStrToken(token))
    }
    if json { return try writeJSON(entries) }
    var table = Table(header: ["token", "piece", "text"])
    table.rows = entries.map { [String($0.token), quoted($0.piece), quoted($0.text)] }
    write(table.lines().joined(separator: "\n"))
  }

  /// The tokenizer at the path; that beside it where the file is a model's.
  private func tokenizer() throws -> Tokenizer {
    let url = URL(filePath: path)
    do throws(TokenizerError) {
      return try Tokenizer(contentsOf: url)
    } catch {
      // What is called a tokenizer is one: another beside it would only hide what is wrong with it.
      let isNamed = url.lastPathComponent.hasPrefix("tok") || url.pathExtension == "json"
      guard FileManager.default.fileExists(atPath: path), !isNamed, !url.hasDirectoryPath,
        let beside = try? Tokenizer(contentsOf: url.deletingLastPathComponent())
      else { throw error }
      return beside
    }
  }

  /// A token as JSON.
  struct Entry: Encodable {
    let token: Int
    let piece: String
    let text: String
  }
}
