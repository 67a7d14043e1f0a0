// Run C of path patching: the original tokens, every head frozen but the senders.
//
// With attention frozen nothing passes between positions, so only the positions at which somebody sends and somebody
// receives are computed. Several sets of senders are rows of one batch; each layer costs at most its MLP.

import Tensors

/// Runs in which all heads are frozen but senders.
struct FrozenPass {
  private let patching: PathPatching
  private let receivers: [Reader]
  /// The positions that are computed of each example, as many of each.
  private let places: [[Int]]
  /// The original tokens at those positions.
  let tokens: TokenBatch

  private var model: HookedTransformer { patching.model }
  private var configuration: TransformerConfiguration { patching.model.configuration }
  private var isSequential: Bool { configuration.residual == .sequential }

  /// Prepares runs that end at some receivers.
  init(_ patching: PathPatching, receivers: [Reader]) {
    self.patching = patching
    self.receivers = receivers
    let original = patching.original
    let count = original.positions
    var places = (0..<original.batch).map { patching.receiverPositions.list(example: $0, count: count) }
    if receivers == [.logits] {
      places = patching.metric.places(in: original).map { [$0] }
    } else if patching.senderPositions != .all {
      let sent = places.enumerated().map { example, list in
        let sending = Set(patching.senderPositions.list(example: example, count: count))
        return list.filter(sending.contains)
      }
      if !sent.contains(where: \.isEmpty) { places = sent }
    }
    // Hooks were written for whole activations, and rows of a batch are equally long. Those before an MLP are in what
    // runs A and B have left. A smeared key reads the position before it.
    let isEven = Set(places.map(\.count)).count <= 1
    let smearsKeys = patching.model.configuration.smearsKeys
    if !isEven || patching.hooksReachMLPs || smearsKeys { places = places.map { _ in Array(0..<count) } }
    self.places = places
    let flat = places.enumerated().flatMap { row, list in list.map { row * count + $0 } }
    var tokens = TokenBatch(
      tokens: flat.map { original.tokens[$0] }, batch: original.batch, positions: places.first?.count ?? 0)
    tokens.positionIDs = flat.map { original.positionIDs?[$0] ?? $0 % max(count, 1) }
    if smearsKeys { tokens.mask = original.mask }
    self.tokens = tokens
  }

  /// What the receivers read for each set of senders, or the stream that the logits read at the metric's positions.
  ///
  /// Received activations are `[set · batch, …]` in the shape of their hook points, with the original run's values at
  /// positions at which nobody sends.
  func run(_ sets: [[Writer]]) throws -> (received: [HookPoint: Tensor], residual: Tensor) {
    let rows = tokens.repeated(sets.count)
    let c = configuration
    let start = sets.flatMap(\.self).map { $0.layer ?? 0 }.min() ?? 0
    let end = receivers.contains(.logits) ? c.nLayers : (receivers.compactMap(\.layer).max() ?? 0) + 1
    var received: [HookPoint: Tensor] = [:]
    var residual = stream(start, sets.count)
    if sets.contains(where: { $0.contains(.embed) }) {
      let change = patching.newCache[.embed] - patching.cache[.embed]
      let own = sets.map { $0.contains(.embed) }
      residual += masked(gathered(change, .embed), .embed, own)
    }
    // With MLPs frozen too, the stream is the original one and what senders changed of it.
    var change = patching.freezesMLPs ? residual - stream(start, sets.count) : residual
    for layer in start..<end {
      if patching.freezesMLPs { residual = stream(layer, sets.count) + change }
      try receiveAttention(layer, residual, rows, into: &received, sets.count)
      let isAtEnd = layer == end - 1 && !receivers.contains(.logits) && !receivers.contains(.mlp(layer: layer))
      if isAtEnd { break }
      let attnOut = try attention(layer, sets, rows)
      let mid = isSequential ? residual + attnOut : residual
      if receivers.contains(.mlp(layer: layer)) { keep(HookPoint(.mlpIn, layer: layer), mid, &received, sets.count) }
      if patching.freezesMLPs {
        if sets.contains(where: { $0.contains { $0.layer == layer } }) {
          change += attnOut - repeated(.attnOut, layer, sets.count)
          if !c.isAttentionOnly {
            change +=
              replacingSenders(repeated(.mlpOut, layer, sets.count), layer, sets)
              - repeated(.mlpOut, layer, sets.count)
          }
        }
        continue
      }
      let behind = isSequential ? mid : residual + attnOut
      residual = c.isAttentionOnly ? behind : behind + replacingSenders(try mlp(layer, mid, rows), layer, sets)
    }
    if patching.freezesMLPs { residual = stream(c.nLayers, sets.count) + change }
    return (received, receivers == [.logits] ? readOff(residual, sets.count) : residual)
  }

