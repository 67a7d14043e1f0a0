// The adversarial sentences of Wang et al. 2022 (appendix L): a remark between the clauses names the indirect object once
// more, so that both names stand twice; one that names the subject is harmless.
//
// The remark is a clause that the mixture has too, "… had a ring.", in sentences that have room for its five words.

import Tensors
import Transformer

/// What a model answers when a remark names one of the two people once more.
struct SentenceRemarks: Sendable {
  /// Without a remark.
  let plain: IndirectObjectBehaviour
  /// With one about the indirect object.
  let aboutIO: IndirectObjectBehaviour
  /// With one about the subject.
  let aboutS: IndirectObjectBehaviour

  /// The predicates of the remarks.
  static let predicates = IndirectObjectWords.objects.map { "had a \($0)." }
  /// The number of tokens of a remark: a name, and a predicate of four.
  static let length = 5

  /// Makes remarks in the sentences that have two clauses and room for one.
  init(_ study: IndirectObjectProtocol, _ random: RandomStream) throws {
    let few = try Self.prompts(of: study)
    let own = try IndirectObjectProtocol(
      model: study.model, prompts: few, abc: few.abc(random: random.derived("p_ABC")), tokensAtOnce: study.tokensAtOnce)
    // One stream for both: the same words about one name and the other.
    let words = random.derived("words")
    plain = try own.behaviour()
    aboutIO = try own.behaviour(on: few.remarking(about: .io, predicates: Self.predicates, random: words))
    aboutS = try own.behaviour(on: few.remarking(about: .s1, predicates: Self.predicates, random: words))
  }

  /// The sentences of a study that a remark fits into.
  static func prompts(of study: IndirectObjectProtocol) throws -> IndirectObjectPrompts {
    let all = study.prompts
    let chosen = all.prompts.indices.filter {
      all.prompts[$0].template.hasTwoSentences
        && all.rows[$0].count + length <= study.model.configuration.nContext
    }
    return try IndirectObjectPrompts(
      chosen.map { all.prompts[$0] }, names: all.names, vocabulary: all.vocabulary, bos: all.bos)
  }

  /// The logit difference with a remark about the indirect object, as a part of that without any.
  var leftAboutIO: Double { aboutIO.logitDifference.mean / plain.logitDifference.mean }

  /// The same with a remark about the subject.
  var leftAboutS: Double { aboutS.logitDifference.mean / plain.logitDifference.mean }
}
