// Attention of one block: queries, keys and values, scores, pattern, mixture, output.
//
// Without a hook between scores and mixture the three are one fused step. Heads that read inputs of their own (the
// hook points `hook_attn_in`, `hook_q_input`, …) are products of their own.

import Tensors

extension ForwardPass {
  /// What attention writes, `[batch, position, dModel]`; at the last position of the stream alone where that is enough.
  mutating func attention(
    _ layer: Int, _ residual: Variable, _ block: BlockWeights, _ blockWeights: Weights, onlyLastQuery: Bool = false
  ) throws -> Variable {
    let weights = blockWeights.part("attn")
    let attn = block.attn
    var (q, k, v) = try queriesKeysValues(layer, residual, block, blockWeights, onlyLastQuery: onlyLastQuery)
    q = try table.pass(.q, layer, q)
    k = try table.pass(.k, layer, k)
    v = try table.pass(.v, layer, v)
    var z = try mixture(layer, queries: q, keys: k, values: v, attn, weights)
    z = try table.pass(.z, layer, z)
    return try output(layer, z, attn, weights)
  }

  /// Each head's mixture of the values, `[batch, position, head, dHead]`, from queries and keys as they are projected.
  mutating func mixture(
    _ layer: Int, queries: Variable, keys: Variable, values: Variable, _ attn: AttentionWeights, _ weights: Weights
  ) throws -> Variable {
    var (q, k) = (queries, keys)
    if configuration.normalizesQueriesAndKeys {
      q = q.rmsNorm(weight: weights("q_norm.w", attn.qNorm), epsilon: configuration.epsilon)
      k = k.rmsNorm(weight: weights("k_norm.w", attn.kNorm), epsilon: configuration.epsilon)
    }
    if configuration.positions.rotary != nil {
      let keys = k.shape[1]
      q = try table.pass(.rotQ, layer, rotate(q, keys - q.shape[1]..<keys))
      k = try table.pass(.rotK, layer, rotate(k, 0..<keys))
    }
    guard let held = cache?.write(layer: layer, keys: k.value, values: values.value) else {
      return try mixture(layer, q, k, values, keyCount: nil)
    }
    return try mixture(layer, q, Variable(held.keys), Variable(held.values), keyCount: held.filled)
  }

  // MARK: - Queries, keys, values

  /// Queries, keys and values of all heads, each `[batch, position, head, dHead]`.
  mutating func queriesKeysValues(
    _ layer: Int, _ residual: Variable, _ block: BlockWeights, _ blockWeights: Weights, onlyLastQuery: Bool = false
  ) throws -> (q: Variable, k: Variable, v: Variable) {
    let c = configuration
    let attn = block.attn
    let weights = blockWeights.part("attn")
    let (W_Q, b_Q) = (weights("W_Q", attn.W_Q), weights("b_Q", attn.b_Q))
    let (W_K, b_K) = (weights("W_K", attn.W_K), weights("b_K", attn.b_K))
    let (W_V, b_V) = (weights("W_V", attn.W_V), weights("b_V", attn.b_V))
    let inputs: [(name: ActivationName, heads: Int)] = [
      (.attnIn, c.nHeads), (.qInput, c.nHeads), (.kInput, c.nKeyValueHeads), (.vInput, c.nKeyValueHeads),
    ]
    guard inputs.contains(where: { table.isExplicit($0.name, layer) }) else {
      for input in inputs where table.isWatched(input.name, layer) {
        _ = try table.pass(input.name, layer, repeated(residual, heads: input.heads))
      }
      let x = try normalize(
        residual, block.ln1, blockWeights.part("ln1"), scale: .ln1Scale, normalized: .ln1Normalized, layer: layer)
      let places = attentionPositions()
      let reading = places.map { x + $0 } ?? x
      let shape = x.shape.dropLast()
      let asking = onlyLastQuery ? reading.slice(axis: 1, shape[1] - 1..<shape[1]) : reading
      return (
        asking.linear(W_Q, bias: b_Q).reshaped(asking.shape.dropLast() + [c.nHeads, c.dHead]),
        smeared(layer, reading.linear(W_K, bias: b_K).reshaped(shape + [c.nKeyValueHeads, c.dHead]), attn, weights),
        x.linear(W_V, bias: b_V).reshaped(shape + [c.nKeyValueHeads, c.dHead])
      )
    }
    var input = repeated(residual, heads: c.nHeads)
    input = try table.pass(.attnIn, layer, input)
    let grouped = c.nKeyValueHeads == c.nHeads ? input : repeated(residual, heads: c.nKeyValueHeads)
    let places = attentionPositions().map { $0.reshaped([tokens.batch, tokens.positions, 1, c.dModel]) }
    func read(
      _ pass: inout ForwardPass, _ name: ActivationName, _ input: Variable, _ W: Variable, _ b: Variable?, _ heads: Int,
      _ places: Variable?
    ) throws -> Variable {
      let input = try pass.table.pass(name, layer, input)
      var x = try pass.normalize(
        input, block.ln1, blockWeights.part("ln1"), scale: .ln1Scale, normalized: .ln1Normalized, layer: layer)
      if let places { x = x + places }
      return pass.linearByHead(x, W, b, heads: heads)
    }
    return (
      try read(&self, .qInput, input, W_Q, b_Q, c.nHeads, places),
      smeared(layer, try read(&self, .kInput, grouped, W_K, b_K, c.nKeyValueHeads, places), attn, weights),
      try read(&self, .vInput, grouped, W_V, b_V, c.nKeyValueHeads, nil)
    )
  }

