// What is asked of the model of sentences beyond the shared protocols, on small random models.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("What the model of sentences is asked") struct SentenceProbesTests {
  private let mixture: SentenceMixture
  private let prompts: IndirectObjectPrompts
  private let abc: IndirectObjectPrompts

  init() throws {
    let pairs = NameTask(names: SentenceMixture.nameCount)
      .divided(heldOut: SentenceMixture.heldOutPairs, RandomStream(seed: 0))
    mixture = try SentenceMixture(pairs: pairs.training)
    prompts = try mixture.prompts(60, of: pairs.heldOut, RandomStream(seed: 1))
    abc = try prompts.abc(random: RandomStream(seed: 2))
  }

  private func study(mlp: Int, _ normalization: Normalization) throws -> IndirectObjectProtocol {
    var configuration = TransformerConfiguration(
      nLayers: 2, dModel: 16, nHeads: 4, dMLP: mlp, dVocab: mixture.vocabulary.count, nContext: mixture.width)
    configuration.normalization = normalization
    configuration.initializerRange = 0.4
    let model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 3))
    return try IndirectObjectProtocol(
      model: try normalization == .none ? model : model.processed(), prompts: prompts, abc: abc)
  }

  @Test("a remark names one of the two people in the words of the mixture, where there is room for it")
  func remarks() throws {
    let study = try study(mlp: 32, .layerNorm)
    let few = try SentenceRemarks.prompts(of: study)
    #expect(few.count == 20 && few.prompts.allSatisfy(\.template.hasTwoSentences))
    let long = try few.remarking(about: .io, predicates: SentenceRemarks.predicates, random: RandomStream(seed: 4))
    for (row, plain) in zip(long.rows, few.rows) { #expect(row.count == plain.count + SentenceRemarks.length) }
    try #require(long.width <= study.model.configuration.nContext)
    for (row, io) in zip(long.rows, long.ioTokens) { #expect(row.count { $0 == io } == 2) }
    let remarks = try SentenceRemarks(study, RandomStream(seed: 5))
    #expect(remarks.plain.logitDifferences.count == 20 && remarks.leftAboutIO != remarks.leftAboutS)
  }

  @Test("attribution is what path patching takes where only addition lies between, and not where MLPs do")
  func attribution() throws {
    for (mlp, isExact) in [(0, true), (64, false)] {
      let study = try study(mlp: mlp, mlp == 0 ? .none : .layerNorm)
      let effects = try study.pathEffects(to: [.logits])
      let found = try SentenceAttribution(study, effects)
      let exchanged = try IndirectObjectProtocol(model: study.model, prompts: abc, abc: prompts)
      let new = try SentenceAttribution(exchanged, effects)
      let intact = try study.behaviour().logitDifference.mean
      // What a head adds in the sentence, less what it adds to the same names in p_ABC.
      let gaps = zip(zip(found.attributed, new.onOtherNames), found.falls).map { abs($0.0 - $0.1 - $1 * intact) }
      #expect(gaps.count == 8 && ((gaps.max() ?? .nan) < 1e-4) == isExact)
    }
  }

  @Test("the share counts heads among as many of largest attribution")
  func share() throws {
    let study = try study(mlp: 32, .layerNorm)
    let found = try SentenceAttribution(study, study.pathEffects(to: [.logits]))
    let order = found.attributed.indices.sorted { found.attributed[$0] > found.attributed[$1] }
    let heads = order.map { Writer.head($0 / 4, $0 % 4) }
    #expect(found.share(of: [heads[0], heads[1]]) == 1 && found.share(of: [heads[1], heads[7]]) == 0.5)
    #expect(found.share(of: [heads[7]]) == 0)
  }

  @Test("steps without heads have no attention, and the other heads have some")
  func upstream() throws {
    let study = try study(mlp: 32, .layerNorm)
    let circuit = try SentenceCircuit(study)
    let upstream = try SentenceUpstream(study, circuit)
    for (step, count) in [
      (upstream.inhibition, circuit.inhibitors.count), (upstream.repetition, min(1, circuit.repetition.count)),
      (upstream.previous, circuit.previous.count),
    ] {
      #expect(step.count == count && (step.attention > 0) == (count > 0) && (step.onABC > 0) == (count > 0))
      #expect(step.ofOthers > 0 && step.strongest >= max(step.attention, step.ofOthers) && step.strongest <= 1)
    }
    // The mean over found and other heads is the mean over all.
    let own = try study.attention(from: .s2, to: [.s1, .s1Next]).mean(axis: 3).sum(axis: 0)
    let step = upstream.repetition
    let sum = Double(step.count) * step.attention + Double(8 - step.count) * step.ofOthers
    #expect(abs(sum - Double(own.sum())) < 1e-4)
  }
}
