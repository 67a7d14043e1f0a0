// One batch of patched runs: some examples of a batch, once for each of some patches of the same activations.
//
// What lies between the patch and the next full residual stream is computed here from what the unpatched run left, so
// that the run can start there:
//
//   resid_pre ─ q, k, v ─ scores ─ pattern ─ z ─ attn_out ─ resid_mid ─ mlp_out ─ resid_pre of the next block
//
// A patch elsewhere, or one that meets hooks, is a hook itself, in a run that starts at its block.

import Tensors

/// Some examples under some patches of the same activations; row `patch · examples + example`.
struct RowBatch {
  let runs: PatchedRuns
  let patches: [Patch]
  let examples: Range<Int>
  /// The tokens of all rows.
  let tokens: TokenBatch

  init(_ runs: PatchedRuns, patches: [Patch], examples: Range<Int>) {
    self.runs = runs
    self.patches = patches
    self.examples = examples
    tokens = runs.tokens.rows(examples).repeated(patches.count)
  }

  /// A list for the batch's examples as one for the rows.
  func repeated(_ list: [Int]) -> [Int] {
    Array(repeatElement(list[examples], count: patches.count).joined())
  }

  /// An activation of the unpatched run for all rows.
  private func repeated(_ activation: ActivationName, _ layer: Int) -> Tensor {
    let point = HookPoint(activation, layer: layer)
    let whole = runs.cache[point]
    let part = examples.count == whole.shape[0] ? whole : whole.slice(axis: 0, examples)
    return patches.count == 1 ? part : Tensor.concatenated(Array(repeating: part, count: patches.count))
  }

  /// An activation with each row's change of it made; `index` counts the changes of a patch.
  private func patched(_ value: Tensor, change index: Int = 0) -> Tensor {
    var value = value
    for (slot, patch) in patches.enumerated() {
      let change = patch.changes[index]
      change.region.copy(
        of: change.point.activation, from: change.donor, examples: examples, into: &value, at: slot * examples.count)
    }
    return value
  }

  // MARK: - Where the run starts

  /// How the rows are run.
  func options() throws -> RunOptions {
    var options = RunOptions()
    guard let first = patches.first?.points, let point = first.first else { return options }
    guard let layer = point.layer else {
      options.hooks = runs.hooks + first.indices.map(patching)
      return options
    }
    let isAlone = first.dropFirst().allSatisfy { $0.layer.map { $0 > layer } ?? false }
    if runs.hooks.isEmpty, isAlone, let start = try start(point.activation, layer) {
      options.start = start
      options.hooks = first.indices.dropFirst().map(patching)
      return options
    }
    let c = runs.configuration
    let isBehindMid = c.residual == .sequential && point.activation.isAfterResidMid && runs.hooks.isEmpty
    options.start = RunStart(
      repeated(isBehindMid ? .residMid : .residPre, layer), layer: layer, stage: isBehindMid ? .residMid : .residPre)
    // The stream that enters the block was cached behind its hooks.
    options.hooks =
      try runs.hooks.compactMap { hook in
        try hook.restricted(in: c) { $0.layer.map { $0 >= layer } ?? false && $0 != HookPoint(.residPre, layer: layer) }
      } + first.indices.map(patching)
    return options
  }

  private func patching(_ index: Int) -> Hook {
    Hook(HookFilter(patches.first.map { [$0.points[index]] } ?? [])) { value, _ in
      value = patched(value, change: index)
    }
  }

  /// The start behind a patched activation; nil where a hook has to make the patch.
  private func start(_ activation: ActivationName, _ layer: Int) throws -> RunStart? {
    let value: () -> Tensor = { patched(repeated(activation, layer)) }
    switch activation {
    case .residPre: return RunStart(value(), layer: layer)
    case .residMid: return RunStart(value(), layer: layer, stage: .residMid)
    case .residPost: return RunStart(value(), layer: layer + 1)
    case .attnOut: return start(behindAttention: value(), layer)
    case .mlpOut:
      let isSequential = runs.configuration.residual == .sequential
      let residual =
        isSequential ? repeated(.residMid, layer) : repeated(.residPre, layer) + repeated(.attnOut, layer)
      return RunStart(residual + value(), layer: layer + 1)
    case .z, .q, .k, .v, .attnScores, .pattern:
      var pass = try ForwardPass(runs.model, tokens, RunOptions())
      let z = try mixture(activation, value(), layer, &pass)
      return start(behindAttention: try pass.attentionWrite(layer, z).value, layer)
    default: return nil
    }
  }

  /// The heads' mixtures of values when one of the activations before them is another.
  private func mixture(
    _ activation: ActivationName, _ value: Tensor, _ layer: Int, _ pass: inout ForwardPass
  ) throws -> Variable {
    switch activation {
    case .pattern, .attnScores:
      let pattern = activation == .pattern ? value : value.softmax()
      return Variable.attentionMixture(pattern: Variable(pattern), values: Variable(repeated(.v, layer)))
    case .q, .k, .v:
      func part(_ name: ActivationName) -> Variable { Variable(name == activation ? value : repeated(name, layer)) }
      return try pass.mixture(layer, queries: part(.q), keys: part(.k), values: part(.v))
    default: return Variable(value)
    }
  }

  private func start(behindAttention attnOut: Tensor, _ layer: Int) -> RunStart {
    let c = runs.configuration
    let residual = repeated(.residPre, layer) + attnOut
    if c.isAttentionOnly { return RunStart(residual, layer: layer + 1) }
    if c.residual == .sequential { return RunStart(residual, layer: layer, stage: .residMid) }
    return RunStart(residual + repeated(.mlpOut, layer), layer: layer + 1)
  }
}

extension TokenBatch {
  /// The same rows several times after each other.
  func repeated(_ count: Int) -> TokenBatch {
    guard count != 1 else { return self }
    func repeated<Element>(_ list: [Element]) -> [Element] { Array(repeatElement(list, count: count).joined()) }
    var result = TokenBatch(tokens: repeated(tokens), batch: batch * count, positions: positions)
    result.mask = mask.map(repeated)
    result.positionIDs = positionIDs.map(repeated)
    return result
  }
}

extension Hook {
  /// The same hook at those of its hook points that a predicate accepts; nil when there are none.
  func restricted(
    in configuration: TransformerConfiguration, to isIncluded: (HookPoint) -> Bool
  ) throws(HookError) -> Hook? {
    let points = try filter.points(of: configuration).filter(isIncluded)
    return points.isEmpty ? nil : Hook(HookFilter(points), differentiable: apply)
  }
}

extension ForwardPass {
  /// The heads' mixtures of values in one block, from queries and keys as they are projected.
  mutating func mixture(
    _ layer: Int, queries: Variable, keys: Variable, values: Variable
  ) throws -> Variable {
    let attn = model.blocks[layer].attn
    return try mixture(
      layer, queries: queries, keys: keys, values: values, attn, weights.part("blocks.\(layer)").part("attn"))
  }

  /// What attention of one block adds to the stream given the heads' mixtures: `hook_attn_out` from `hook_z`.
  mutating func attentionWrite(_ layer: Int, _ z: Variable) throws -> Variable {
    let block = model.blocks[layer]
    let blockWeights = weights.part("blocks.\(layer)")
    let written = try output(layer, z, block.attn, blockWeights.part("attn"))
    guard configuration.normalizesOutputs else { return written }
    return try normalize(
      written, block.ln1Post, blockWeights.part("ln1_post"), scale: .ln1PostScale, normalized: .ln1PostNormalized,
      layer: layer)
  }
}
