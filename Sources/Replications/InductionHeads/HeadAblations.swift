// Heads switched off, in two ways (Olsson et al. 2022, Data Collection (2)).
//
// Full ablation sets a head's output to zero, and later layers compute their patterns from what is left. Pattern-preserving
// ablation takes all patterns from a clean run instead: what a head contributes to the patterns of others stays.

import Tensors
import Transformer

/// What is left of in-context learning without some heads.
struct HeadAblations: Sendable {
  /// A head of a model.
  struct Head: Sendable, Hashable {
    var layer: Int
    var head: Int
  }

  /// How heads are switched off.
  enum Kind: Sendable {
    /// Their outputs are zero.
    case full
    /// Their outputs are zero, and all patterns are those of a clean run.
    case patternPreserving
  }

  private let model: HookedTransformer
  private let tokens: TokenBatch
  private let patterns: ActivationCache

  /// The in-context-learning score of the whole model, in nats.
  let intact: Double

  /// Prepares the ablation of heads of a model on some rows.
  init(_ model: HookedTransformer, on tokens: TokenBatch) throws {
    self.model = model
    self.tokens = tokens
    let (logits, cache) = try model.runWithCache(tokens, names: .each(.pattern))
    patterns = cache
    intact = InductionProbe.inContextLearning(TokenLosses(logits, tokens))
  }

  /// The in-context-learning score without some heads, in nats.
  func score(without heads: [Head], _ kind: Kind) throws -> Double {
    var hooks: [Hook] = []
    if kind == .patternPreserving { hooks.append(.ablating(.each(.pattern), by: .values(patterns))) }
    for layer in Set(heads.map(\.layer)).sorted() {
      let own = heads.filter { $0.layer == layer }.map(\.head)
      hooks.append(.ablating(.each(.z, layers: [layer]), heads: own, by: .zero))
    }
    return InductionProbe.inContextLearning(TokenLosses(try model.runWithHooks(tokens, hooks: hooks), tokens))
  }

  /// The share of the in-context-learning score that is left without some heads.
  func share(without heads: [Head], _ kind: Kind) throws -> Double { try score(without: heads, kind) / intact }

  /// The head of the first layer that attends most to the previous token, with that attention.
  func previousTokenHead() throws -> (head: Head, attention: Double) {
    let attention = try patterns.attentionStripe(tokens, distance: 1).rows[0]
    let best = attention.indices.max { attention[$0] < attention[$1] } ?? 0
    return (Head(layer: 0, head: best), attention[best])
  }
}
