// What induction does for a model: how much it loses on tokens that repeat, with heads and without, and whether it
// minds the order of what it has seen.

import Tensors
import Transformer

/// The loss on each copy of repeated random tokens while heads are knocked out.
struct RepetitionAblation {
  private let repeated: RepeatedTokens

  /// Measures on some repeated tokens.
  init(_ repeated: RepeatedTokens) { self.repeated = repeated }

  /// The mean loss on the tokens of each copy, in nats, when heads of a layer write nothing.
  ///
  /// All patterns are those of the intact model, so that nothing but what the heads write themselves is lost: heads
  /// that read from them still attend where they did.
  func losses(of model: HookedTransformer, without heads: [Int] = [], layer: Int = 0) throws -> [Double] {
    let tokens = repeated.tokens
    let patterns = try model.runWithCache(tokens, names: .each(.pattern)).cache
    var hooks = patterns.points.map { Hook.replacing(HookFilter([$0]), with: patterns[$0]) }
    if !heads.isEmpty { hooks.append(.ablating(.each(.z, layers: [layer]), heads: heads, by: .zero)) }
    let logProbabilities = try model.runWithHooks(tokens, hooks: hooks).logSoftmax()
    return (0..<repeated.repeats).map { copy in
      // The first token of a copy is predicted by the last one before it.
      let first = repeated.start + copy * repeated.length
      let targets = (max(first, 1)..<first + repeated.length)
      let losses = (0..<tokens.batch).flatMap { row in
        targets.map { -Double(logProbabilities[row, $0 - 1, tokens[row][$0]]) }
      }
      return mean(losses)
    }
  }
}

/// Rows that end in a token a which has occurred: once with b right after it, once with b elsewhere.
///
/// The rows of a pair hold the same tokens, and b is as likely to stand at one place as at another, so that only the
/// order can tell a model to expect b.
struct OrderProbe {
  private let following: TokenBatch
  private let elsewhere: TokenBatch
  private let expected: [Int]

  /// Draws pairs of rows of distinct random tokens, each with one of them again at its end.
  init(vocabulary: Int, bos: Int, length: Int, rows: Int, _ stream: RandomStream) {
    var (following, elsewhere, expected): ([[Int]], [[Int]], [Int]) = ([], [], [])
    for row in 0..<rows {
      var stream = stream.derived("row", row)
      var tokens = Array(stream.permutation(vocabulary).prefix(length))
      let place = stream.integer(below: length - 1)
      let (a, b) = (tokens[place], tokens[place + 1])
      following.append([bos] + tokens + [a])
      let others = tokens.indices.filter { $0 != place && $0 != place + 1 }
      tokens.swapAt(place + 1, others[stream.integer(below: others.count)])
      elsewhere.append([bos] + tokens + [a])
      expected.append(b)
    }
    (self.following, self.elsewhere, self.expected) = (TokenBatch(following), TokenBatch(elsewhere), expected)
  }

  /// The mean gain in the log-probability of b from its having followed a, in nats.
  func gain(of model: HookedTransformer) -> Double {
    let (first, second) = (logProbabilities(model, following), logProbabilities(model, elsewhere))
    return mean(zip(first, second).map { $0 - $1 })
  }

  private func logProbabilities(_ model: HookedTransformer, _ tokens: TokenBatch) -> [Double] {
    let logits = model(tokens).logSoftmax()
    return expected.indices.map { Double(logits[$0, tokens.positions - 1, expected[$0]]) }
  }
}
