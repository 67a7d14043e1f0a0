// Activation patching: a run on corrupted tokens, in which one activation at a time is that of a clean run.
//
// Vig et al. 2020 and Meng et al. 2022; the sweeps are those of TransformerLens's `patching` module.

import Tensors

extension HookedTransformer {
  /// The metric on corrupted tokens when parts of one activation are taken from a clean run, for every cell of a sweep.
  ///
  ///     let result = try model.activationPatch(
  ///       .attnHeadOutAllPos, corrupted: corrupted, cleanCache: cache,
  ///       metric: .logitDifference(correct: io, incorrect: s))
  ///     result.mean  // [layer, head]
  ///
  /// The clean cache must hold the activations of the sweep in all layers, for as many examples and positions. With
  /// `cells` only those are run, index tuples in the order of the sweep's axes, and the result has one axis, `cell`.
  /// `hooks` intervene in all runs, before the patch (a knock-out, say); runs are made one by one then. `tokensAtOnce`
  /// bounds the memory: patches are run together up to so many tokens, 2048 unless given.
  public func activationPatch(
    _ sweep: PatchSweep, corrupted: TokenBatch, cleanCache: ActivationCache, metric: Metric, cells: [[Int]]? = nil,
    hooks: [Hook] = [], tokensAtOnce: Int? = nil
  ) throws -> PatchingResult {
    let shape = { (activation: ActivationName) in
      configuration.shape(
        of: HookPoint(activation, layer: activation.isInBlock ? 0 : nil), batch: corrupted.batch,
        positions: corrupted.positions)
    }
    let layers = configuration.nLayers
    let grids = sweep.kinds.map { sweep.extents($0, shape: shape($0.activation), layers: layers) }
    let swept = cells.map { cells in Set(cells.flatMap { sweep.layer(of: $0).map { [$0] } ?? [] }) }
    let runs = try PatchedRuns(
      self, corrupted, metric: metric, patching: sweep.kinds.map(\.activation), layers: swept ?? Set(0..<layers),
      hooks: hooks, tokensAtOnce: tokensAtOnce)
    var parts: [Tensor] = []
    let batch = corrupted.batch
    for (kind, extents) in zip(sweep.kinds, grids) {
      let chosen = cells ?? PatchSweep.cells(extents)
      let patches = try chosen.map { cell in
        precondition(
          cell.count == sweep.axes.count && zip(cell, extents).allSatisfy { (0..<$1).contains($0) },
          "the cell \(cell) is outside the sweep of extents \(extents)")
        let point = sweep.point(of: cell, kind)
        return Patch(
          point: point, region: sweep.region(of: cell),
          donor: try cleanCache.required(point, from: "the clean cache", shape: shape(kind.activation)))
      }
      let values = try runs.values(patches)
      parts.append(values.reshaped((cells == nil ? extents : [chosen.count]) + [batch]))
    }
    let axes = cells == nil ? sweep.axes.map(\.rawValue) : ["cell"]
    guard sweep.kinds.count > 1 else {
      return PatchingResult(values: parts[0], axes: axes, baseline: runs.baseline)
    }
    let widest = grids.reduce(grids[0]) { zip($0, $1).map(max) }
    let stacked = Tensor.stacked(cells == nil ? parts.map { $0.padded(to: widest + [batch], with: .nan) } : parts)
    return PatchingResult(
      values: stacked, axes: ["patch_type"] + axes, baseline: runs.baseline, patchTypes: sweep.kinds.map(\.name))
  }
}

extension PatchSweep {
  /// The block of a cell; nil where a sweep has none.
  func layer(of cell: [Int]) -> Int? { axes.firstIndex(of: .layer).map { cell[$0] } }
}

extension Tensor {
  /// The same elements at the beginning of each axis of a larger shape.
  func padded(to shape: [Int], with value: Float) -> Tensor {
    guard shape != self.shape else { return self }
    var result = self
    for axis in shape.indices where shape[axis] > result.shape[axis] {
      var missing = result.shape
      missing[axis] = shape[axis] - missing[axis]
      result = Tensor.concatenated([result, Tensor(repeating: value, missing)], axis: axis)
    }
    return result
  }
}
