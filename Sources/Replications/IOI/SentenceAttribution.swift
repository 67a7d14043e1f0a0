// Whether the heads that path patching to the logits finds are those of direct logit attribution (Wang et al. 2022,
// section 3.1). Without normalisation and MLPs the two are one number (HeldOutPairs); here a head may also reach the
// logits through MLPs, which path patching counts and attribution does not.

import Tensors
import Transformer

/// The heads of largest direct effect beside those of largest direct logit attribution.
struct SentenceAttribution: Sendable {
  /// What each head adds at END to the logit difference, the mean over sentences, layer by layer.
  let attributed: [Double]
  /// The same for two names that the sentence has not: those of its counterpart in p_ABC.
  let onOtherNames: [Double]
  /// The fall of the logit difference when each head's paths to the logits are patched, as a part of it.
  let falls: [Double]
  /// The number of heads in a layer.
  let headsInLayer: Int

  /// Takes the last stream of all sentences at END apart; the model's last normalisation must be folded.
  init(_ study: IndirectObjectProtocol, _ effects: HeadEffects) throws {
    let (model, prompts, abc) = (study.model, study.prompts, study.abc)
    let cache = try model.runWithCache(prompts.tokens).cache
    let stack = try cache.stackHeadResults(of: model)
    let ends = prompts.positions(of: .end).enumerated().map { $0.offset * prompts.width + $0.element }
    func means(_ right: [Int], _ wrong: [Int]) throws -> [Double] {
      let all = try cache.logitAttributions(of: stack, model: model, tokens: right, incorrectTokens: wrong)
      let atEnd = all.reshaped([all.shape[0], -1]).gathered(axis: 1, at: ends)
      return atEnd.mean(axis: 1).elements.map(Double.init)
    }
    attributed = try means(prompts.ioTokens, prompts.sTokens)
    onOtherNames = try means(abc.ioTokens, abc.sTokens)
    falls = Writer.heads(of: model.configuration).map { -effects[$0] }
    headsInLayer = model.configuration.nHeads
  }

  /// The share of some heads that are among as many of largest attribution.
  func share(of heads: [Writer], onOtherNames isControl: Bool = false) -> Double {
    let values = isControl ? onOtherNames : attributed
    let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    let top = order.prefix(heads.count).map { Writer.head($0 / headsInLayer, $0 % headsInLayer) }
    return Double(heads.count(where: top.contains)) / Double(heads.count)
  }

  /// Pearson's correlation of attribution and effect over all heads.
  var correlation: Double { pearson(attributed, falls) }
}
