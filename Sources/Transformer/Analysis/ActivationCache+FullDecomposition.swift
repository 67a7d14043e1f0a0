// The residual stream as the sum of every head, every neuron or MLP, the embeddings and the biases.

import Tensors

extension ActivationCache {
  /// The stream that enters a layer, taken apart completely: heads, neurons or MLPs, `embed`, `pos_embed`, `bias`.
  ///
  /// The order is TransformerLens's `get_full_resid_decomposition`. With a normaliser the parts are what each
  /// contributes to what is read there, and a last part `ln_bias` holds the normalisation's own offsets where it still
  /// has any. The parts sum to the whole, and the cache must hold that whole and the outputs of every layer before it.
  ///
  /// - Parameters:
  ///   - layer: The layer whose input is taken apart; the number of layers, the default, stands for the unembedding.
  ///   - mlpInput: Whether it is the input of the layer's MLP.
  ///   - expandingNeurons: Whether MLPs are taken apart into neurons.
  ///   - normalizing: Whether the parts go through the normalisation before the layer, with the run's divisor.
  ///   - directions: `[dModel]` or `[dModel, n]` onto which every part is projected, neurons without ever being formed.
  ///   - positions: The positions; all unless given.
  /// - Throws: `AnalysisError.notCached`, and `partsDoNotSum` when they do not.
  public func fullResidDecomposition(
    of model: HookedTransformer, layer: Int? = nil, mlpInput: Bool = false, expandingNeurons: Bool = true,
    normalizing: Bool = false, projectingOnto directions: Tensor? = nil, positions: Range<Int>? = nil
  ) throws(AnalysisError) -> ResidualStack {
    let read = CachedActivations(cache: self, positions: positions)
    let end = layer ?? configuration.nLayers
    let entrance = read.entrance(end, ofMLP: mlpInput)
    let normalization = normalizing ? try read.normalization(of: model, before: end, ofMLP: mlpInput) : nil
    let projection = Projection(onto: directions, normalization: normalization)
    var stacks: [ResidualStack] = []
    func append(_ label: String, _ part: Tensor) { stacks.append(.single(label, projection(part))) }

    for layer in 0..<(mlpInput ? end + 1 : end) {
      let heads = try read.headResults(of: model, layer: layer)
      stacks.append(ResidualStack(labels: heads.labels, parts: projection(heads.parts)))
    }
    if !configuration.isAttentionOnly {
      for layer in 0..<end {
        if expandingNeurons {
          stacks.append(try read.neuronResults(of: model, layer: layer, neurons: nil, projection: projection))
        } else {
          append("\(layer)_mlp_out", try read(.mlpOut, layer: layer))
        }
      }
    }
    for (label, part) in try read.embeddings() { append(label, part) }
    let stream = try read(entrance.activation, layer: entrance.layer)
    append(
      "bias",
      try read.offsets(
        of: model, attention: 0..<(mlpInput ? end + 1 : end), mlps: expandingNeurons ? 0..<end : 0..<0,
        shape: stream.shape))

    var whole = projection(stream)
    if let offset = normalization?.b {
      let part = (projection.directions.map { offset.matmul($0) } ?? offset).broadcast(to: whole.shape)
      stacks.append(.single("ln_bias", part))
      whole += part
    }
    let stack = ResidualStack.concatenated(stacks)
    try stack.requireSum(whole, of: entrance.name)
    return stack
  }
}

extension CachedActivations {
  /// The sum of what layers add whatever they read, `[batch, position, dModel]`.
  ///
  /// The offsets of an MLP that is one part belong to that part: only those of expanded ones are asked for.
  fileprivate func offsets(
    of model: HookedTransformer, attention: Range<Int>, mlps: Range<Int>, shape: [Int]
  ) throws(AnalysisError) -> Tensor {
    var sum = Tensor(zeros: shape)
    for layer in attention {
      let after = try outputNormalization(of: model, layer: layer, ofMLP: false)
      if let offset = offset(model.blocks[layer].attn.b_O, after) { sum += offset }
    }
    for layer in mlps {
      guard let mlp = model.blocks[layer].mlp else { continue }
      let after = try outputNormalization(of: model, layer: layer, ofMLP: true)
      if let offset = offset(mlp.b_out, after) { sum += offset }
    }
    return sum
  }
}
