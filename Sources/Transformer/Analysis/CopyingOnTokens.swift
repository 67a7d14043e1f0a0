// Whether a head that attends to a token raises that token's logit, measured on tokens rather than read off weights.

import Tensors

extension ActivationCache {
  /// The share of what a head raises, among the tokens of a row, that goes to the token it attends to: `[layer, head]`.
  ///
  /// After the copying score of Olsson et al. 2022. For each position, what the head would write if it attended to that
  /// position alone goes straight to the logits; less their mean over the vocabulary and below zero cut off, the share
  /// of that position's own token among the distinct tokens of the row is taken, and averaged over positions and rows.
  /// It is 1 for a head that raises nothing else, and one over the number of tokens for one that raises all alike.
  ///
  /// - Parameters:
  ///   - tokens: Rows without padding; the values of every layer must be in the cache.
  ///   - start: The first position that counts: 1 leaves out a beginning-of-sequence token.
  /// - Throws: `AnalysisError.unfoldedNormalization` when the final normalisation has weights of its own, and
  ///   `notCached`.
  public func copyingShares(
    of model: HookedTransformer, _ tokens: TokenBatch, start: Int = 0
  ) throws(AnalysisError) -> Tensor {
    try model.requireFoldedFinalNormalization(for: "the copying score")
    precondition(tokens.mask == nil, "rows with padding have no copying score")
    precondition((0..<tokens.positions).contains(start), "position \(start) of \(tokens.positions)")
    let c = configuration
    let values = CachedActivations(cache: self, positions: start..<tokens.positions)
    let sources = (0..<tokens.batch).map { Array(tokens[$0][start...]) }
    let vocabularies = sources.map { $0.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } } }
    let means = model.meanUnembedding
    let directions = vocabularies.map { (model.residualDirections(of: $0) - means).transposed() }
    var shares = Tensor(zeros: [c.nLayers, c.nHeads])
    for layer in 0..<c.nLayers {
      let v = try values(.v, layer: layer)
      for head in 0..<c.nHeads {
        let W_O = model.W_O(layer: layer, head: head)
        var (sum, count) = (0.0, 0)
        for row in 0..<tokens.batch {
          let written = v.slice(axis: 0, at: row).slice(axis: 1, at: model.keyValueHead(of: head)).matmul(W_O)
          let raised = centered(written).matmul(directions[row]).relu()
          for (place, token) in sources[row].enumerated() {
            let all = raised.slice(axis: 0, at: place).sum()
            guard let own = vocabularies[row].firstIndex(of: token) else { continue }
            sum += all > 0 ? Double(raised[place, own] / all) : 0
            count += 1
          }
        }
        shares[layer, head] = Float(sum / Double(count))
      }
    }
    return shares
  }

  /// What the final normalisation leaves of a vector, but for its divisor: that cancels in shares.
  private func centered(_ written: Tensor) -> Tensor {
    guard configuration.unembeddingNormalization.centers else { return written }
    return written - written.mean(axis: 1, keepingAxis: true)
  }
}

extension HookedTransformer {
  /// The mean of the unembedding over tokens, `[dModel]`.
  fileprivate var meanUnembedding: Tensor {
    untiedUnembedding.map { $0.mean(axis: 1) } ?? W_E.mean(axis: 0)
  }
}
