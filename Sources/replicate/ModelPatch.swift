// `replicate model patch`: where a difference between two texts lives in a model, by activation patching.

import ArgumentParser
import Foundation
import Tensors
import Transformer

/// Patches activations of a clean run into a corrupted one.
struct ModelPatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patch", abstract: "Patch one activation at a time from a clean run into a corrupted one.",
    discussion: """
      Each number says how far a patch moves the logit difference of answer and wrong answer: 0 is the corrupted run, \
      1 the clean one. With --bos or --no-bos the four texts are texts, otherwise tokens such as 1,2,3.
      """)

  @OptionGroup var source: ModelPath
  @OptionGroup var tokenizer: TokenizerPath

  @Option(help: "The text that leads to the answer.")
  var clean: String

  @Option(help: "The text that does not; as many tokens as the clean one.")
  var corrupted: String

  @Option(help: "The token that the clean text leads to.")
  var answer: String

  @Option(help: "The token that the corrupted text leads to.")
  var wrong: String

  @Option(
    help: ArgumentHelp(
      "What is patched: resid_pre, resid_mid, attn_out, mlp_out (layer × position), z, q, k, v, pattern (layer × head).",
      valueName: "name"))
  var activation: Activation

  @Flag(inversion: .prefixedNo, help: "Whether the token that begins a sequence stands before the texts.")
  var bos: Bool?

  @Flag(help: "Print JSON.")
  var json = false

  /// The activations that can be patched.
  enum Activation: String, CaseIterable, ExpressibleByArgument {
    case residPre = "resid_pre"
    case residMid = "resid_mid"
    case attnOut = "attn_out"
    case mlpOut = "mlp_out"
    case z, q, k, v, pattern

    /// The sweep; without one for heads, layers are swept against positions.
    var sweep: PatchSweep {
      switch self {
      case .residPre: .residPre
      case .residMid: .residMid
      case .attnOut: .attnOut
      case .mlpOut: .mlpOut
      case .z: .attnHeadOutAllPos
      case .q: .attnHeadQAllPos
      case .k: .attnHeadKAllPos
      case .v: .attnHeadVAllPos
      case .pattern: .attnHeadPatternAllPos
      }
    }
  }

  mutating func run() throws {
    let model = try source.model()
    let reader = try bos == nil ? tokenizer.tokenizerIfAny(of: source) : tokenizer.tokenizer(of: source)
    let (cleanTokens, corruptedTokens) = (try read(clean, model, reader), try read(corrupted, model, reader))
    guard cleanTokens.count == corruptedTokens.count else {
      throw ModelUsageError(
        "the clean text has \(cleanTokens.count) tokens and the corrupted one \(corruptedTokens.count): expected as many"
      )
    }
    let (answer, wrong) = (try single(answer, model, reader), try single(wrong, model, reader))
    let metric = Metric.logitDifference(correct: [answer], incorrect: [wrong])
    let sweep = activation.sweep
    let result: PatchingResult
    let cleanValue: [Float]
    do {
      let names = HookFilter.each(sweep.kinds.map(\.activation))
      let cache = try model.runWithCache(TokenBatch(cleanTokens), names: names).cache
      cleanValue = try model.evaluate(metric, on: TokenBatch(cleanTokens))
      result = try model.activationPatch(
        sweep, corrupted: TokenBatch(corruptedTokens), cleanCache: cache, metric: metric)
    } catch let error as HookError {
      throw ModelUsageError("\(error)")
    }
    let (low, high) = (result.baseline[0], cleanValue[0])
    try requireNumbers([low, high] + result.values.elements, "the logits")
    guard low != high else {
      throw ModelUsageError("both texts have the logit difference \(decimals(low)): there is nothing to patch")
    }
    let moved = result.normalized(clean: cleanValue).mean
    let width = moved.shape[1]
    let rows = stride(from: 0, to: moved.count, by: width).map { Array(moved.elements[$0..<$0 + width]) }
    let summary = Summary(
      activation: activation.rawValue, axes: result.axes, clean: high, corrupted: low, cleanTokens: cleanTokens,
      corruptedTokens: corruptedTokens, moved: rows)
    if json { return try writeJSON(summary) }

    write("logit difference: clean \(decimals(high)), corrupted \(decimals(low))")
    var table = Table(header: ["layer"] + (0..<width).map { "\(result.axes[1]) \($0)" })
    table.rows = rows.enumerated().map { [String($0)] + $1.map { decimals($0, 3) } }
    write(table.lines().joined(separator: "\n"))
  }

  /// The tokens of one of the two texts.
  private func read(_ text: String, _ model: HookedTransformer, _ reader: Tokenizer?) throws -> [Int] {
    if let bos, let reader { return try checked(tokenize(text, bos: bos, reader), for: model) }
    return try checked(tokenList(text), for: model)
  }

  /// The one token of an answer.
  private func single(_ text: String, _ model: HookedTransformer, _ reader: Tokenizer?) throws -> Int {
    let tokens = try bos == nil ? tokenList(text) : reader.map { [try $0.toSingleToken(text)] } ?? []
    guard tokens.count == 1, tokens[0] >= 0, tokens[0] < model.configuration.dVocabOut else {
      throw ModelUsageError("\"\(text)\" is not one token that the model predicts")
    }
    return tokens[0]
  }

  /// A sweep as JSON.
  struct Summary: Encodable {
    let activation: String
    let axes: [String]
    let clean: Float
    let corrupted: Float
    let cleanTokens: [Int]
    let corruptedTokens: [Int]
    /// How far each patch moves the logit difference, by layer and then by position or head.
    let moved: [[Float]]
  }
}
