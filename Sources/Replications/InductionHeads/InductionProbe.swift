// What the experiments on induction measure: prefix matching on repeated random tokens, the in-context-learning score on
// held-out rows, and copying (Olsson et al. 2022, Key Concepts and Head Activation Evaluators).

import Tensors
import Transformer

/// Rows that no model is trained on, and what is measured on them.
struct InductionProbe: Sendable {
  /// Held-out rows of the training distribution.
  let heldOut: TokenBatch

  /// Distinct random tokens, four times over: nothing but their repetition predicts them.
  let repeated: RepeatedTokens

  /// One random token of each held-out row, by its place.
  let sampledPlaces: [Int]

  /// Draws the rows: a quarter of a row's length in random tokens, at most the paper's 25.
  init(_ data: CopiedSpans, heldOut rows: Int = 256, repeated repeatedRows: Int = 32, stream: RandomStream) {
    var held = stream.derived("held out")
    heldOut = data.batch(rows, using: &held)
    repeated = RepeatedTokens(
      from: Array(0..<data.vocabulary), bos: data.bos, length: min(data.length / 4, 25), repeats: 4,
      rows: repeatedRows, stream: stream.derived("repeated"))
    var places = stream.derived("places")
    sampledPlaces = (0..<rows).map { _ in places.integer(below: data.length) }
  }

  /// What a model shows at one moment.
  struct Reading: Sendable {
    /// Prefix-matching scores, `[layer][head]`.
    var prefixMatching: [[Double]]
    /// The mean loss on held-out rows, in nats.
    var loss: Double
    /// Late loss less early loss on held-out rows, in nats: negative when context helps.
    var inContextLearning: Double
    /// How often the most likely token is the right one in the fourth repeat of random tokens.
    var copying: Double
    /// The loss on one random token of each held-out row, the same ones at every moment.
    var sampledLosses: [Double]

    /// The score of the best head of the last layer.
    var lastLayerPrefixMatching: Double { prefixMatching.last?.max() ?? 0 }
  }

  /// Measures a model.
  func read(_ model: HookedTransformer) throws -> Reading {
    let losses = TokenLosses(model(heldOut), heldOut)
    let (logits, cache) = try model.runWithCache(repeated.tokens, names: .each(.pattern))
    return Reading(
      prefixMatching: try cache.prefixMatchingScores(repeated).rows,
      loss: losses.mean, inContextLearning: Self.inContextLearning(losses), copying: copying(logits),
      sampledLosses: sampledPlaces.enumerated().map { losses[$0, $1] })
  }

  /// The in-context-learning score: the mean loss of four tokens at the end less that of four around the first tenth.
  ///
  /// The paper's 500th and 50th of 512 tokens, in proportion to the row.
  static func inContextLearning(_ losses: TokenLosses) -> Double {
    precondition(losses.count >= 4, "a score of four early and four late tokens in rows of \(losses.count)")
    let late = min(Int((0.98 * Double(losses.count)).rounded()) - 1, losses.count - 2)
    let early = max(Int((0.1 * Double(losses.count)).rounded()), 2)
    return losses.mean(at: late - 2..<late + 2) - losses.mean(at: early - 2..<early + 2)
  }

  private func copying(_ logits: Tensor) -> Double {
    let tokens = repeated.tokens
    let (positions, width) = (tokens.positions, logits.shape[2])
    var right = 0
    logits.withUnsafeElements { logits in
      for row in 0..<tokens.batch {
        for position in positions - repeated.length - 1..<positions - 1 {
          let at = row * positions + position
          var best = 0
          for token in 1..<width where logits[at * width + token] > logits[at * width + best] { best = token }
          if best == tokens.tokens[at + 1] { right += 1 }
        }
      }
    }
    return Double(right) / Double(tokens.batch * repeated.length)
  }
}
