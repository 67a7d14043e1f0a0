// Knock-outs: heads and MLPs give what they give on average in p_ABC, position by position within each form of sentence
// (Wang et al. 2022, sections 2.1, 3.4 and 4, appendices F and J).
//
// Within a form all sentences have their roles at the same positions; over all of them a mean would mix END with names.

import Tensors
import Transformer

/// Knock-outs by the mean within forms of reference sentences.
public struct IndirectObjectKnockOuts: Sendable {
  /// The sentences and the model.
  public let study: IndirectObjectProtocol

  /// The mean of each form: `z` of every layer and what MLPs write, `[form, position, …]`.
  private let means: ActivationCache
  /// The form of each sentence, as a row of the means.
  private let formRows: [Int]

  /// Takes the means over some reference sentences.
  ///
  /// Throws `IndirectObjectError.notAligned` when a form has no reference sentence.
  init(_ study: IndirectObjectProtocol, reference: IndirectObjectPrompts) throws {
    self.study = study
    let forms = study.prompts.forms.reduce(into: [IndirectObjectPrompt.Form]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let rows = Dictionary(uniqueKeysWithValues: forms.enumerated().map { ($0.element, $0.offset) })
    formRows = study.prompts.forms.compactMap { rows[$0] }
    let tokens = reference.tokens(width: max(reference.width, study.prompts.width))
    let referenceForms = reference.forms
    let caches = try forms.map { form in
      let members = referenceForms.indices.filter { referenceForms[$0] == form }
      guard !members.isEmpty else {
        throw IndirectObjectError.notAligned("no reference sentence has the form of \"\(form.template)\"")
      }
      return try study.meanActivations(members.map { tokens[$0] }).positions(0..<study.prompts.width)
    }
    guard let first = caches.first else { preconditionFailure("the protocols need a sentence") }
    means = first.map { _, point in Tensor.concatenated(caches.map { $0[point] }) }
  }

  /// What takes the place of an activation that is knocked out, one row for each sentence of a range.
  public func ablation(of range: Range<Int>) -> Ablation {
    .resample(from: means, examples: Array(formRows[range]))
  }

  /// The hooks that knock out heads and MLPs in a batch, everywhere or at the position of a role.
  func hooks(removing removed: [Writer], at role: IndirectObjectRole?, in chunk: IndirectObjectProtocol.Chunk) -> [Hook]
  {
    let ablation = ablation(of: chunk.range)
    let positions = role.map { chunk.choice(of: $0) } ?? .all
    let heads = removed.filter { if case .head = $0 { true } else { false } }
    return heads.byLayer.map { layer, heads in
      .ablating(.each(.z, layers: [layer]), heads: heads, positions: positions, by: ablation)
    }
      + removed.compactMap { writer in
        guard case .mlp(let layer) = writer else { return nil }
        return .ablating(.each(.mlpOut, layers: [layer]), positions: positions, by: ablation)
      }
  }

  // MARK: - Knock-outs

  /// What the model answers without some heads and MLPs, at the position of a role or everywhere.
  public func behaviour(
    without removed: [Writer], at role: IndirectObjectRole? = nil
  ) throws -> IndirectObjectBehaviour {
    try study.behaviour { hooks(removing: removed, at: role, in: $0) }
  }

  /// The direct effects of all heads on the logits while some are knocked out at END in all runs.
  public func directEffects(without removed: [Writer]) throws -> HeadEffects {
    try study.pathEffects(to: [.logits]) { hooks(removing: removed, at: .end, in: $0) }
  }

  /// What takes over when some heads are knocked out at END: the paper's three name movers.
  public func selfRepair(removing removed: [Writer]) throws -> SelfRepair {
    SelfRepair(
      removed: removed, intact: try study.behaviour(), knockedOut: try behaviour(without: removed, at: .end),
      effects: try study.pathEffects(to: [.logits]), effectsKnockedOut: try directEffects(without: removed))
  }

  // MARK: - Circuits

  /// Faithfulness, completeness and minimality of a circuit when all other heads are knocked out.
  ///
  /// Each head of the circuit acts at its role's position only, and is knocked out of the model there and nowhere else,
  /// as in the authors' code; MLPs are never touched.
  public func evaluation(of circuit: IndirectObjectCircuit) throws -> CircuitEvaluation {
    let prompts = study.prompts
    return try CircuitEvaluation(
      study.model, circuit.circuit(on: prompts), on: prompts.tokens, metric: prompts.metric,
      ablation: ablation(of: 0..<prompts.count), tokensAtOnce: study.tokensAtOnce)
  }
}

/// What a model does about heads that are missing.
public struct SelfRepair: Sendable {
  /// The heads that are knocked out at END.
  public let removed: [Writer]
  /// What the model answers.
  public let intact: IndirectObjectBehaviour
  /// What it answers without the heads.
  public let knockedOut: IndirectObjectBehaviour
  /// The direct effects of all heads on the logits.
  public let effects: HeadEffects
  /// The same without the heads, relative to what is left of the logit difference.
  public let effectsKnockedOut: HeadEffects

  /// The part of the logit difference that is left.
  public var ratio: Double { knockedOut.logitDifference.mean / intact.logitDifference.mean }

  /// The change of each head's direct effect on the logit difference itself, in its units: `[layer, head]`.
  ///
  /// Negative where a head does more for the right answer than before.
  public var changes: Tensor { effectsKnockedOut.result.effect.mean(axis: 2) - effects.result.effect.mean(axis: 2) }
}

extension IndirectObjectProtocol {
  /// Knock-outs by means over some reference sentences, those of p_ABC unless given.
  ///
  /// A form with few reference sentences has a noisy mean: the paper's code warns below five.
  public func knockOuts(reference: IndirectObjectPrompts? = nil) throws -> IndirectObjectKnockOuts {
    try IndirectObjectKnockOuts(self, reference: reference ?? abc)
  }

  /// The mean activations of some rows, `[1, position, …]`, run in batches.
  fileprivate func meanActivations(_ rows: [[Int]]) throws -> ActivationCache {
    let kinds: [ActivationName] = model.configuration.isAttentionOnly ? [.z] : [.z, .mlpOut]
    let atOnce = max(1, tokensAtOnce / max(1, rows.first?.count ?? 1))
    var sum: ActivationCache?
    for start in stride(from: 0, to: rows.count, by: atOnce) {
      let part = Array(rows[start..<min(start + atOnce, rows.count)])
      let cache = try model.runWithCache(
        TokenBatch(part), names: .each(kinds), stopAtLayer: model.configuration.nLayers
      ).cache.map { tensor, _ in tensor.sum(axis: 0, keepingAxis: true) }
      sum = sum?.map { tensor, point in tensor + cache[point] } ?? cache
    }
    guard let sum else { preconditionFailure("a mean needs a row") }
    return sum.map { tensor, _ in tensor / Float(rows.count) }
  }
}
