// The path expansion (Elhage et al. 2021, "The Path Expansion Trick"): with its attention patterns given, an
// attention-only model is linear, so its logits are a sum of terms, one for each way from a token to an output:
//
//   W_E·W_U  +  Σ_h A_h ⊗ (W_E·W_OV·W_U)  +  Σ_{h₁,h₂} (A_{h₂}·A_{h₁}) ⊗ (W_E·W_OV₁·W_OV₂·W_U)
//
// Each term is formed from a dVocab × dVocab table of weights and a pattern, so it shares no arithmetic with a run of the
// model but that of its patterns. Right only where positions enter queries and keys alone and nothing is normalised.

import Tensors
import Transformer

/// The terms of an attention-only model's logits on some tokens.
struct PathExpansion {
  /// The heads that a term passes through, in order; none for the direct path.
  struct Path: Hashable, Sendable {
    var heads: [Head]

    /// The number of heads on the way.
    var order: Int { heads.count }
  }

  /// One head of a model.
  struct Head: Hashable, Sendable {
    var layer: Int
    var head: Int
  }

  /// Every term: its path and its logits, `[batch, position, dVocabOut]`.
  let terms: [(path: Path, logits: Tensor)]

  /// The terms of every order on some tokens, given the patterns of a run on them.
  init(of model: HookedTransformer, _ tokens: TokenBatch, patterns: ActivationCache) {
    let c = model.configuration
    precondition(
      c.isAttentionOnly && c.normalization == .none && (c.positions == .none || c.positions == .shortformer),
      "only attention-only models without normalisation, whose stream holds no positions, are sums of paths")
    /// A path so far: the stream of each token that has come along it, `[dVocab, dModel]`, and the pattern.
    var open: [(path: Path, stream: Tensor, pattern: Tensor?)] = [(Path(heads: []), model.W_E, nil)]
    for layer in 0..<c.nLayers {
      let attention = patterns[.pattern, layer: layer]
      for part in open {
        for head in 0..<c.nHeads {
          let own = attention.slice(axis: 1, at: head)
          open.append(
            (
              Path(heads: part.path.heads + [Head(layer: layer, head: head)]),
              part.stream.matmul(model.OV(layer: layer, head: head)), part.pattern.map { own.matmul($0) } ?? own
            ))
        }
      }
    }
    terms = open.map { path, stream, pattern in
      let table = stream.matmul(model.W_U)
      let read = table.gathered(at: tokens.tokens).reshaped([tokens.batch, tokens.positions, c.dVocabOut])
      return (path, pattern?.matmul(read) ?? read)
    }
  }

  /// The sum of the terms whose path is wanted, `[batch, position, dVocabOut]`.
  func sum(where isWanted: (Path) -> Bool = { _ in true }) -> Tensor {
    var sum = Tensor(zeros: terms[0].logits.shape)
    for (path, logits) in terms where isWanted(path) { sum += logits }
    return sum
  }

  /// The path whose largest logit is least.
  var leastPath: Path? {
    terms.map { ($0.path, $0.logits.magnitudes().maximum()) }.min { $0.1 < $1.1 }?.0
  }

  /// The largest difference of the logits of a run from a sum of terms, relative to the largest logit.
  static func error(of sum: Tensor, from logits: Tensor) -> Double {
    Double(sum.maximumDifference(from: logits)) / Double(logits.magnitudes().maximum())
  }
}