  // MARK: - Parts of a block

  /// What queries, keys and values are made of the stream, where somebody receives them.
  private func receiveAttention(
    _ layer: Int, _ residual: Tensor, _ rows: TokenBatch, into received: inout [HookPoint: Tensor], _ count: Int
  ) throws {
    let names = Set(receivers.filter { $0.layer == layer }.compactMap { $0.point?.activation })
    guard !names.isDisjoint(with: [.q, .k, .v]) else { return }
    var pass = try ForwardPass(model, rows, RunOptions(hooks: []))
    let block = model.blocks[layer]
    let (q, k, v) = try pass.queriesKeysValues(
      layer, Variable(residual), block, pass.weights.part("blocks.\(layer)"))
    for (name, value) in [(ActivationName.q, q), (.k, k), (.v, v)] where names.contains(name) {
      keep(HookPoint(name, layer: layer), value.value, &received, count)
    }
  }

  /// What attention writes when all heads are frozen but the senders.
  private func attention(_ layer: Int, _ sets: [[Writer]], _ rows: TokenBatch) throws -> Tensor {
    let heads = sets.map { set in
      set.compactMap { sender -> Int? in
        guard case .head(layer, let head) = sender else { return nil }
        return head
      }
    }
    guard heads.contains(where: { !$0.isEmpty }) else { return repeated(.attnOut, layer, sets.count) }
    let point = HookPoint(.z, layer: layer)
    var z = repeated(.z, layer, sets.count)
    let donor = gathered(patching.newCache[point], .z)
    for (slot, heads) in heads.enumerated() where !heads.isEmpty {
      ActivationRegion(heads: heads, positions: sendingPlaces).copy(
        of: .z, from: donor, examples: 0..<tokens.batch, into: &z, at: slot * tokens.batch)
    }
    var pass = try ForwardPass(model, rows, RunOptions())
    return try pass.attentionWrite(layer, Variable(z)).value
  }

  /// What the MLP writes given the stream that it reads.
  private func mlp(_ layer: Int, _ input: Tensor, _ rows: TokenBatch) throws -> Tensor {
    let point = HookPoint(.mlpOut, layer: layer)
    var options = RunOptions(cached: HookFilter([point]), stopAtLayer: layer + 1)
    options.start = RunStart(input, layer: layer, stage: .residMid)
    options.hooks = try patching.hooks.compactMap { hook in
      try hook.restricted(in: configuration) { $0.layer == layer && $0.activation.isAfterResidMid }
    }
    return try model.run(rows, options).cache[point]
  }

  /// The output of an MLP, where it is a sender that of the run on new tokens.
  private func replacingSenders(_ mlpOut: Tensor, _ layer: Int, _ sets: [[Writer]]) -> Tensor {
    var result = mlpOut
    let isSender = sets.map { $0.contains(.mlp(layer: layer)) }
    guard isSender.contains(true) else { return result }
    let donor = gathered(patching.newCache[.mlpOut, layer: layer], .mlpOut)
    for slot in sets.indices where isSender[slot] {
      ActivationRegion(positions: sendingPlaces).copy(
        of: .mlpOut, from: donor, examples: 0..<tokens.batch, into: &result, at: slot * tokens.batch)
    }
    return result
  }

