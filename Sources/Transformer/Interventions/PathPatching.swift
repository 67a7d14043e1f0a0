// Path patching, exactly as in Wang et al. 2022, appendix B: how much some parts of a model matter to others directly.
//
//   A  a run on new tokens: what the senders write there
//   B  a run on the original tokens: what every head writes
//   C  the original tokens again, with every head frozen as in B but the senders, which write as in A (FrozenPass.swift)
//   D  the original tokens again, with the receivers reading what they read in C, and everything else recomputed
//
// The metric of D against that of B is the effect of the paths from senders to receivers that pass no head.

import Tensors

/// Path patching on one pair of batches; A and B are run once, when it is created.
public struct PathPatching {
  let model: HookedTransformer
  let original: TokenBatch
  let metric: Metric
  let freezesMLPs: Bool
  let freezesFinalScale: Bool
  let senderPositions: PositionChoice
  let receiverPositions: PositionChoice
  let hooks: [Hook]
  /// Whether a hook acts on what run C recomputes beside the senders: an MLP.
  let hooksReachMLPs: Bool
  let tokensAtOnce: Int
  /// What run B computed.
  let cache: ActivationCache
  /// What run A computed.
  let newCache: ActivationCache
  /// The stream at the end of run B.
  let residual: Tensor

  /// The metric of each example in the original run.
  public let baseline: [Float]

  /// Makes the two runs that all patches share.
  ///
  /// In run C all heads but the senders are frozen, as their `z`; normalisations are recomputed, so that paths lead
  /// through them; MLPs are recomputed too, as in the paper, unless they are frozen by choice. Senders write as in A at
  /// `senderPositions`, receivers read as in C at `receiverPositions`. With `freezingFinalScale`, the normalisation
  /// before the unembedding divides by what it divided by in B, where the logits receive.
  ///
  /// `hooks` are knock-outs in force in all runs. They may change attention up to `z`, and MLPs; hooks on the residual
  /// stream or on what attention writes are refused, since what is frozen could not feel them.
  public init(
    _ model: HookedTransformer, original: TokenBatch, new: TokenBatch, metric: Metric, freezingMLPs: Bool = false,
    freezingFinalScale: Bool = false, senderPositions: PositionChoice = .all, receiverPositions: PositionChoice = .all,
    hooks: [Hook] = [], tokensAtOnce: Int? = nil
  ) throws {
    guard new.shape == original.shape else {
      throw InterventionError.shape("the batch of new tokens", expected: original.shape, found: new.shape)
    }
    let c = model.configuration
    let hooked = try hooks.flatMap { try $0.filter.points(of: c) }
    if let refused = hooked.first(where: { !$0.activation.leavesStreamToHeads }) {
      throw InterventionError.unsupported("a hook on \(refused) cannot be in force in path patching")
    }
    hooksReachMLPs = hooked.contains { $0.activation.isAfterResidMid }
    self.model = model
    self.original = original
    self.metric = metric
    freezesMLPs = freezingMLPs
    freezesFinalScale = freezingFinalScale
    self.senderPositions = senderPositions
    self.receiverPositions = receiverPositions
    self.hooks = hooks
    self.tokensAtOnce = max(1, tokensAtOnce ?? PatchedRuns.defaultTokensAtOnce)
    let existing = Set(c.hookPoints)
    func cached(_ tokens: TokenBatch, _ names: [ActivationName]) throws -> RunResult {
      let points = (0..<c.nLayers).flatMap { layer in names.map { HookPoint($0, layer: layer) } }
      var options = RunOptions(
        hooks: hooks, cached: HookFilter(([HookPoint(.embed)] + points).filter(existing.contains)))
      options.logits = .none
      return try model.run(tokens, options)
    }
    newCache = try cached(new, [.z, .mlpOut]).cache
    let result = try cached(original, [.residPre, .q, .k, .v, .z, .attnOut, .residMid, .mlpOut])
    cache = result.cache
    residual = result.residual.value
    baseline = metric.values(ofResidual: residual, original, of: model)
  }

  // MARK: - Patching

  /// The metric of each example when some receivers feel what some senders write on the new tokens.
  public func patch(from senders: [Writer], to receivers: [Reader]) throws -> [Float] {
    try patch(fromEach: [senders], to: receivers).elements
  }

