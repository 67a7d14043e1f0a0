// `replicate model`: looks into a language model on disk. The subcommands share how a model and a text are named.

import ArgumentParser
import Foundation
import Tensors
import Transformer

/// Looks into a language model.
struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look into a language model: its weights, its activations, what it writes.",
    discussion: """
      PATH is a folder with config.json and weights, as Hugging Face, TransformerLens and this package write them, or \
      a file of llm.c or llama2.c.
      """,
    subcommands: [ModelInspect.self, ModelRun.self, ModelGenerate.self, ModelPatch.self, ModelTokenize.self])
}

/// Something that was asked for and that the model does not have.
struct ModelUsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Where a model is.
struct ModelPath: ParsableArguments {
  @Argument(help: "The model's folder or file.")
  var path: String

  /// The model, with its weights as they are.
  func model() throws -> HookedTransformer { try HookedTransformer(contentsOf: path) }

  /// The folder that the model is in.
  var folder: URL {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let url = URL(filePath: path)
    return exists && isFolder.boolValue ? url : url.deletingLastPathComponent()
  }
}

/// Where a tokenizer is.
struct TokenizerPath: ParsableArguments {
  @Option(name: .customLong("tokenizer"), help: "The tokenizer's folder or file (default: the model's folder).")
  var file: String?

  /// The tokenizer.
  func tokenizer(of model: ModelPath) throws -> Tokenizer {
    try Tokenizer(contentsOf: file.map { URL(filePath: $0) } ?? model.folder)
  }

  /// The tokenizer for showing tokens as text; nil where none was named and the model comes without one.
  func tokenizerIfAny(of model: ModelPath) throws -> Tokenizer? {
    file == nil ? try? tokenizer(of: model) : try tokenizer(of: model)
  }
}

/// A text or its tokens.
struct PromptOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The tokens to read.", valueName: "1,2,3"))
  var tokens: String?

  @Option(help: "The text to read.")
  var text: String?

  @Flag(inversion: .prefixedNo, help: "Whether the token that begins a sequence stands before the text.")
  var bos: Bool?

  func validate() throws {
    guard (tokens == nil) != (text == nil) else { throw ValidationError("Give one of --tokens and --text.") }
    if text != nil && bos == nil { throw ValidationError("--text needs --bos or --no-bos.") }
    if tokens != nil && bos != nil { throw ValidationError("--bos and --no-bos belong to --text.") }
  }

  /// The tokens, checked against what the model can read.
  func tokens(for model: HookedTransformer, _ tokenizer: () throws -> Tokenizer) throws -> [Int] {
    if let text, let bos { return try checked(tokenize(text, bos: bos, tokenizer()), for: model) }
    return try checked(tokenList(tokens ?? ""), for: model)
  }
}

/// The tokens of a text; text that spells a special token is that token.
func tokenize(_ text: String, bos: Bool, _ tokenizer: Tokenizer) throws -> [Int] {
  try tokenizer.toTokens(text, prependBOS: bos, parsingSpecial: true)
}

/// The tokens of a list such as `1,2,3`.
func tokenList(_ list: String) throws -> [Int] {
  try list.split(separator: ",", omittingEmptySubsequences: false).map { part in
    let words = part.split(separator: " ")
    guard words.count == 1, let token = Int(words[0]) else {
      throw ModelUsageError("\"\(part)\" in \"\(list)\" is no token: expected whole numbers, such as 1,2,3")
    }
    return token
  }
}

/// Tokens that the model can read.
func checked(_ tokens: [Int], for model: HookedTransformer) throws -> [Int] {
  let c = model.configuration
  guard !tokens.isEmpty else { throw ModelUsageError("there is no token to read") }
  if let foreign = tokens.first(where: { $0 < 0 || $0 >= c.dVocab }) {
    throw ModelUsageError("the token \(foreign) is outside the model's \(c.dVocab) tokens")
  }
  guard tokens.count <= c.nContext else {
    throw ModelUsageError("\(tokens.count) tokens do not fit the model's context of \(c.nContext)")
  }
  return tokens
}

/// What a model computed with weights that are not numbers, or too large.
struct ModelNumbersError: Error, CustomStringConvertible {
  let description: String
}

/// Refuses what is no number, before it is shown as one.
func requireNumbers(_ values: [Float], _ name: String) throws {
  guard values.allSatisfy(\.isFinite) else {
    throw ModelNumbersError(description: "\(name) are not numbers: the model's weights are damaged or too large")
  }
}

/// A text as a table shows it: quoted, on one line.
func quoted(_ text: String) -> String { String(reflecting: text) }

/// A number with so many decimals.
func decimals(_ value: Float, _ count: Int = 4) -> String { String(format: "%.\(count)f", Double(value)) }
