// How much each head behaves like a kind of head.
//
// Scores and exclusions are those of TransformerLens's `detect_head`; the measure and the exclusions hold for every row
// of the batch, and no score is rounded.

import Tensors

extension HookedTransformer {
  /// How much each head behaves like a kind of head on some tokens: the mean over rows, `[layer, head]`.
  ///
  /// - Parameters:
  ///   - tokens: Rows without padding.
  ///   - kind: The kind of head, or a pattern of its own.
  ///   - measure: How attention and pattern are compared.
  ///   - excludingBOS: Whether attention to the first position is left out.
  ///   - excludingCurrentToken: Whether attention of a position to itself is left out.
  public func detectHead(
    _ tokens: TokenBatch, _ kind: HeadPattern, measure: DetectionMeasure = .mul, excludingBOS: Bool = false,
    excludingCurrentToken: Bool = false
  ) throws -> Tensor {
    var options = RunOptions(cached: .each(.pattern))
    options.logits = .none
    return try run(tokens, options).cache.detectHead(
      tokens, kind, measure: measure, excludingBOS: excludingBOS, excludingCurrentToken: excludingCurrentToken)
  }
}

extension ActivationCache {
  /// How much each head behaves like a kind of head, from the patterns of a run over some tokens: `[layer, head]`.
  ///
  /// - Throws: `AnalysisError.notCached` unless the pattern of every layer was kept.
  public func detectHead(
    _ tokens: TokenBatch, _ kind: HeadPattern, measure: DetectionMeasure = .mul, excludingBOS: Bool = false,
    excludingCurrentToken: Bool = false
  ) throws(AnalysisError) -> Tensor {
    precondition(tokens.mask == nil, "a pattern of attention is known only for rows without padding")
    let kinds = (0..<tokens.batch).map { kind.pattern(for: tokens[$0]) }
    if configuration.direction == .causal {
      for pattern in kinds { HeadPattern.requireCausal(pattern) }
    }
    let count = tokens.positions
    return try eachHeadOfEachRow(tokens) { row, pattern in
      kinds[row].withUnsafeElements { expected in
        var (shared, total, difference) = (0.0, 0.0, 0.0)
        for query in 0..<count {
          for key in 0..<count where !(excludingBOS && key == 0) && !(excludingCurrentToken && key == query) {
            let (attention, wanted) = (Double(pattern[query * count + key]), Double(expected[query * count + key]))
            shared += attention * wanted
            total += attention
            difference += (attention - wanted).magnitude
          }
        }
        return switch measure {
        case .mul: total > 0 ? shared / total : 0
        case .abs: 1 - difference / Double(count)
        }
      }
    }
  }

  /// The mean of a score of each head's pattern over the rows, `[layer, head]`.
  func eachHeadOfEachRow(
    _ tokens: TokenBatch, _ score: (_ row: Int, _ pattern: UnsafeBufferPointer<Float>) -> Double
  ) throws(AnalysisError) -> Tensor {
    let (heads, count) = (configuration.nHeads, tokens.positions)
    precondition(tokens.batch > 0 && count > 0, "no tokens, no attention")
    var scores = Tensor(zeros: [configuration.nLayers, heads])
    for layer in 0..<configuration.nLayers {
      let point = HookPoint(.pattern, layer: layer)
      guard contains(point) else { throw .notCached(point.name) }
      let patterns = self[point]
      precondition(
        patterns.shape == [tokens.batch, heads, count, count],
        "patterns of shape \(patterns.shape) for \(tokens.batch) rows of \(count) tokens")
      patterns.withUnsafeElements { elements in
        for head in 0..<heads {
          let sum = (0..<tokens.batch).reduce(0.0) { sum, row in
            let first = (row * heads + head) * count * count
            return sum + score(row, UnsafeBufferPointer(rebasing: elements[first..<first + count * count]))
          }
          scores[layer, head] = Float(sum / Double(tokens.batch))
        }
      }
    }
    return scores
  }
}

extension HeadPattern {
  /// A causal head cannot attend to what is above the diagonal: such a pattern is a mistake.
  fileprivate static func requireCausal(_ pattern: Tensor) {
    for query in 0..<pattern.shape[0] {
      for key in query + 1..<max(pattern.shape[1], query + 1) {
        precondition(pattern[query, key] == 0, "the pattern attends from \(query) to \(key), which lies after it")
      }
    }
  }
}
