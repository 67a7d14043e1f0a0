// Where in the model the answer is made: the logit difference read off the stream layer by layer, and activation
// patching by layer and position on sentences of one form, so that every position is one word.

import Tensors
import Transformer

/// The logit difference that the stream at END would give at each stage.
struct AccumulatedResidual: Sendable {
  /// The architecture of the model.
  let configuration: TransformerConfiguration
  /// `0_pre`, `0_mid`, …, `final_post`.
  let labels: [String]
  /// The mean logit difference at each.
  let differences: [Double]

  /// Reads the stream of all prompts at END.
  init(_ study: IndirectObjectProtocol) throws {
    let (model, prompts) = (study.model, study.prompts)
    let cache = try model.runWithCache(prompts.tokens).cache
    let stack = try cache.accumulatedResid(includingMid: true, applyingFinalNormalizationOf: model)
    let directions =
      model.residualDirections(of: prompts.ioTokens) - model.residualDirections(of: prompts.sTokens)
    let (count, width) = (prompts.width, model.configuration.dModel)
    let ends = prompts.positions(of: .end).enumerated().map { $0.offset * count + $0.element }
    configuration = model.configuration
    labels = stack.labels
    differences = stack.labels.indices.map { stage in
      let rows = stack.parts.slice(axis: 0, at: stage).reshaped([-1, width]).gathered(at: ends)
      return Double((rows * directions).sum(axis: 1).mean())
    }
  }
}

/// How much of the answer comes back when one activation at one position is that of the original sentence.
struct PatchedPositions: Sendable {
  /// The words of one of the sentences, with the token of the beginning.
  let words: [String]
  /// The share of the way back, `[layer][position]`, for the stream, attention and MLP.
  let kinds: [(name: String, shares: [[Double]])]

  /// The share of the answer that is in the stream at END when the second layer begins.
  var atEndBeforeSecondLayer: Double { kinds[0].shares[1].last ?? .nan }

  /// Patches sentences of the first template, the subject first, whose corrupted counterparts have the indirect object
  /// in the second clause.
  init(_ study: IndirectObjectProtocol, _ random: RandomStream) throws {
    let all = study.prompts
    let chosen = all.prompts.filter { $0.template == IndirectObjectTemplate.all[0] && $0.order == .baba }
    let prompts = try IndirectObjectPrompts(chosen, names: all.names, vocabulary: all.vocabulary, bos: all.bos)
    let corrupted = try prompts.counterfactual(token: .inverted, position: .inverted, random: random)
    let cache = try study.model.runWithCache(
      prompts.tokens, names: .each([.residPre, .attnOut, .mlpOut])
    ).cache
    let clean = try study.model.evaluate(prompts.metric, on: prompts.tokens)
    let result = try study.model.activationPatch(
      .blockEvery, corrupted: corrupted.tokens, cleanCache: cache, metric: prompts.metric)
    kinds = zip(["resid_pre", "attn_out", "mlp_out"], ["stream before the layer", "attention", "MLP"]).map {
      kind, name in
      let shares = result[kind].normalizedMean(clean: clean)
      return (name, (0..<shares.shape[0]).map { layer in (0..<shares.shape[1]).map { Double(shares[layer, $0]) } })
    }
    let parts = chosen.first.map { WordVocabulary.split($0.text) } ?? []
    words = ["BOS"] + parts
  }
}
