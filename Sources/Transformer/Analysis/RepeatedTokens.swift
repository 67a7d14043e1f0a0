// Random tokens that repeat: what induction is measured on, because nothing but repetition predicts them.

import Tensors

/// Rows of distinct random tokens, the same ones several times over.
public struct RepeatedTokens: Sendable {
  /// The rows, `[batch, position]`.
  public let tokens: TokenBatch
  /// The number of tokens before the first repetition: 1 for a beginning-of-sequence token, else 0.
  public let start: Int
  /// The number of tokens in each repetition.
  public let length: Int
  /// The number of repetitions, the first one included.
  public let repeats: Int

  /// Draws rows of random tokens.
  ///
  /// The defaults are those of Olsson et al. 2022: 25 tokens, 4 times, in 10 rows. Tokens within a row are distinct, so
  /// that each has one predecessor.
  ///
  /// - Parameters:
  ///   - vocabulary: The tokens to draw from; leave out very common and very rare ones.
  ///   - bos: The token that each row begins with; nil for none.
  public init(
    from vocabulary: [Int], bos: Int?, length: Int = 25, repeats: Int = 4, rows: Int = 10, stream: RandomStream
  ) {
    precondition(length > 0 && repeats > 1 && rows > 0, "repeated tokens need a length, two repeats and a row")
    precondition(vocabulary.count >= length, "\(vocabulary.count) tokens are too few for \(length) distinct ones")
    tokens = TokenBatch(
      (0..<rows).map { row in
        var stream = stream.derived("row", row)
        let drawn = stream.permutation(vocabulary.count).prefix(length).map { vocabulary[$0] }
        return (bos.map { [$0] } ?? []) + (0..<repeats).flatMap { _ in drawn }
      })
    start = bos == nil ? 0 : 1
    self.length = length
    self.repeats = repeats
  }
}

extension ActivationCache {
  /// How much each head attends to what followed the present token in earlier repetitions, `[layer, head]`.
  ///
  /// The prefix-matching score of Olsson et al. 2022: attention is summed over all earlier repetitions, then averaged
  /// over the positions from the second repetition on, so that 1 is the most a head can have.
  ///
  /// - Throws: `AnalysisError.notCached` unless the pattern of every layer was kept.
  public func prefixMatchingScores(_ repeated: RepeatedTokens) throws(AnalysisError) -> Tensor {
    let (count, length) = (repeated.tokens.positions, repeated.length)
    let queries = repeated.start + length..<count
    return try eachHeadOfEachRow(repeated.tokens) { _, pattern in
      var sum = 0.0
      for query in queries {
        var key = query - length + 1
        while key > repeated.start {
          sum += Double(pattern[query * count + key])
          key -= length
        }
      }
      return sum / Double(queries.count)
    }
  }

  /// The mean attention of each head to the position a fixed distance back, `[layer, head]`.
  ///
  /// A distance of 0 is the present token, 1 the previous one. Positions that have nothing so far back do not count.
  ///
  /// - Throws: `AnalysisError.notCached` unless the pattern of every layer was kept.
  public func attentionStripe(_ tokens: TokenBatch, distance: Int) throws(AnalysisError) -> Tensor {
    let count = tokens.positions
    precondition((0..<count).contains(distance), "a distance of \(distance) in rows of \(count) tokens")
    return try eachHeadOfEachRow(tokens) { _, pattern in
      let sum = (distance..<count).reduce(0.0) { $0 + Double(pattern[$1 * count + $1 - distance]) }
      return sum / Double(count - distance)
    }
  }

  /// The mean attention along the stripe one short of a repetition back, `[layer, head]`.
  ///
  /// That is the diagonal `1 − length` in which TransformerLens's demo sees induction heads.
  ///
  /// - Throws: `AnalysisError.notCached` unless the pattern of every layer was kept.
  public func inductionStripe(_ repeated: RepeatedTokens) throws(AnalysisError) -> Tensor {
    try attentionStripe(repeated.tokens, distance: repeated.length - 1)
  }
}
