// Path patching from every head, to every head, and straight to the logits.

import Tensors

extension PathPatching {
  /// Patches the paths from each head alone to some receivers: `[layer, head]`.
  ///
  /// A head that no receiver reads has the original run's metric.
  public func sweepHeads(to receivers: [Reader]) throws -> PatchingResult {
    let c = model.configuration
    let values = try patch(fromEach: Writer.heads(of: c).map { [$0] }, to: receivers)
    return PatchingResult(
      values: values.reshaped([c.nLayers, c.nHeads, baseline.count]), axes: ["layer", "head"], baseline: baseline)
  }

  /// Patches the paths from each MLP alone to some receivers: `[layer]`.
  public func sweepMLPs(to receivers: [Reader]) throws -> PatchingResult {
    let values = try patch(fromEach: Writer.mlps(of: model.configuration).map { [$0] }, to: receivers)
    return PatchingResult(values: values, axes: ["layer"], baseline: baseline)
  }

  /// What a receiving head reads.
  public enum Component: String, Sendable, CaseIterable {
    /// The input of its queries.
    case q
    /// The input of its keys.
    case k
    /// The input of its values.
    case v
  }

  /// Patches the paths from some senders to one head's queries, keys or values at a time: `[layer, head]`.
  ///
  /// With `freezingMLPs` this is `get_act_patch_direct_path` of TransformerLens, whose corrupted run is `original` here
  /// and whose clean run is `new`. Heads that read no sender have the original run's metric (there: 0). The axis of heads
  /// is that of key and value heads for keys and values.
  public func sweepReceivers(from senders: [Writer], component: Component) throws -> PatchingResult {
    let c = model.configuration
    let heads = component == .q ? c.nHeads : c.nKeyValueHeads
    func reader(_ layer: Int, _ head: Int) -> Reader {
      switch component {
      case .q: .q(layer: layer, head: head)
      case .k: .k(layer: layer, head: head)
      case .v: .v(layer: layer, head: head)
      }
    }
    let cells = PatchSweep.cells([c.nLayers, heads])
    let isReached = cells.map { cell in senders.contains { reader(cell[0], cell[1]).reads($0, in: c) } }
    let readers = zip(cells, isReached).filter(\.1).map { reader($0.0[0], $0.0[1]) }
    var values = Tensor.concatenated(cells.map { _ in Tensor(baseline, [1, baseline.count]) })
    if !readers.isEmpty {
      let received = try FrozenPass(self, receivers: readers).run([senders]).received
      let patches = readers.compactMap { reader -> Patch? in
        guard let point = reader.point, let donor = received[point], let head = reader.head else { return nil }
        return Patch(
          point: point, region: ActivationRegion(heads: [head], positions: receiverPositions), donor: donor)
      }
      let found = try patchedRuns.values(patches)
      for (row, cell) in isReached.indices.filter({ isReached[$0] }).enumerated() {
        values.setRows(from: cell, to: found.slice(axis: 0, row..<row + 1))
      }
    }
    return PatchingResult(
      values: values.reshaped([c.nLayers, heads, baseline.count]), axes: ["layer", "head"], baseline: baseline)
  }
}