  /// Keys mixed with those of the position before, where the configuration says so; a row's first key stays as it is.
  private mutating func smeared(
    _ layer: Int, _ keys: Variable, _ attn: AttentionWeights, _ weights: Weights
  ) -> Variable {
    let count = tokens.positions
    guard configuration.smearsKeys, let smear = weights("smear", attn.smear), count > 0 else { return keys }
    let held = cache?.exchangeLastKeys(layer: layer, for: keys.value)
    guard count > 1 || held != nil else { return keys }
    let first = held.map { Variable($0) } ?? keys.slice(axis: 1, 0..<1)
    var previous = count > 1 ? Variable.concatenated([first, keys.slice(axis: 1, 0..<count - 1)], axis: 1) : first
    if let mask = maskOfPredecessors() { previous = Variable.select(where: mask, previous, otherwise: keys) }
    return previous + (keys - previous) * smear.sigmoid().reshaped([configuration.nKeyValueHeads, 1])
  }

  /// 1 where the position before is a token, 0 where it is padding, `[batch, position, 1, 1]`; nil without padding.
  private func maskOfPredecessors() -> Tensor? {
    guard let keyMask, tokens.batch > 0 else { return nil }
    let keys = keyMask.count / tokens.batch
    let places = (0..<tokens.batch).flatMap { row in
      (keys - tokens.positions..<keys).map { $0 > 0 && keyMask[row * keys + $0 - 1] }
    }
    return Tensor(places.map { $0 ? 1 : 0 }, [tokens.batch, tokens.positions, 1, 1])
  }

  /// The residual stream once for each head, `[batch, position, head, dModel]`.
  private func repeated(_ residual: Variable, heads: Int) -> Variable {
    let shape = residual.shape
    return residual.reshaped([shape[0], shape[1], 1, shape[2]])
      + Variable(Tensor(zeros: [1, 1, heads, 1]))
  }

  /// Each head's own input times its own columns of the weights: `[batch, position, head, dHead]`.
  private func linearByHead(_ x: Variable, _ W: Variable, _ b: Variable?, heads: Int) -> Variable {
    let c = configuration
    let (batch, positions) = (x.shape[0], x.shape[1])
    let rows = x.transposed([2, 0, 1, 3]).reshaped([heads, batch * positions, c.dModel])
    let matrices = W.reshaped([c.dModel, heads, c.dHead]).transposed([1, 0, 2])
    let product = rows.matmul(matrices).reshaped([heads, batch, positions, c.dHead]).transposed([1, 2, 0, 3])
    return b.map { product + $0.reshaped([heads, c.dHead]) } ?? product
  }

