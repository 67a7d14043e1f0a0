// What each attention head and each neuron writes to the residual stream.

import Tensors

extension ActivationCache {
  /// What each head before a layer writes, in the order `L0H0`, `L0H1`, …: `[head, batch, position, dModel]`.
  ///
  /// Computed from `hook_z` where `hook_result` was not kept. With the bias, the heads of each layer sum to its
  /// `hook_attn_out`, which the cache must hold. With a remainder, the last part is everything else in the stream that
  /// enters the layer.
  ///
  /// - Throws: `AnalysisError.notCached`, and `partsDoNotSum` when they do not.
  public func stackHeadResults(
    of model: HookedTransformer, layer: Int? = nil, includingRemainder: Bool = false, positions: Range<Int>? = nil
  ) throws(AnalysisError) -> ResidualStack {
    let read = CachedActivations(cache: self, positions: positions)
    let end = layer ?? configuration.nLayers
    var stacks: [ResidualStack] = []
    for layer in 0..<end { stacks.append(try read.headResults(of: model, layer: layer)) }
    return try read.finish(stacks, before: end, projection: nil, includingRemainder: includingRemainder)
  }

  /// What each neuron before a layer writes, in the order `L0N0`, `L0N1`, …: `[neuron, batch, position, dModel]`.
  ///
  /// That is dModel floats for each neuron and position: give a range of neurons, a range of positions, or directions
  /// onto which each is projected as it is computed. With the bias, all neurons of a layer sum to its `hook_mlp_out`,
  /// which the cache must hold; those that are not asked for are summed too, and checked with the others.
  ///
  /// - Parameters:
  ///   - neurons: The neurons of each layer; all unless given.
  ///   - directions: `[dModel]` or `[dModel, n]`; the last axis of the result is then 1 or n.
  ///   - includingRemainder: Whether the last part is everything else in the stream that enters the layer.
  /// - Throws: `AnalysisError.notCached`, and `partsDoNotSum` when they do not.
  public func stackNeuronResults(
    of model: HookedTransformer, layer: Int? = nil, neurons: Range<Int>? = nil,
    projectingOnto directions: Tensor? = nil, includingRemainder: Bool = false, positions: Range<Int>? = nil
  ) throws(AnalysisError) -> ResidualStack {
    let read = CachedActivations(cache: self, positions: positions)
    let end = layer ?? configuration.nLayers
    let projection = directions.map { Projection(onto: $0) }
    var stacks: [ResidualStack] = []
    if !configuration.isAttentionOnly {
      for layer in 0..<end {
        stacks.append(try read.neuronResults(of: model, layer: layer, neurons: neurons, projection: projection))
      }
    }
    return try read.finish(stacks, before: end, projection: projection, includingRemainder: includingRemainder)
  }
}

/// How parts of the stream are read: normalised by a run's divisor, then along some directions.
struct Projection {
  /// What normalises the parts first; nil for nothing.
  var normalization: FrozenNormalization?
  /// The directions, `[dModel, n]`; nil for all dModel axes as they are.
  var directions: Tensor?

  /// Reads along directions.
  init(onto directions: Tensor?, normalization: FrozenNormalization? = nil) {
    self.directions = directions.map { $0.rank == 1 ? $0.reshaped([$0.count, 1]) : $0 }
    self.normalization = normalization
  }

  /// What is read of parts `[…, batch, position, dModel]`.
  func callAsFunction(_ parts: Tensor) -> Tensor {
    let normalized = normalization?.contribution(of: parts) ?? parts
    return directions.map { normalized.matmul($0) } ?? normalized
  }
}

