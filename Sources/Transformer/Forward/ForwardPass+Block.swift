// One block: attention and MLP read the stream and add to it, one after the other or side by side.
//
// Where a run reads one position only, its last block computes that position only.

import Tensors

extension ForwardPass {
  /// The stream behind a block, from the stream before it or between its two halves.
  mutating func block(_ layer: Int, _ input: Variable, fromResidMid isResumed: Bool) throws -> Variable {
    let block = model.blocks[layer]
    let weights = weights.part("blocks.\(layer)")
    let read = onlyReadPosition(layer)
    // Positions behind the one that is read are seen by nobody.
    var residual = read.map { $0 + 1 < input.shape[1] ? input.slice(axis: 1, 0..<$0 + 1) : input } ?? input
    var attnOut: Variable?
    if !isResumed {
      residual = try table.pass(.residPre, layer, residual)
      var written = try attention(layer, residual, block, weights, onlyLastQuery: read != nil)
      if configuration.normalizesOutputs {
        written = try normalize(
          written, block.ln1Post, weights.part("ln1_post"), scale: .ln1PostScale, normalized: .ln1PostNormalized,
          layer: layer)
      }
      written = try table.pass(.attnOut, layer, written)
      attnOut = written
    }
    if let read { residual = residual.slice(axis: 1, read..<read + 1) }
    guard let mlp = block.mlp else {
      return try table.pass(.residPost, layer, attnOut.map { residual + $0 } ?? residual)
    }
    if configuration.residual == .sequential {
      if let attnOut { residual = residual + attnOut }
      if !isResumed { residual = try table.pass(.residMid, layer, residual) }
    }
    let mlpIn = try table.pass(.mlpIn, layer, residual)
    var written = try self.mlp(layer, mlpIn, block, mlp, weights)
    if configuration.normalizesOutputs {
      written = try normalize(
        written, block.ln2Post, weights.part("ln2_post"), scale: .ln2PostScale, normalized: .ln2PostNormalized,
        layer: layer)
    }
    written = try table.pass(.mlpOut, layer, written)
    if configuration.residual == .parallel, let attnOut { residual = residual + attnOut }
    return try table.pass(.residPost, layer, residual + written)
  }

  /// The position that alone has to be computed of what a layer writes, where the run reads one and the layer is last.
  private func onlyReadPosition(_ layer: Int) -> Int? {
    guard
      let places = options.readPositions, let place = places.first, layer == configuration.nLayers - 1,
      tokens.positions > 1, places.allSatisfy({ $0 == place }), cache == nil, configuration.direction == .causal,
      configuration.positions != .shortformer, !configuration.smearsKeys, table.isUntouched(layer: layer),
      keyMask == nil || place == tokens.positions - 1
    else { return nil }
    return place
  }

  private mutating func mlp(
    _ layer: Int, _ input: Variable, _ block: BlockWeights, _ mlp: MLPWeights, _ blockWeights: Weights
  ) throws -> Variable {
    let weights = blockWeights.part("mlp")
    let x = try normalize(
      input, block.ln2, blockWeights.part("ln2"), scale: .ln2Scale, normalized: .ln2Normalized, layer: layer)
    let (W_in, b_in) = (weights("W_in", mlp.W_in), weights("b_in", mlp.b_in))
    var post: Variable
    if let W_gate = weights("W_gate", mlp.W_gate) {
      let gate = try table.pass(.pre, layer, x.linear(W_gate))
      let linear = try table.pass(.preLinear, layer, x.linear(W_in))
      post = activate(gate) * linear
      if let b_in { post = post + b_in }
    } else {
      let pre = try table.pass(.pre, layer, x.linear(W_in, bias: b_in))
      post = activate(pre)
    }
    if let norm = mlp.ln {
      let mid = try table.pass(.mid, layer, post)
      post = try normalize(
        mid, norm, weights.part("ln"), scale: .mlpScale, normalized: .mlpNormalized, layer: layer, kind: .layerNorm)
    }
    post = try table.pass(.post, layer, post)
    return post.linear(weights("W_out", mlp.W_out), bias: weights("b_out", mlp.b_out))
  }

  private func activate(_ x: Variable) -> Variable {
    switch configuration.activation {
    case .gelu: x.gelu()
    case .geluTanh: x.geluTanh()
    case .relu: x.relu()
    case .silu: x.silu()
    case .solu: x * x.softmax()
    }
  }
}

extension ActivationName {
  /// Whether a block computes it from the stream that enters its MLP.
  var isAfterResidMid: Bool {
    switch self {
    case .mlpIn, .ln2Scale, .ln2Normalized, .pre, .preLinear, .mid, .mlpScale, .mlpNormalized, .post, .ln2PostScale,
      .ln2PostNormalized, .mlpOut, .residPost:
      true
    default: false
    }
  }
}
