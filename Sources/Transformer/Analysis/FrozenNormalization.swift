// A normalisation of one run with its divisor kept fixed, which makes it linear: parts of the stream can be read one by
// one and still sum to what the layer read.

import Tensors

/// A normalisation whose divisor is the one of a run.
struct FrozenNormalization {
  /// The divisor of the run, `[batch, position, 1]`.
  let divisor: Tensor
  /// The factors, `[dModel]`.
  let w: Tensor?
  /// The offsets, `[dModel]`, which belong to no part.
  let b: Tensor?
  /// Whether the mean is subtracted.
  let centers: Bool

  /// What a part `[…, batch, position, dModel]` contributes; offsets are left out.
  func contribution(of part: Tensor) -> Tensor {
    var result = centers ? part - part.mean(axis: part.rank - 1, keepingAxis: true) : part
    result = result / divisor
    if let w { result *= w }
    return result
  }

  /// The directions D' for which x·D', divided by the divisor, is the contribution of x times D; `[dModel, n]`.
  func pulledBack(_ directions: Tensor) -> Tensor {
    let weighted = w.map { directions * $0.reshaped([$0.count, 1]) } ?? directions
    return centers ? weighted - weighted.mean(axis: 0, keepingAxis: true) : weighted
  }
}

/// The activations that an analysis reads: those of some positions, with an error for what was not kept.
struct CachedActivations {
  let cache: ActivationCache
  let positions: Range<Int>?

  var configuration: TransformerConfiguration { cache.configuration }

  /// An activation whose second axis is positions.
  func callAsFunction(_ activation: ActivationName, layer: Int? = nil) throws(AnalysisError) -> Tensor {
    let point = HookPoint(activation, layer: layer)
    guard cache.contains(point) else { throw .notCached(point.name) }
    let tensor = cache[point]
    guard let positions else { return tensor }
    return tensor.slice(axis: 1, positions)
  }

  /// The point at which the residual stream enters a layer, or its MLP, or for the number of layers the unembedding.
  func entrance(_ layer: Int, ofMLP: Bool) -> HookPoint {
    let c = configuration
    precondition((0...c.nLayers).contains(layer), "layer \(layer) of a model of \(c.nLayers)")
    precondition(c.nLayers > 0, "a model without layers has no residual stream to take apart")
    guard ofMLP else {
      let isKnown = layer < c.nLayers && cache.contains(HookPoint(.residPre, layer: layer))
      return layer == 0 || isKnown ? HookPoint(.residPre, layer: layer) : HookPoint(.residPost, layer: layer - 1)
    }
    precondition(layer < c.nLayers && !c.isAttentionOnly, "there is no MLP in layer \(layer)")
    precondition(c.residual == .sequential, "MLP and attention of a parallel block read the same stream")
    return HookPoint(.residMid, layer: layer)
  }

  /// The normalisation in front of a layer, or of its MLP, or for the number of layers of the unembedding; nil for none.
  func normalization(
    of model: HookedTransformer, before layer: Int, ofMLP: Bool
  ) throws(AnalysisError) -> FrozenNormalization? {
    if layer == configuration.nLayers {
      return try frozen(.lnFinalScale, nil, model.lnFinal, configuration.unembeddingNormalization)
    }
    let block = model.blocks[layer]
    return ofMLP ? try frozen(.ln2Scale, layer, block.ln2) : try frozen(.ln1Scale, layer, block.ln1)
  }

  /// The normalisation of what attention, or the MLP, of a layer writes; nil for none.
  func outputNormalization(
    of model: HookedTransformer, layer: Int, ofMLP: Bool
  ) throws(AnalysisError) -> FrozenNormalization? {
    guard configuration.normalizesOutputs else { return nil }
    let block = model.blocks[layer]
    return ofMLP ? try frozen(.ln2PostScale, layer, block.ln2Post) : try frozen(.ln1PostScale, layer, block.ln1Post)
  }

  private func frozen(
    _ scale: ActivationName, _ layer: Int?, _ weights: NormalizationWeights, _ kind: Normalization? = nil
  ) throws(AnalysisError) -> FrozenNormalization? {
    let kind = kind ?? configuration.normalization
    guard kind != .none else { return nil }
    return FrozenNormalization(
      divisor: try self(scale, layer: layer), w: weights.w, b: weights.b, centers: kind.centers)
  }
}
