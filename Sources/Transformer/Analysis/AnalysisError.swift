// What an analysis refuses to compute, rather than to return a wrong number.

/// Why an analysis has no right answer for a model or a cache.
public enum AnalysisError: Error, Equatable, CustomStringConvertible {
  /// An activation that is needed was not kept.
  case notCached(String)
  /// The analysis reads weights behind a normalisation whose own weights stand between.
  case unfoldedNormalization(analysis: String, normalization: String)
  /// The parts of an activation miss it: by `gap`, where its own norm is `norm`.
  ///
  /// More than 10⁻⁴ of their size is a miss: of the root of the sum of squares of the whole and of all its parts.
  case partsDoNotSum(to: String, row: Int, position: Int, gap: Float, norm: Float)

  /// A sentence that says what to do.
  public var description: String {
    switch self {
    case .notCached(let name):
      "\(name) is needed and is not in the cache: name it when the model runs"
    case .unfoldedNormalization(let analysis, let normalization):
      "\(analysis) reads weights as if \(normalization) had none of its own: fold them into the layers that read first"
    case .partsDoNotSum(let whole, let row, let position, let gap, let norm):
      "the parts of \(whole) do not sum to it: the largest gap has norm \(gap) where it has \(norm), in row \(row) at "
        + "position \(position); the cache is of another model, or a hook changed what lies between"
    }
  }
}

extension HookedTransformer {
  /// Throws unless the normalisation before the unembedding has no weights, or such as change nothing.
  func requireFoldedFinalNormalization(for analysis: String) throws(AnalysisError) {
    guard lnFinal.isIdentity else {
      throw .unfoldedNormalization(analysis: analysis, normalization: "ln_final")
    }
  }

  /// Throws unless the normalisations before attention and before the unembedding have no weights that matter.
  func requireFoldedNormalizations(for analysis: String) throws(AnalysisError) {
    try requireFoldedAttentionNormalizations(for: analysis)
    try requireFoldedFinalNormalization(for: analysis)
  }

  /// Throws unless the normalisations before attention have no weights that matter.
  func requireFoldedAttentionNormalizations(for analysis: String) throws(AnalysisError) {
    for (layer, block) in blocks.enumerated() where !block.ln1.isIdentity {
      throw .unfoldedNormalization(analysis: analysis, normalization: "blocks.\(layer).ln1")
    }
  }
}

extension NormalizationWeights {
  /// Whether there are no weights, or only ones and zeros.
  var isIdentity: Bool {
    (w?.withUnsafeElements { $0.allSatisfy { $0 == 1 } } ?? true)
      && (b?.withUnsafeElements { $0.allSatisfy { $0 == 0 } } ?? true)
  }
}
