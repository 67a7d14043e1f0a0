// GPT-2 small, where a user has it: Hugging Face's folder, under REPLICATIONS_MODELS/gpt2 or in its own cache.

import Foundation
import Tensors
import Transformer

/// The published model of 12 layers of 12 heads.
enum GPT2Small {
  /// What claims name under `needs` to have the model.
  static let assets = ["gpt2", "gpt2-config"]

  /// The model with its weights as they are stored.
  static func model(_ run: SeedRun) throws -> HookedTransformer {
    try HookedTransformer(
      contentsOf: run.asset(assets[0]).path, configuration: run.asset(assets[1]).path)
  }

  /// The model as TransformerLens processes it.
  static func processedModel(_ run: SeedRun) throws -> HookedTransformer { try model(run).processed() }

  /// Its vocabulary.
  static func tokenizer(_ run: SeedRun) throws -> Tokenizer {
    try Tokenizer(vocabulary: run.asset("gpt2-encoder"), merges: run.asset("gpt2-merges"))
  }
}