extension CachedActivations {
  /// What each head of a layer writes; checks that they sum to what attention writes.
  func headResults(of model: HookedTransformer, layer: Int) throws(AnalysisError) -> ResidualStack {
    let c = configuration
    let block = model.blocks[layer]
    var results: Tensor
    if cache.contains(HookPoint(.result, layer: layer)) {
      results = try self(.result, layer: layer).transposed([2, 0, 1, 3])
    } else {
      let z = try self(.z, layer: layer)
      let rows = z.transposed([2, 0, 1, 3]).reshaped([c.nHeads, z.shape[0] * z.shape[1], c.dHead])
      results = rows.matmul(block.attn.W_O.reshaped([c.nHeads, c.dHead, c.dModel]))
        .reshaped([c.nHeads, z.shape[0], z.shape[1], c.dModel])
    }
    let after = try outputNormalization(of: model, layer: layer, ofMLP: false)
    if let after { results = after.contribution(of: results) }
    let stack = ResidualStack(labels: (0..<c.nHeads).map { "L\(layer)H\($0)" }, parts: results)
    try stack.requireSum(
      try self(.attnOut, layer: layer), of: HookPoint(.attnOut, layer: layer).name,
      with: offset(block.attn.b_O, after))
    return stack
  }

  /// What neurons of a layer write, or what is read of it; checks that all of them sum to what the MLP writes.
  func neuronResults(
    of model: HookedTransformer, layer: Int, neurons: Range<Int>?, projection: Projection?
  ) throws(AnalysisError) -> ResidualStack {
    guard let mlp = model.blocks[layer].mlp else { preconditionFailure("layer \(layer) has no MLP") }
    let chosen = neurons ?? 0..<configuration.dMLP
    let after = try outputNormalization(of: model, layer: layer, ofMLP: true)
    let all = try self(.post, layer: layer)
    let post = all.slice(axis: 2, chosen).transposed([2, 0, 1])
    let W_out = mlp.W_out.slice(axis: 0, chosen)
    let shape = post.shape
    var parts: Tensor
    if let projection, let directions = projection.directions {
      // Directions are pulled back to the neurons, so that no neuron's vector is ever formed.
      let read = projection.normalization?.pulledBack(directions) ?? directions
      let written = W_out.matmul(after?.pulledBack(read) ?? read)
      parts = post.reshaped(shape + [1]) * written.reshaped([chosen.count, 1, 1, written.shape[1]])
      if let after { parts /= after.divisor }
      if let normalization = projection.normalization { parts /= normalization.divisor }
    } else {
      parts = post.reshaped(shape + [1]) * W_out.reshaped([chosen.count, 1, 1, configuration.dModel])
      if let after { parts = after.contribution(of: parts) }
      if let projection { parts = projection(parts) }
    }
    let stack = ResidualStack(labels: chosen.map { "L\(layer)N\($0)" }, parts: parts)
    let whole = try self(.mlpOut, layer: layer)
    var others = offset(mlp.b_out, after)?.broadcast(to: whole.shape)
    if chosen.count < configuration.dMLP {
      let rest = Array(0..<chosen.lowerBound) + Array(chosen.upperBound..<configuration.dMLP)
      let written = all.gathered(axis: 2, at: rest).matmul(mlp.W_out.gathered(at: rest))
      let added = after?.contribution(of: written) ?? written
      others = others.map { $0 + added } ?? added
    }
    try stack.requireSum(
      projection?(whole) ?? whole, of: HookPoint(.mlpOut, layer: layer).name,
      with: others.map { others in projection?(others) ?? others })
    return stack
  }

  /// What a layer adds whatever it reads: its bias, as the normalisation after it lets it through, and that one's own.
  func offset(_ bias: Tensor?, _ after: FrozenNormalization?) -> Tensor? {
    guard let after else { return bias }
    let passed = bias.map { after.contribution(of: $0.reshaped([1, 1, $0.count])) }
    guard let own = after.b else { return passed }
    return passed.map { $0 + own } ?? own
  }

  /// The stacks of all layers as one, with a remainder if asked for.
  func finish(
    _ stacks: [ResidualStack], before layer: Int, projection: Projection?, includingRemainder: Bool
  ) throws(AnalysisError) -> ResidualStack {
    let entrance = self.entrance(layer, ofMLP: false)
    guard includingRemainder else {
      precondition(!stacks.isEmpty, "nothing of that kind is written before layer \(layer)")
      return ResidualStack.concatenated(stacks)
    }
    var whole = try self(entrance.activation, layer: entrance.layer)
    if let projection { whole = projection(whole) }
    for stack in stacks { whole -= stack.sum }
    return ResidualStack.concatenated(stacks + [.single("remainder", whole)])
  }
}