  // MARK: - Pattern and mixture

  /// What the heads mix, `[batch, position, head, dHead]`; of keys and values in buffers the first `keyCount` count.
  private mutating func mixture(
    _ layer: Int, _ q: Variable, _ k: Variable, _ v: Variable, keyCount: Int?
  ) throws -> Variable {
    let c = configuration
    let (queries, keys) = (q.shape[1], keyCount ?? k.shape[1])
    let needsMask = AttentionMask.isNeeded(c, layer: layer, keys: keys, padding: keyMask)
    let isPlain = !needsMask && c.scoreSoftCap == nil && c.positions != .alibi
    if isPlain && !table.isExplicit(.attnScores, layer) && !table.isExplicit(.pattern, layer) {
      var kept: AttentionParts = []
      if table.isWatched(.attnScores, layer) { kept.insert(.scores) }
      if table.isWatched(.pattern, layer) { kept.insert(.pattern) }
      let result = Variable.attention(
        queries: q, keys: k, values: v, scale: c.scoreScale(ofLayer: layer), isCausal: c.direction == .causal,
        keyCount: keyCount,
        keeping: kept)
      if kept.contains(.scores), let scores = result.scores { try table.keep(.attnScores, layer, scores) }
      if kept.contains(.pattern), let pattern = result.pattern { try table.keep(.pattern, layer, pattern) }
      return result.output
    }
    var scores = Variable.attentionScores(
      queries: q, keys: k, scale: c.scoreScale(ofLayer: layer), keyCount: keyCount)
    if let cap = c.scoreSoftCap { scores = softCap(scores, cap) }
    if c.positions == .alibi {
      scores = scores + Variable(alibiBiases(heads: c.nHeads, queries: queries, keys: keys))
    }
    if needsMask || (c.direction == .causal && queries > 1) {
      scores = mask(layer, batch: q.shape[0], queries: queries, keys: keys).apply(scores)
    }
    scores = try table.pass(.attnScores, layer, scores)
    let pattern = try table.pass(.pattern, layer, scores.softmax())
    return Variable.attentionMixture(pattern: pattern, values: v, keyCount: keyCount)
  }

  /// The mask of a layer, which layers with the same window share.
  private mutating func mask(_ layer: Int, batch: Int, queries: Int, keys: Int) -> AttentionMask {
    let window = configuration.window(ofLayer: layer)
    if let mask = masks[window], mask.visible.shape[2...] == [queries, keys] { return mask }
    let mask = AttentionMask(
      configuration, window: window, batch: batch, queries: queries, keys: keys, padding: keyMask)
    masks[window] = mask
    return mask
  }

  // MARK: - Output

  /// What attention writes given each head's mixture, before any normalisation of outputs.
  mutating func output(
    _ layer: Int, _ z: Variable, _ attn: AttentionWeights, _ weights: Weights
  ) throws -> Variable {
    let c = configuration
    let (W_O, b_O) = (weights("W_O", attn.W_O), weights("b_O", attn.b_O))
    let (batch, positions) = (z.shape[0], z.shape[1])
    if table.isWatched(.result, layer) {
      let rows = z.transposed([2, 0, 1, 3]).reshaped([c.nHeads, batch * positions, c.dHead])
      let product = rows.matmul(W_O.reshaped([c.nHeads, c.dHead, c.dModel]))
      let result = try table.pass(
        .result, layer, product.reshaped([c.nHeads, batch, positions, c.dModel]).transposed([1, 2, 0, 3]))
      if table.isExplicit(.result, layer) {
        let sum = result.sum(axes: [2])
        return b_O.map { sum + $0 } ?? sum
      }
    }
    return z.reshaped([batch, positions, c.nHeads * c.dHead]).linear(W_O, bias: b_O)
  }
}
