// What the model would predict if it stopped at each layer.
//
// nostalgebraist 2020, *interpreting GPT: the logit lens*. Each stream goes through the model's own final normalisation,
// with its weights and the statistics of that stream (`StackNormalizer.perLayer`), then through the unembedding with its
// bias and cap; so the last one is the model's own prediction, whether its weights were processed or not.

import Tensors

/// The predictions read off the residual stream at each layer.
public struct LogitLens: Sendable {
  /// The name of each stream: `0_pre`, `0_mid`, …, `final_post`.
  public let labels: [String]
  /// The logits, `[stream, batch, position, dVocabOut]`.
  public let logits: Tensor

  /// The place of a token in each prediction, `[stream, batch, position]`: 0 for the most likely one.
  ///
  /// Only strictly larger logits count as before it. `tokens` are one for all, one for each row, or one for each
  /// position of each row.
  public func ranks(of tokens: [Int]) -> Tensor {
    let (batch, positions, vocabulary) = (logits.shape[1], logits.shape[2], logits.shape[3])
    let chosen = answers(tokens, batch: batch, positions: positions)
    var ranks = Tensor(uninitialized: Array(logits.shape.dropLast()))
    logits.withUnsafeElements { logits in
      ranks.withUnsafeMutableElements { ranks in
        for vector in ranks.indices {
          let row = logits[vector * vocabulary..<(vector + 1) * vocabulary]
          let own = row[row.startIndex + chosen[vector % chosen.count]]
          ranks[vector] = Float(row.count { $0 > own })
        }
      }
    }
    return ranks
  }

  /// The logits of some tokens less those of others, `[stream, batch, position]`.
  public func logitDifferences(tokens: [Int], incorrectTokens: [Int]) -> Tensor {
    values(of: tokens) - values(of: incorrectTokens)
  }

  /// The most likely token at each place, in row-major order of `[stream, batch, position]`.
  public var topTokens: [Int] { logits.argmax(axis: 3) }

  private func values(of tokens: [Int]) -> Tensor {
    let (batch, positions, vocabulary) = (logits.shape[1], logits.shape[2], logits.shape[3])
    let chosen = answers(tokens, batch: batch, positions: positions)
    let count = logits.count / max(vocabulary, 1)
    let values = logits.withUnsafeElements { logits in
      (0..<count).map { logits[$0 * vocabulary + chosen[$0 % chosen.count]] }
    }
    return Tensor(values, Array(logits.shape.dropLast()))
  }
}

extension ActivationCache {
  /// What the model would predict from the stream before each layer, and after the last.
  ///
  /// The logits of a position of one stream are dVocabOut floats: name the positions where many are cached.
  /// - Throws: `AnalysisError.notCached`.
  public func logitLens(
    of model: HookedTransformer, includingMid: Bool = false, positions: Range<Int>? = nil
  ) throws(AnalysisError) -> LogitLens {
    let stack = try accumulatedResid(
      includingMid: includingMid, applyingFinalNormalizationOf: model, positions: positions)
    return LogitLens(labels: stack.labels, logits: model.unembedding(of: stack.parts))
  }
}

extension HookedTransformer {
  /// The logits of normalised vectors `[…, dModel]`, with bias and cap.
  func unembedding(of vectors: Tensor) -> Tensor {
    var logits =
      untiedUnembedding.map { vectors.matmul($0) } ?? vectors.matmul(W_E, transposingOther: true)
    if let b_U { logits += b_U }
    guard let cap = configuration.logitSoftCap else { return logits }
    return (logits / cap).tanh() * cap
  }
}

/// One token for each position of each row, from one for all, one for each row, or as many as there are.
func answers(_ tokens: [Int], batch: Int, positions: Int) -> [Int] {
  switch tokens.count {
  case batch * positions: tokens
  case batch: tokens.flatMap { Array(repeating: $0, count: positions) }
  case 1: Array(repeating: tokens[0], count: batch * positions)
  default: preconditionFailure("\(tokens.count) tokens for \(batch) rows of \(positions) positions")
  }
}
