// Weights that are easier to read: the same predictions, less that does not matter.
//
// A LayerNorm's weights act just before a linear map and can be multiplied into it; its centring makes the mean of
// everything written to the stream invisible; adding the same number to all logits changes no probability; attention
// sums to one, so the values' biases are constants. The steps are those of TransformerLens. Each makes a new model.

import Tensors

extension HookedTransformer {
  /// A new model with steps taken that were not taken before; `exactSteps` unless given.
  ///
  /// Throws when a step that is given would not be exact for this architecture: a residual stream that is not centred
  /// cannot have its writing weights centred, for instance. Without steps those are passed over, which `skippedSteps`
  /// lists, as TransformerLens does.
  public func processed(_ steps: Processing? = nil) throws -> HookedTransformer {
    let steps = steps ?? exactSteps
    var model = self
    let missing = steps.subtracting(processing)
    if missing.contains(.foldedLayerNorm) { model = try model.foldingLayerNorm() }
    if missing.contains(.centeredWritingWeights) { model = try model.centeringWritingWeights() }
    if missing.contains(.centeredUnembedding) { model = try model.centeringUnembedding() }
    if missing.contains(.foldedValueBiases) { model = model.foldingValueBiases() }
    if missing.contains(.refactoredAttention) { model = try model.refactoringAttention() }
    return model
  }

  // MARK: - Folding of normalisations

  /// A new model whose normalisations have no weights: they are in the layers that read.
  ///
  /// Where the mean is subtracted before a layer reads, the mean over the stream is also taken out of the layer's
  /// weights, which see nothing of it.
  public func foldingLayerNorm() throws(ProcessingError) -> HookedTransformer {
    if let obstacle = obstacle(to: .foldedLayerNorm) { throw obstacle }
    let centers = configuration.normalization.centers
    // Queries and keys of a shortformer read position vectors too, and those have a mean.
    let centersKeys = centers && configuration.positions != .shortformer
    var model = marked(.foldedLayerNorm)
    for layer in blocks.indices {
      let (ln1, ln2) = (blocks[layer].ln1, blocks[layer].ln2)
      var attn = blocks[layer].attn
      fold(ln1, into: &attn.W_Q, bias: &attn.b_Q, centersKeys)
      fold(ln1, into: &attn.W_K, bias: &attn.b_K, centersKeys)
      fold(ln1, into: &attn.W_V, bias: &attn.b_V, centers)
      model.blocks[layer].attn = attn
      model.blocks[layer].ln1 = NormalizationWeights()
      guard var mlp = blocks[layer].mlp else { continue }
      if var gate = mlp.W_gate {
        var none: Tensor?
        let norm = NormalizationWeights(w: ln2.w)
        fold(norm, into: &gate, bias: &none, centers)
        fold(norm, into: &mlp.W_in, bias: &none, centers)
        mlp.W_gate = gate
      } else {
        fold(ln2, into: &mlp.W_in, bias: &mlp.b_in, centers)
      }
      if let inner = mlp.ln {
        fold(inner, into: &mlp.W_out, bias: &mlp.b_out, true)
        mlp.ln = NormalizationWeights()
      }
      model.blocks[layer].mlp = mlp
      model.blocks[layer].ln2 = NormalizationWeights()
    }
    let final = configuration.unembeddingNormalization
    if final != .none {
      var unembedding = W_U
      fold(lnFinal, into: &unembedding, bias: &model.b_U, final.centers)
      model.untieUnembedding(unembedding)
      model.lnFinal = NormalizationWeights()
    }
    model.configuration.normalization = configuration.normalization.folded
    model.configuration.finalNormalization = configuration.finalNormalization?.folded
    return model
  }

  // MARK: - Centring

  /// A new model in which everything that is written to the residual stream has mean zero over the stream.
  public func centeringWritingWeights() throws(ProcessingError) -> HookedTransformer {
    if let obstacle = obstacle(to: .centeredWritingWeights) { throw obstacle }
    var model = marked(.centeredWritingWeights)
    if configuration.tiesEmbeddings { model.untieUnembedding(W_U) }
    model.W_E = centered(W_E)
    if case .learned = configuration.positions { model.W_pos = W_pos.map(centered) }
    for layer in blocks.indices {
      model.blocks[layer].attn.W_O = centered(blocks[layer].attn.W_O)
      model.blocks[layer].attn.b_O = blocks[layer].attn.b_O.map(centered)
      if let mlp = blocks[layer].mlp {
        model.blocks[layer].mlp?.W_out = centered(mlp.W_out)
        model.blocks[layer].mlp?.b_out = mlp.b_out.map(centered)
      }
    }
    return model
  }

  /// A new model whose logits have mean zero over the tokens; probabilities are the same.
  public func centeringUnembedding() throws(ProcessingError) -> HookedTransformer {
    if let obstacle = obstacle(to: .centeredUnembedding) { throw obstacle }
    var model = marked(.centeredUnembedding)
    model.untieUnembedding(centered(W_U))
    model.b_U = b_U.map(centered)
    return model
  }

  // MARK: - Attention

  /// A new model whose values have no biases: what they add to every position is in `b_O`.
  public func foldingValueBiases() -> HookedTransformer {
    var model = marked(.foldedValueBiases)
    let group = configuration.nHeads / max(configuration.nKeyValueHeads, 1)
    for layer in blocks.indices {
      let attn = blocks[layer].attn
      guard let b_V = attn.b_V else { continue }
      let heads = (0..<configuration.nHeads).map { $0 / group }
      let byHead = b_V.reshaped([configuration.nKeyValueHeads, configuration.dHead]).gathered(at: heads)
      let constant = byHead.reshaped([1, configuration.nHeads * configuration.dHead]).matmul(attn.W_O)
        .reshaped([configuration.dModel])
      model.blocks[layer].attn.b_O = attn.b_O.map { $0 + constant } ?? constant
      model.blocks[layer].attn.b_V = Tensor(zeros: b_V.shape)
    }
    return model
  }

  // MARK: - Parts

  private func marked(_ step: Processing) -> HookedTransformer {
    var model = self
    model.processing.insert(step)
    return model
  }

  private mutating func untieUnembedding(_ unembedding: Tensor) {
    untiedUnembedding = unembedding
    configuration.tiesEmbeddings = false
  }
}

/// Multiplies a normalisation into the weights `[width, outputs]` that read it, and adds what its bias becomes.
private func fold(_ norm: NormalizationWeights, into W: inout Tensor, bias: inout Tensor?, _ centers: Bool) {
  let width = W.shape[0]
  if let b = norm.b {
    let constant = b.reshaped([1, width]).matmul(W).reshaped([W.shape[1]])
    bias = bias.map { $0 + constant } ?? constant
  }
  if let w = norm.w { W *= w.reshaped([width, 1]) }
  if centers { W -= W.mean(axis: 0, keepingAxis: true) }
}

/// The same rows, each less its mean.
private func centered(_ rows: Tensor) -> Tensor { rows - rows.mean(axis: -1, keepingAxis: true) }