  // MARK: - Positions

  /// At which of the computed positions senders write as in the run on new tokens.
  private var sendingPlaces: PositionChoice {
    if patching.senderPositions == .all { return .all }
    let count = patching.original.positions
    return .each(
      places.enumerated().map { example, list in
        let sending = Set(patching.senderPositions.list(example: example, count: count))
        return list.indices.filter { sending.contains(list[$0]) }
      })
  }

  /// A stream at the metric's positions, `[set · batch, dModel]`.
  private func readOff(_ residual: Tensor, _ count: Int) -> Tensor {
    let read = zip(places, patching.metric.places(in: patching.original)).map { list, place in
      list.firstIndex(of: place) ?? 0
    }
    let rows = Array(repeatElement(read, count: count).joined())
    return model.pick(Variable(residual), at: rows).value
  }

  /// An activation of all positions at those that are computed.
  private func gathered(_ value: Tensor, _ activation: ActivationName) -> Tensor {
    let count = patching.original.positions
    guard places.contains(where: { $0 != Array(0..<count) }) else { return value }
    let rest = Array(value.shape.dropFirst(2))
    let flat = places.enumerated().flatMap { row, list in list.map { row * count + $0 } }
    return value.reshaped([value.shape[0] * count] + rest).gathered(at: flat).reshaped(tokens.shape + rest)
  }

  private func repeated(_ activation: ActivationName, _ layer: Int, _ count: Int) -> Tensor {
    let own = gathered(patching.cache[activation, layer: layer], activation)
    return Tensor.concatenated(Array(repeating: own, count: count))
  }

  /// The original stream before a layer, or at the end.
  private func stream(_ layer: Int, _ count: Int) -> Tensor {
    if layer < configuration.nLayers { return repeated(.residPre, layer, count) }
    return Tensor.concatenated(Array(repeating: gathered(patching.residual, .residPost), count: count))
  }

  /// A change that only some sets make, and only at sending positions.
  private func masked(_ change: Tensor, _ activation: ActivationName, _ makes: [Bool]) -> Tensor {
    var result = Tensor(zeros: [makes.count * change.shape[0]] + change.shape.dropFirst())
    for slot in makes.indices where makes[slot] {
      ActivationRegion(positions: sendingPlaces).copy(
        of: activation, from: change, examples: 0..<tokens.batch, into: &result, at: slot * tokens.batch)
    }
    return result
  }

  /// The stream that enters an MLP, by the name under which it is kept.
  private func mlpInput(_ layer: Int?) -> HookPoint { HookPoint(isSequential ? .residMid : .residPre, layer: layer) }

  /// Puts what was received at its positions among the original run's values, which are right at all others.
  private func keep(_ point: HookPoint, _ value: Tensor, _ received: inout [HookPoint: Tensor], _ count: Int) {
    let (batch, positions) = (tokens.batch, patching.original.positions)
    guard places.contains(where: { $0 != Array(0..<positions) }) else {
      received[point] = value
      return
    }
    let rest = Array(value.shape.dropFirst(2))
    let size = Tensor.count(of: rest)
    let own = patching.cache[point.activation == .mlpIn ? mlpInput(point.layer) : point]
    var whole = Tensor.concatenated(Array(repeating: own, count: count)).reshaped([count * batch * positions, size])
    let rows = value.reshaped([-1, size])
    for set in 0..<count {
      for (example, list) in places.enumerated() {
        let row = set * batch + example
        for (index, place) in list.enumerated() {
          let from = row * list.count + index
          whole.setRows(from: row * positions + place, to: rows.slice(axis: 0, from..<from + 1))
        }
      }
    }
    received[point] = whole.reshaped([count * batch, positions] + rest)
  }
}