  /// The same for several sets of senders, `[set, batch]`.
  ///
  /// The logits can only receive alone: they are the end of run D.
  public func patch(fromEach sets: [[Writer]], to receivers: [Reader]) throws -> Tensor {
    precondition(!receivers.isEmpty, "path patching needs a receiver")
    let isToLogits = receivers.contains(.logits)
    precondition(
      !isToLogits || receivers.count == 1, "the logits receive alone: what other receivers do ends there too")
    let (writers, readers) = (Set(Writer.all(of: model.configuration)), Set(Reader.all(of: model.configuration)))
    if let foreign = sets.joined().first(where: { !writers.contains($0) }) {
      throw InterventionError.unsupported("the model has no \(foreign) that could send")
    }
    if let foreign = receivers.first(where: { !readers.contains($0) }) {
      throw InterventionError.unsupported("the model has no \(foreign) that could receive")
    }
    let unmoved = Tensor(baseline, [1, baseline.count])
    var values = Array(repeating: unmoved, count: sets.count)
    let reaching = sets.indices.filter { set in
      sets[set].contains { sender in receivers.contains { $0.reads(sender, in: model.configuration) } }
    }
    // Sets that begin in the same layer share what comes before.
    let ordered = reaching.sorted { (first(sets[$0]), $0) < (first(sets[$1]), $1) }
    let pass = FrozenPass(self, receivers: receivers)
    let setsAtOnce = hooksReachMLPs ? 1 : max(1, tokensAtOnce / max(1, pass.tokens.tokens.count))
    for start in stride(from: 0, to: ordered.count, by: setsAtOnce) {
      let chunk = Array(ordered[start..<min(start + setsAtOnce, ordered.count)])
      let result = try pass.run(chunk.map { sets[$0] })
      let rows = isToLogits ? readLogits(result.residual) : try receive(result.received, receivers, count: chunk.count)
      for (slot, set) in chunk.enumerated() { values[set] = rows.slice(axis: 0, slot..<slot + 1) }
    }
    return values.isEmpty ? Tensor(zeros: [0, baseline.count]) : Tensor.concatenated(values)
  }

  private func first(_ senders: [Writer]) -> Int { senders.map { $0.layer ?? -1 }.min() ?? 0 }

  /// The metric of streams at the metric's positions, `[set · batch, dModel]`, as `[set, batch]`.
  private func readLogits(_ residual: Tensor) -> Tensor {
    let (batch, width) = (original.batch, model.configuration.dModel)
    let x = Variable(residual)
    var scale: Tensor?
    if freezesFinalScale {
      let own = model.pick(Variable(self.residual), at: metric.places(in: original)).value
      let frozen = model.finalScale(own)
      scale = Tensor.concatenated(Array(repeating: frozen, count: x.shape[0] / max(batch, 1)))
    }
    let readings = model.finallyNormalized(x, scale: scale).value
    return metric.values(ofReadings: readings.reshaped([-1, batch, width]), of: model)
  }

  /// Run D: the metric when the receivers read what they read in run C, `[set, batch]`.
  private func receive(_ received: [HookPoint: Tensor], _ receivers: [Reader], count: Int) throws -> Tensor {
    let points = model.configuration.hookPoints.filter { received[$0] != nil }
    let patches = (0..<count).map { set in
      Patch(
        points.compactMap { point in
          guard let rows = received[point] else { return nil }
          let heads = receivers.filter { $0.point == point }.compactMap(\.head)
          return Change(
            point: point, region: ActivationRegion(heads: heads.isEmpty ? nil : heads, positions: receiverPositions),
            donor: rows.slice(axis: 0, set * original.batch..<(set + 1) * original.batch))
        })
    }
    return try patchedRuns.values(patches)
  }

  /// Runs D from what run B has left.
  var patchedRuns: PatchedRuns {
    PatchedRuns(
      model, original, metric: metric, hooks: hooks, cache: cache, baseline: baseline, tokensAtOnce: tokensAtOnce)
  }
}

extension ActivationName {
  /// Whether a change of it reaches the residual stream only through a head's `z` or an MLP's output.
  fileprivate var leavesStreamToHeads: Bool {
    switch self {
    case .attnIn, .qInput, .kInput, .vInput, .ln1Scale, .ln1Normalized, .q, .k, .v, .rotQ, .rotK, .attnScores, .pattern,
      .z, .mlpIn, .ln2Scale, .ln2Normalized, .pre, .preLinear, .mid, .mlpScale, .mlpNormalized, .post, .ln2PostScale,
      .ln2PostNormalized, .mlpOut:
      true
    default: false
    }
  }
}
