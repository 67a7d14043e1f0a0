// Many runs that differ from one run in an activation or a few each, at the price of what comes after the change.
//
// The unpatched run is made once and what later runs begin with is kept. Patches of one activation are rows of one
// larger batch that starts right behind it (PatchedRuns+Starts.swift); of its end, only the positions that the metric
// reads are normalised and unembedded.

import Tensors

/// One change of a run: a part of one activation is taken from elsewhere.
struct Change {
  let point: HookPoint
  let region: ActivationRegion
  /// What it is taken from, in the activation's shape.
  let donor: Tensor
}

/// What one patched run changes, in the order in which it is computed.
struct Patch {
  let changes: [Change]

  init(_ changes: [Change]) { self.changes = changes }

  init(point: HookPoint, region: ActivationRegion, donor: Tensor) {
    changes = [Change(point: point, region: region, donor: donor)]
  }

  /// Where it changes the run; patches of the same places run together.
  var points: [HookPoint] { changes.map(\.point) }
}

/// A run, and the means to repeat it with patches.
struct PatchedRuns {
  let model: HookedTransformer
  let tokens: TokenBatch
  let metric: Metric
  /// Interventions that are made in every run, before the patch.
  let hooks: [Hook]
  /// What the unpatched run computed.
  let cache: ActivationCache
  /// The metric of the unpatched run.
  let baseline: [Float]
  /// The number of tokens that one batch of patched runs may have.
  let tokensAtOnce: Int

  var configuration: TransformerConfiguration { model.configuration }

  /// The number of tokens of one batch unless a caller chooses: products are at full speed, memory is still small.
  static let defaultTokensAtOnce = 2048

  /// Makes the unpatched run, and keeps what patches of some activations in some layers begin with.
  init(
    _ model: HookedTransformer, _ tokens: TokenBatch, metric: Metric, patching activations: [ActivationName],
    layers: Set<Int>, hooks: [Hook] = [], tokensAtOnce: Int?
  ) throws {
    let configuration = model.configuration
    let needed = PatchedRuns.needed(activations, layers: layers, configuration, withHooks: !hooks.isEmpty)
    var options = RunOptions(hooks: hooks, cached: HookFilter(needed))
    options.logits = .none
    let result = try model.run(tokens, options)
    self.init(
      model, tokens, metric: metric, hooks: hooks, cache: result.cache,
      baseline: metric.values(ofResidual: result.residual.value, tokens, of: model), tokensAtOnce: tokensAtOnce)
  }

  /// Takes an unpatched run that was made before.
  init(
    _ model: HookedTransformer, _ tokens: TokenBatch, metric: Metric, hooks: [Hook] = [], cache: ActivationCache,
    baseline: [Float], tokensAtOnce: Int?
  ) {
    self.model = model
    self.tokens = tokens
    self.metric = metric
    self.hooks = hooks
    self.cache = cache
    self.baseline = baseline
    self.tokensAtOnce = max(1, tokensAtOnce ?? PatchedRuns.defaultTokensAtOnce)
  }

  // MARK: - Running

  /// The metric of each example under each patch, `[patch, batch]`.
  func values(_ patches: [Patch]) throws -> Tensor {
    var readings = Tensor(zeros: [patches.count, tokens.batch, configuration.dModel])
    var first = 0
    while first < patches.count {
      // Patches of the same activations run together.
      var last = first + 1
      while last < patches.count, patches[last].points == patches[first].points { last += 1 }
      try run(patches, first..<last, into: &readings)
      first = last
    }
    return metric.values(ofReadings: readings, of: model)
  }

  private func run(_ patches: [Patch], _ range: Range<Int>, into readings: inout Tensor) throws {
    let examplesAtOnce =
      hooks.isEmpty ? min(tokens.batch, max(1, tokensAtOnce / max(tokens.positions, 1))) : tokens.batch
    let patchesAtOnce =
      hooks.isEmpty ? max(1, tokensAtOnce / max(1, examplesAtOnce * tokens.positions)) : 1
    for firstExample in stride(from: 0, to: tokens.batch, by: max(examplesAtOnce, 1)) {
      let examples = firstExample..<min(firstExample + examplesAtOnce, tokens.batch)
      for firstPatch in stride(from: range.lowerBound, to: range.upperBound, by: patchesAtOnce) {
        let chunk = firstPatch..<min(firstPatch + patchesAtOnce, range.upperBound)
        let x = try read(RowBatch(self, patches: Array(patches[chunk]), examples: examples))
        for (slot, patch) in chunk.enumerated() {
          let part = x.slice(axis: 0, slot * examples.count..<(slot + 1) * examples.count)
          readings.setRows(from: patch * tokens.batch + examples.lowerBound, to: part)
        }
      }
    }
  }

  /// What is unembedded at the end of each row, `[row, dModel]`.
  private func read(_ rows: RowBatch) throws -> Tensor {
    var options = try rows.options()
    options.logits = .none
    options.readPositions = rows.repeated(metric.places(in: tokens))
    return model.finallyNormalized(try model.run(rows.tokens, options).residual).value
  }

  // MARK: - What is kept

  /// What runs that are patched in some activations begin with; with hooks, always what enters the block.
  static func needed(
    _ activations: [ActivationName], layers: Set<Int>, _ c: TransformerConfiguration, withHooks: Bool
  ) -> [HookPoint] {
    let isSequential = c.residual == .sequential && !c.isAttentionOnly
    let existing = Set(c.hookPoints)
    let mlp: [ActivationName] = isSequential || c.isAttentionOnly ? [] : [.mlpOut]
    var names: Set<ActivationName> = []
    for activation in activations where activation.isInBlock {
      if withHooks { names.insert(.residPre) }
      switch activation {
      case .residPre, .residMid, .residPost: names.insert(activation)
      case .attnOut: names.formUnion([.residPre, .attnOut] + mlp)
      case .mlpOut: names.formUnion(isSequential ? [.residMid, .mlpOut] : [.residPre, .attnOut, .mlpOut])
      case .z: names.formUnion([.residPre, .z] + mlp)
      case .q, .k, .v: names.formUnion([.residPre, .q, .k, .v] + mlp)
      case .attnScores, .pattern: names.formUnion([.residPre, activation, .v] + mlp)
      default: names.insert(isSequential && activation.isAfterResidMid ? .residMid : .residPre)
      }
    }
    return layers.sorted().flatMap { layer in
      ActivationName.allCases.filter(names.contains).map { HookPoint($0, layer: layer) }
    }.filter(existing.contains)
  }
}

extension Tensor {
  /// Overwrites consecutive rows, where a row is what the last axis runs along.
  mutating func setRows(from first: Int, to rows: Tensor) {
    let width = rows.shape.last ?? 1
    withUnsafeMutableElements { target in
      rows.withUnsafeElements { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        (to + first * width).update(from: from, count: source.count)
      }
    }
  }
}
