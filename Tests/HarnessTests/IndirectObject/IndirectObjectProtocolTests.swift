// The protocols on a small random model: what must hold whatever the weights.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Protocols of indirect object identification") struct IndirectObjectProtocolTests {
  private static let vocabulary = WordVocabulary(extra: ["Two friends met at a bar."])

  private let study: IndirectObjectProtocol

  init() throws {
    var configuration = TransformerConfiguration(
      nLayers: 3, dModel: 16, nHeads: 2, dVocab: Self.vocabulary.count, nContext: 32)
    configuration.initializerRange = 0.3
    var model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 1))
    model.visitParameters { name, tensor in
      var stream = RandomStream(seed: 2).derived(name)
      if tensor.rank == 1 { tensor += stream.normal(tensor.shape, standardDeviation: 0.2) }
    }
    let prompts = try IndirectObjectPrompts(
      count: 24, templates: [0, 4, 5, 13].map { IndirectObjectTemplate.all[$0] }, sampling: .balanced,
      vocabulary: Self.vocabulary, random: RandomStream(seed: 3))
    study = try IndirectObjectProtocol(
      model: model, prompts: prompts, abc: prompts.abc(random: RandomStream(seed: 4)), tokensAtOnce: 200)
  }

  /// The same in batches of another size.
  private func rebatched() throws -> IndirectObjectProtocol {
    try IndirectObjectProtocol(model: study.model, prompts: study.prompts, abc: study.abc, tokensAtOnce: 4096)
  }

  private func gap(_ left: [Float], _ right: [Float]) -> Float {
    zip(left, right).map { ($0 - $1).magnitude }.max() ?? .nan
  }

  @Test("Logit differences, probabilities and preferences are those of each sentence run alone")
  func behaviour() throws {
    let behaviour = try study.behaviour()
    for row in 0..<study.prompts.count {
      let own = study.prompts.rows[row]
      let logits = study.model(TokenBatch(own)).slice(axis: 1, at: own.count - 1).reshaped([-1])
      let (io, s) = (study.prompts.ioTokens[row], study.prompts.sTokens[row])
      #expect(abs(behaviour.logitDifferences[row] - (logits[io] - logits[s])) < 1e-4)
      #expect(abs(behaviour.ioProbabilities[row] - logits.softmax()[io]) < 1e-5)
    }
    let better = behaviour.logitDifferences.count { $0 > 0 }
    #expect(behaviour.accuracy.mean == Double(better) / 24 && behaviour.accuracy.mean + behaviour.errorRate.mean == 1)
    // Other sentences are judged by the names of the original ones.
    let swapped = try study.prompts.counterfactual(token: .inverted, position: .original, random: RandomStream(seed: 0))
    let exchanged = try IndirectObjectProtocol(
      model: study.model, prompts: swapped, abc: swapped.abc(random: RandomStream(seed: 9))
    ).behaviour()
    #expect(gap(try study.behaviour(on: swapped).logitDifferences, exchanged.logitDifferences.map { -$0 }) < 1e-4)
  }

  @Test("Paths from the original sentences have no effect; readers see only what comes before them")
  func paths() throws {
    let receivers = Reader.queries(of: [.head(1, 0), .head(2, 1)])
    for (receivers, role) in [([Reader.logits], IndirectObjectRole.end), (receivers, .end)] {
      #expect(
        try study.pathEffects(to: receivers, at: role, from: study.prompts).result.effect.magnitudes().maximum() < 1e-4)
    }
    let effects = try study.pathEffects(to: receivers)
    #expect(effects.result.effect.slice(axis: 0, 0..<2).magnitudes().maximum() > 1e-4)
    #expect(effects.result.effect.slice(axis: 0, at: 2).magnitudes().maximum() == 0)
    #expect(effects.ranked.count == 6)
    let drops = effects.ranked.map { effects[$0] }
    #expect(drops == drops.sorted())
    // Senders at a position that nobody reads at change nothing.
    #expect(try study.pathEffects(to: [.logits], at: .s2).result.effect.magnitudes().maximum() < 1e-4)
    // One sender of several is the sweep's cell.
    let alone = try study.pathPatched(from: [.head(0, 1)], to: receivers)
    let cell = effects.result.values.slice(axis: 0, at: 0).slice(axis: 0, at: 1).elements
    #expect(gap(alone, cell) < 1e-4)
  }

  @Test("Batches of any size give the same numbers")
  func batches() throws {
    let other = try rebatched()
    #expect(gap(try study.behaviour().logitDifferences, try other.behaviour().logitDifferences) < 1e-4)
    let (left, right) = (try study.pathEffects(to: [.logits]), try other.pathEffects(to: [.logits]))
    #expect(left.result.values.maximumDifference(from: right.result.values) < 1e-4)
    let (own, theirs) = (try study.knockOuts(), try other.knockOuts())
    let removed: [Writer] = [.head(1, 1), .mlp(layer: 0)]
    #expect(
      gap(
        try own.behaviour(without: removed).logitDifferences, try theirs.behaviour(without: removed).logitDifferences)
        < 1e-4)
    #expect(
      gap(
        try own.directEffects(without: removed).result.baseline,
        try theirs.behaviour(without: removed, at: .end).logitDifferences) < 1e-4)
  }

  @Test("Signals of the original sentences leave everything as it is, also from behind a prefix's own positions")
  func signals() throws {
    let heads: [Writer] = [.head(1, 0), .head(1, 1)]
    let own = try study.behaviour().logitDifferences
    #expect(gap(try study.behaviour(patching: heads, from: study.prompts).logitDifferences, own) < 1e-5)
    let table = try study.signalTable(of: heads, random: RandomStream(seed: 8))
    #expect(abs(table[.original, .original] - Estimate(own).mean) < 1e-5)
    #expect(table.cells.count == 6)
    // What heads write at END behind a prefix is what a run of each prefixed sentence alone has there.
    let prefixed = try study.prompts.prefixed()
    let patched = try study.behaviour(patching: heads, from: prefixed)
    let row = 5
    let donor = try study.model.runWithCache(TokenBatch(prefixed.rows[row])).cache["blocks.1.attn.hook_z"]
    let end = prefixed.rows[row].count - 1
    let tokens = TokenBatch(study.prompts.rows[row])
    let logits = try study.model.runWithHooks(
      tokens,
      hooks: [
        Hook("blocks.1.attn.hook_z") { z, _ in
          z = Tensor.concatenated(
            [z.slice(axis: 1, 0..<z.shape[1] - 1), donor.slice(axis: 1, end..<end + 1)], axis: 1)
        }
      ]
    ).slice(axis: 1, at: tokens.positions - 1).reshaped([-1])
    let difference = logits[study.prompts.ioTokens[row]] - logits[study.prompts.sTokens[row]]
    #expect(abs(patched.logitDifferences[row] - difference) < 1e-4)
  }

  @Test("The signal table's effects are those of the paper's table")
  func publishedSignals() {
    let published: [(TokenSignal, PositionSignal, Double)] = [
      (.original, .original, 3.55), (.original, .inverted, -0.99), (.random, .original, 2.45),
      (.random, .inverted, -1.96), (.inverted, .original, 1.77), (.inverted, .inverted, -3.16),
    ]
    let table = SignalTable(
      cells: published.map { .init(token: $0.0, position: $0.1, logitDifference: Estimate([$0.2])) })
    #expect(abs(table.positionEffect - 2.31) < 0.005 && abs(table.tokenEffect - 0.99) < 0.005)
    #expect(abs(table.fitError - 0.07) < 0.01)
  }

  @Test("Attention from END sums over the positions it reads, and is that of each pattern")
  func attention() throws {
    let attention = try study.attention(to: [.io, .s1, .s2])
    #expect(attention.shape == [3, 3, 2, 24])
    let row = 7
    let cache = try study.model.runWithCache(TokenBatch(study.prompts.rows[row])).cache
    for (index, role) in [IndirectObjectRole.io, .s1, .s2].enumerated() {
      let pattern = cache["blocks.2.attn.hook_pattern"]
      let expected = pattern[0, 1, study.prompts.rows[row].count - 1, study.prompts.positions(of: role)[row]]
      #expect(abs(attention[index, 2, 1, row] - expected) < 1e-5)
    }
  }

  @Test("What comes behind the first heads has no part in their copy scores, and has in those of later heads")
  func copyScores() throws {
    var other = study.model
    other.blocks[0].mlp?.W_out *= -8
    let (own, changed) = (
      try study.copyScores().copying,
      try IndirectObjectProtocol(model: other, prompts: study.prompts, abc: study.abc).copyScores().copying
    )
    #expect(own.slice(axis: 0, at: 0).elements == changed.slice(axis: 0, at: 0).elements)
    #expect(own.slice(axis: 0, 1..<3).maximumDifference(from: changed.slice(axis: 0, 1..<3)) > 0)
  }

  @Test("A mean within forms of sentences that are all alike knocks nothing out")
  func formMeans() throws {
    // Each sentence has a form of its own, and is its own reference.
    let few = study.prompts[0..<8]
    let own = try IndirectObjectProtocol(model: study.model, prompts: few, abc: few.abc(random: RandomStream(seed: 4)))
    let knockOuts = try own.knockOuts(reference: few)
    let heads = Writer.heads(of: study.model.configuration)
    #expect(gap(try knockOuts.behaviour(without: heads).logitDifferences, try own.behaviour().logitDifferences) < 1e-4)
    #expect(throws: IndirectObjectError.self) { try own.knockOuts(reference: few[0..<4]) }
  }

  @Test("What is knocked out of the model in a circuit's evaluation is what hooks knock out where each head acts")
  func circuits() throws {
    let knockOuts = try study.knockOuts()
    let circuit = IndirectObjectCircuit([
      .init("late", [.head(2, 0), .head(2, 1)], at: .end), .init("early", [.head(0, 0)], at: .s2),
    ])
    let evaluation = try knockOuts.evaluation(of: circuit)
    for (head, role) in [(Writer.head(2, 0), IndirectObjectRole.end), (.head(0, 0), .s2)] {
      let there = try knockOuts.behaviour(without: [head], at: role).logitDifferences
      #expect(gap(try evaluation.model(without: [head]), there) < 1e-4)
    }
    // What acts at S2 in the circuit is not removed elsewhere; what is not in it is removed everywhere.
    let everywhere = try knockOuts.behaviour(without: [.head(0, 0)]).logitDifferences
    #expect(gap(try evaluation.model(without: [.head(0, 0)]), everywhere) > 1e-3)
    let outside = try knockOuts.behaviour(without: [.head(1, 1)]).logitDifferences
    #expect(gap(try evaluation.model(without: [.head(1, 1)]), outside) < 1e-4)
    #expect(circuit.minimalitySets == [.head(2, 0): [.head(2, 1)], .head(2, 1): [.head(2, 0)], .head(0, 0): []])
    #expect(evaluation.circuit.nodes == circuit.heads)
  }

  @Test("Sentences that do not go together are refused")
  func alignment() throws {
    let (prompts, model) = (study.prompts, study.model)
    #expect(throws: IndirectObjectError.self) {
      try IndirectObjectProtocol(model: model, prompts: prompts, abc: prompts.prefixed())
    }
    #expect(throws: IndirectObjectError.self) {
      try IndirectObjectProtocol(
        model: model, prompts: prompts,
        abc: prompts.counterfactual(token: .inverted, position: .inverted, random: RandomStream(seed: 1)))
    }
    #expect(throws: IndirectObjectError.self) { try study.behaviour(on: prompts[0..<3]) }
    #expect(throws: IndirectObjectError.self) { try study.pathEffects(to: [.logits], from: prompts.prefixed()) }
  }

  @Test("The circuit of GPT-2 small has 26 heads in seven classes, and the paper's sets for minimality")
  func published() {
    let circuit = IndirectObjectCircuit.gpt2Small
    #expect(circuit.heads.count == 26 && Set(circuit.heads).count == 26 && circuit.classes.count == 7)
    #expect(circuit.minimalitySets[.head(10, 0)] == [.head(9, 9)])
    #expect(circuit.minimalitySets[.head(10, 7)] == [.head(11, 10)])
    #expect(circuit.minimalitySets[.head(11, 9)]?.count == 12)
    #expect(IndirectObjectCircuit.gpt2SmallNaive.heads.count == 13)
    #expect(Set(IndirectObjectCircuit.gpt2SmallNaive.heads).isSubset(of: circuit.heads))
  }
}
