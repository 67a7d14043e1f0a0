// `replicate model generate`: what a model writes.

import ArgumentParser
import Foundation
import Tensors
import Transformer

/// Lets a model continue a text.
struct ModelGenerate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Let a model continue a text.",
    discussion: """
      The likeliest token is taken each time, unless one of --temperature, --top-k and --top-p asks for drawing. \
      Writing ends behind the tokenizer's end of text.
      """)

  @OptionGroup var source: ModelPath
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var tokenizer: TokenizerPath

  @Option(help: "The number of tokens to write at most.")
  var maxNewTokens = 50

  @Option(help: "What logits are divided by before drawing.")
  var temperature: Float?

  @Option(help: "Draw from so many of the likeliest tokens.")
  var topK: Int?

  @Option(help: "Draw from the fewest of the likeliest tokens whose probabilities reach this sum.")
  var topP: Float?

  @Option(help: "The seed of the drawing.")
  var seed: UInt64 = 0

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if maxNewTokens < 1 { throw ValidationError("--max-new-tokens must be at least 1.") }
    if let temperature, !(temperature > 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be positive; without it the likeliest token is taken.")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1.") }
    if let topP, !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be above 0 and at most 1.") }
  }

  mutating func run() throws {
    let model = try source.model()
    guard model.configuration.direction == .causal else {
      throw ModelUsageError("the model reads in both directions: it cannot continue a text")
    }
    let reader = try tokenizer.tokenizerIfAny(of: source)
    let tokens = try prompt.tokens(for: model) { try reader ?? tokenizer.tokenizer(of: source) }
    let isDrawn = temperature != nil || topK != nil || topP != nil
    let sampling = isDrawn ? Sampling.sample(temperature: temperature ?? 1, topK: topK, topP: topP) : .greedy
    let new: [Int]
    do {
      new = try model.generate(
        TokenBatch(tokens), maxNewTokens: maxNewTokens, sampling: sampling, stream: RandomStream(seed: seed),
        stopAt: Set([reader?.eosToken].compactMap(\.self)))[0]
    } catch let error as GenerationError where !error.isOfTheModel {
      throw ModelUsageError("\(error)")
    }
    let text = try reader.map { try $0.toString(tokens + new) }
    if json { return try writeJSON(Summary(prompt: tokens, tokens: new, text: text)) }
    write(text ?? new.map(String.init).joined(separator: ","))
  }

  /// A continuation as JSON; `text` is that of prompt and continuation.
  struct Summary: Encodable {
    let prompt: [Int]
    let tokens: [Int]
    let text: String?
  }
}

extension GenerationError {
  /// Whether the model is at fault rather than what was asked of it.
  fileprivate var isOfTheModel: Bool { if case .notNumbers = self { true } else { false } }
}
