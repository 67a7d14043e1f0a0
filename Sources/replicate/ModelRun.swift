// `replicate model run`: what a model predicts, and its activations in a file.

import ArgumentParser
import Foundation
import Tensors
import Transformer

/// Runs a model once.
struct ModelRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a model over a text: the likeliest next tokens, the loss, the activations.",
    discussion: """
      The file of --cache is in safetensors format: tensors are named as TransformerLens's hooks, and the logits \
      `logits`.
      """)

  @OptionGroup var source: ModelPath
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var tokenizer: TokenizerPath

  @Option(help: ArgumentHelp("Where to write the activations.", valueName: "file.safetensors"))
  var cache: String?

  @Option(help: ArgumentHelp("Which activations to write, by their names (default: all).", valueName: "regex"))
  var names: String?

  @Flag(help: "Fold LayerNorm and value biases, centre writing weights and unembedding first, where that is exact.")
  var processed = false

  @Option(help: "The number of tokens to show.")
  var top = 10

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if names != nil && cache == nil { throw ValidationError("--names says what --cache writes: give both.") }
    if top < 1 { throw ValidationError("--top must be at least 1.") }
  }

  mutating func run() throws {
    var model = try source.model()
    let reader = try tokenizer.tokenizerIfAny(of: source)
    let tokens = try prompt.tokens(for: model) { try reader ?? tokenizer.tokenizer(of: source) }
    if processed {
      for step in model.skippedSteps { write("skipped: \(step)", to: .standardError) }
      model = try model.processed()
    }

    let result: RunResult
    do {
      let filter = try names.map { try HookFilter.matching($0) } ?? .all
      result = try model.run(TokenBatch(tokens), RunOptions(cached: cache == nil ? .none : filter))
    } catch let error as HookError {
      throw ModelUsageError("\(error)")
    } catch {
      throw ModelUsageError("--names \(names ?? "") is no regular expression: \(error)")
    }
    guard let logits = result.logits?.value else { preconditionFailure("a run to the end has logits") }
    if let cache {
      let activations = result.cache.points.map { (name: $0.name, tensor: result.cache[$0]) }
      try SafetensorsFile.write(activations + [("logits", logits)], to: cache)
    }

    let batch = TokenBatch(tokens)
    let last = logits.slice(axis: 1, at: tokens.count - 1).reshaped([logits.shape[2]])
    let summary = Summary(
      tokens: tokens,
      loss: tokens.count > 1 ? HookedTransformer.nextTokenLoss(Variable(logits), batch).scalar : nil,
      top: candidates(last, reader), activations: result.cache.names)
    if json { return try writeJSON(summary) }

    write("\(tokens.count) tokens" + (summary.loss.map { ", loss \(decimals($0)) nats a token" } ?? ""))
    if let cache { write("\(summary.activations.count) activations and the logits in \(cache)") }
    var table = Table(header: ["next", "probability", "logit", "text"])
    table.rows = summary.top.map { token in
      [String(token.token), decimals(token.probability, 6), decimals(token.logit), token.text.map(quoted) ?? ""]
    }
    write(table.lines().joined(separator: "\n"))
  }

  /// The likeliest tokens, the likeliest first, among equals the first.
  private func candidates(_ logits: Tensor, _ tokenizer: Tokenizer?) -> [Candidate] {
    let (values, probabilities) = (logits.elements, logits.softmax().elements)
    let order = values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    return order.prefix(top).map { token in
      // A model may have more rows than its tokenizer has pieces.
      Candidate(
        token: token, text: try? tokenizer?.toSingleStrToken(token), logit: values[token],
        probability: probabilities[token])
    }
  }

  /// A token that may be next.
  struct Candidate: Encodable {
    let token: Int
    let text: String?
    let logit: Float
    let probability: Float
  }

  /// A run as JSON.
  struct Summary: Encodable {
    let tokens: [Int]
    let loss: Float?
    let top: [Candidate]
    let activations: [String]
  }
}
