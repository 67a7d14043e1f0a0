// The residual stream as it accumulates, and as the sum of what each layer writes.
//
// Names, labels and order are TransformerLens's. Every decomposition checks that its parts sum to the stream.

import Tensors

extension ActivationCache {
  /// The residual stream before each layer up to one, and after the last: `0_pre`, `1_pre`, …, `final_post`.
  ///
  /// - Parameters:
  ///   - layer: The layer up to whose input the streams are taken; all layers unless given.
  ///   - includingMid: Whether the streams between attention and MLP, `0_mid`, …, of the layers before are among them,
  ///     where there are any.
  ///   - model: The model whose final normalisation is applied to each with the statistics of each, as the logit lens
  ///     needs it (`StackNormalizer.perLayer`); nil for the streams as they are.
  ///   - positions: The positions; all unless given.
  /// - Throws: `AnalysisError.notCached`.
  public func accumulatedResid(
    layer: Int? = nil, includingMid: Bool = false, applyingFinalNormalizationOf model: HookedTransformer? = nil,
    positions: Range<Int>? = nil
  ) throws(AnalysisError) -> ResidualStack {
    let read = CachedActivations(cache: self, positions: positions)
    let end = layer ?? configuration.nLayers
    precondition((0...configuration.nLayers).contains(end), "layer \(end) of a model of \(configuration.nLayers)")
    var (labels, streams): ([String], [Tensor]) = ([], [])
    let hasMid = includingMid && !configuration.isAttentionOnly && configuration.residual == .sequential
    for layer in 0...end {
      let entrance = read.entrance(layer, ofMLP: false)
      streams.append(try read(entrance.activation, layer: entrance.layer))
      labels.append(layer == configuration.nLayers ? "final_post" : "\(layer)_pre")
      if hasMid && layer < end {
        let middle = read.entrance(layer, ofMLP: true)
        streams.append(try read(middle.activation, layer: layer))
        labels.append("\(layer)_mid")
      }
    }
    let stack = ResidualStack(labels: labels, parts: Tensor.stacked(streams))
    return try model.map { (model) throws(AnalysisError) in
      try applyLayerNorm(toStack: stack, .perLayer, of: model, positions: positions)
    } ?? stack
  }

  /// Which layers' outputs a decomposition holds.
  public enum ResidualSources: Sendable {
    /// Embeddings, attention and MLPs: they sum to the stream.
    case all
    /// Attention only.
    case attention
    /// MLPs only.
    case mlp
  }

  /// What was written to the residual stream before a layer: `embed`, `pos_embed`, `0_attn_out`, `0_mlp_out`, ….
  ///
  /// With all sources the parts sum to the stream that enters the layer (its MLP with `mlpInput`), and the cache must
  /// hold that stream too.
  ///
  /// - Throws: `AnalysisError.notCached`, and `partsDoNotSum` when they do not.
  public func decomposeResid(
    layer: Int? = nil, mlpInput: Bool = false, sources: ResidualSources = .all, positions: Range<Int>? = nil
  ) throws(AnalysisError) -> ResidualStack {
    let read = CachedActivations(cache: self, positions: positions)
    let end = layer ?? configuration.nLayers
    let entrance = read.entrance(end, ofMLP: mlpInput)
    var (labels, parts): ([String], [Tensor]) = ([], [])
    if sources == .all {
      for (label, part) in try read.embeddings() {
        labels.append(label)
        parts.append(part)
      }
    }
    for layer in 0..<end {
      if sources != .mlp {
        labels.append("\(layer)_attn_out")
        parts.append(try read(.attnOut, layer: layer))
      }
      if sources != .attention && !configuration.isAttentionOnly {
        labels.append("\(layer)_mlp_out")
        parts.append(try read(.mlpOut, layer: layer))
      }
    }
    if mlpInput && sources != .mlp {
      labels.append("\(end)_attn_out")
      parts.append(try read(.attnOut, layer: end))
    }
    precondition(!parts.isEmpty, "no such layer lies before layer \(end)")
    let stack = ResidualStack(labels: labels, parts: Tensor.stacked(parts))
    if sources == .all {
      try stack.requireSum(try read(entrance.activation, layer: entrance.layer), of: entrance.name)
    }
    return stack
  }

  /// The stack as what comes after normalises it; see `StackNormalizer` for which question that answers.
  ///
  /// Weights of the normalisation are applied where it still has any. Its offsets are part of no contribution: with
  /// `.perLayer`, where each vector is a whole stream, they are applied too.
  ///
  /// - Throws: `AnalysisError.notCached` when the divisor of the run was not kept.
  public func applyLayerNorm(
    toStack stack: ResidualStack, _ normalizer: StackNormalizer, of model: HookedTransformer,
    positions: Range<Int>? = nil
  ) throws(AnalysisError) -> ResidualStack {
    let read = CachedActivations(cache: self, positions: positions)
    let frozen: FrozenNormalization?
    switch normalizer {
    case .perLayer: return ResidualStack(labels: stack.labels, parts: model.finalNormalization(of: stack.parts))
    case .finalScale: frozen = try read.normalization(of: model, before: configuration.nLayers, ofMLP: false)
    case .inputScale(let layer, let ofMLP):
      precondition((0..<configuration.nLayers).contains(layer), "layer \(layer) of \(configuration.nLayers)")
      frozen = try read.normalization(of: model, before: layer, ofMLP: ofMLP)
    }
    return frozen.map { ResidualStack(labels: stack.labels, parts: $0.contribution(of: stack.parts)) } ?? stack
  }
}

extension CachedActivations {
  /// The embeddings that are in the residual stream, with their labels.
  func embeddings() throws(AnalysisError) -> [(label: String, part: Tensor)] {
    let embed = try self(.embed)
    guard case .learned = configuration.positions else { return [("embed", embed)] }
    return [("embed", embed), ("pos_embed", try self(.posEmbed))]
  }
}

extension HookedTransformer {
  /// The final normalisation with its weights, of vectors `[…, dModel]`.
  func finalNormalization(of vectors: Tensor) -> Tensor {
    let kind = configuration.unembeddingNormalization
    guard kind != .none else { return vectors }
    return kind.centers
      ? vectors.layerNorm(weight: lnFinal.w, bias: lnFinal.b, epsilon: configuration.epsilon)
      : vectors.rmsNorm(weight: lnFinal.w, epsilon: configuration.epsilon)
  }
}
