// Path patching: which heads matter to the logits, or to what other heads read, directly (Wang et al. 2022, sections 3.1
// to 3.3, algorithm 1 of appendix B). The four runs are those of `PathPatching`.

import Tensors
import Transformer

/// What the metric loses when the paths from each head to some receivers carry what they carry in other sentences.
public struct HeadEffects: Sendable {
  /// The logit difference of each sentence with each head patched, `[layer, head, sentence]`, and without.
  public let result: PatchingResult

  /// The mean change of the logit difference, as a part of the mean logit difference: `[layer, head]`.
  public var relative: Tensor { result.effect.mean(axis: 2) / average }

  /// The relative change of one head.
  public subscript(_ head: Writer) -> Double {
    guard case .head(let layer, let index) = head else { preconditionFailure("\(head) is no head") }
    return Double(relative[layer, index])
  }

  /// All heads, those whose paths raise the logit difference most first: the largest drop when they are patched.
  public var ranked: [Writer] {
    let values = relative.elements
    let heads = result.values.shape[1]
    return values.indices.sorted { (values[$0], $0) < (values[$1], $1) }.map { .head($0 / heads, $0 % heads) }
  }

  /// The mean logit difference without any patch.
  private var average: Float { Tensor(result.baseline, [result.baseline.count]).mean() }

  /// Joins the effects on several batches of sentences.
  init(joining parts: [PatchingResult]) {
    result = PatchingResult(
      values: Tensor.concatenated(parts.map(\.values), axis: 2), axes: ["layer", "head"],
      baseline: parts.flatMap(\.baseline))
  }
}

extension IndirectObjectProtocol {
  /// Patches the paths from each head alone, at the position of a role, to some receivers.
  ///
  /// Nothing passes between positions on the way, so that receivers hear of it at that position alone; elsewhere they
  /// are held as they were, as in algorithm 1 of the paper.
  ///
  ///     study.pathEffects(to: [.logits])                                  // at END
  ///     study.pathEffects(to: Reader.queries(of: nameMovers))             // at END
  ///     study.pathEffects(to: Reader.values(of: inhibitors), at: .s2)
  ///     study.pathEffects(to: Reader.keys(of: induction), at: .s1Next)
  ///
  /// Senders write what they write in p_ABC, or in `new` sentences that are aligned with the original ones. Heads that
  /// no receiver reads have no effect.
  public func pathEffects(
    to receivers: [Reader], at role: IndirectObjectRole = .end, from new: IndirectObjectPrompts? = nil
  ) throws -> HeadEffects {
    try pathEffects(to: receivers, at: role, from: new) { _ in [] }
  }

  /// The same while hooks that are made for each batch are in force in all runs.
  func pathEffects(
    to receivers: [Reader], at role: IndirectObjectRole = .end, from new: IndirectObjectPrompts? = nil,
    hooks: (Chunk) throws -> [Hook]
  ) throws -> HeadEffects {
    HeadEffects(
      joining: try pathPatchings(at: role, from: new, hooks: hooks).map { try $0().sweepHeads(to: receivers) })
  }

  /// The logit difference of each sentence when several senders are patched together.
  public func pathPatched(
    from senders: [Writer], to receivers: [Reader], at role: IndirectObjectRole = .end,
    new: IndirectObjectPrompts? = nil
  ) throws -> [Float] {
    try pathPatchings(at: role, from: new) { _ in [] }.flatMap { try $0().patch(from: senders, to: receivers) }
  }

  /// The patchings of each batch, whose shared runs are made when they are called for.
  private func pathPatchings(
    at role: IndirectObjectRole, from new: IndirectObjectPrompts?, hooks: (Chunk) throws -> [Hook]
  ) throws -> [() throws -> PathPatching] {
    let new = new ?? abc
    try prompts.requireAligned(new)
    return try zip(chunks(), chunks(of: new)).map { own, other in
      let hooks = try hooks(own)
      return {
        try PathPatching(
          model, original: own.tokens, new: other.tokens, metric: own.prompts.metric,
          senderPositions: own.choice(of: role), hooks: hooks,
          tokensAtOnce: tokensAtOnce)
      }
    }
  }
}

extension Reader {
  /// The queries of some heads.
  public static func queries(of heads: [Writer]) -> [Reader] {
    heads.map { .q(layer: $0.place.layer, head: $0.place.head) }
  }

  /// The keys of some heads, which must not share any.
  public static func keys(of heads: [Writer]) -> [Reader] {
    heads.map { .k(layer: $0.place.layer, head: $0.place.head) }
  }

  /// The values of some heads, which must not share any.
  public static func values(of heads: [Writer]) -> [Reader] {
    heads.map { .v(layer: $0.place.layer, head: $0.place.head) }
  }
}

extension Writer {
  /// The layer and the number of a head.
  var place: (layer: Int, head: Int) {
    guard case .head(let layer, let head) = self else { preconditionFailure("\(self) is no head") }
    return (layer, head)
  }
}

extension Sequence<Writer> {
  /// The numbers of the heads of each layer that has any, layer by layer.
  var byLayer: [(layer: Int, heads: [Int])] {
    let places = map(\.place)
    return Set(places.map(\.layer)).sorted().map { layer in
      (layer, places.filter { $0.layer == layer }.map(\.head))
    }
  }
}
