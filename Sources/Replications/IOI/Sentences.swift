// The protocols of Wang et al. 2022 on a model that was trained here on the paper's sentences (SentenceMixture.swift):
// what of the circuit of GPT-2 small a transformer of twelve heads has too, and what it has not.
//
// Everything is measured on 240 sentences about pairs of names that never occurred in a sentence of the task, eight of
// each template and order; means for knock-outs are over their counterparts with unrelated names.

import Tensors
import Transformer

struct Sentences: Experiment {
  let name = "Sentences"
  let claims = [
    "ioi.sentences.prefers-io", "ioi.sentences.name-movers.attention", "ioi.sentences.name-movers.projection",
    "ioi.sentences.name-movers.copying", "ioi.sentences.negative-movers", "ioi.sentences.s-inhibition",
    "ioi.sentences.duplicate-tokens", "ioi.sentences.self-repair", "ioi.sentences.faithfulness",
    "ioi.sentences.completeness", "ioi.sentences.minimality",
  ]
  let configuration: [String: ConfigurationValue] = [
    "layers": .int(SentenceModel.layers), "heads": .int(SentenceModel.heads), "width": .int(SentenceModel.width),
    "neurons": .int(SentenceModel.neurons), "names": .int(SentenceMixture.nameCount),
    "heldOutPairs": .int(SentenceMixture.heldOutPairs), "mixture": "3/5 IOI, 1/5 ABC, 1/5 four other templates",
    "steps": .int(SentenceModel.steps), "rows": .int(SentenceModel.rows), "learningRate": 5e-3,
    "prompts": .int(Self.prompts), "threshold": .double(SentenceCircuit.threshold),
  ]

  private static let prompts = 240
  private static let randomCircuits = 8
  private static let randomSubsets = 12

  struct Observation: Sendable {
    /// The number of updates, and the share of held-out prompts answered with IO rather than S after it.
    var curve: [(step: Int, accuracy: Double)]
    var behaviour: IndirectObjectBehaviour
    /// Answers to p_ABC, judged by the names of the original prompts.
    var behaviourOnABC: IndirectObjectBehaviour
    var circuit: SentenceCircuit
    var diagram: CircuitDiagram
    /// For each name mover.
    var projections: [AttentionProjection]
    /// The correlation of the leading one's attention with projections on random names.
    var projectionOnRandomNames: Double
    var copyScores: CopyScores
    /// Mean attention from END, over heads: name movers to IO and to S, S-inhibition heads to S2 and to IO.
    var moversToIO: Double
    var moversToSubject: Double
    var inhibitorsToS2: Double
    var inhibitorsToIO: Double
    /// The head whose effect through values at S2 is largest, its attention from S2 to S1 and to S1 + 1.
    var finder: Writer
    var finderToS1: Double
    var finderToS1Next: Double
    /// The same, both together, on p_ABC.
    var finderOnABC: Double
    var signals: SignalTable?
    var selfRepair: SelfRepair
    /// The part of the logit difference that is left without what comes before the name movers.
    var withoutUpstream: Double
    var knockOuts: SentenceKnockOuts
    var residual: AccumulatedResidual
    var patching: PatchedPositions
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let (seen, unseen) = NameTask(names: SentenceMixture.nameCount)
      .divided(heldOut: SentenceMixture.heldOutPairs, run.random("held-out pairs"))
    let mixture = try SentenceMixture(pairs: seen)
    let prompts = try mixture.prompts(Self.prompts, of: unseen, run.random("prompts"))
    let abc = try prompts.abc(random: run.random("p_ABC"))
    var curve: [(Int, Double)] = []
    let trained = try SentenceModel.train(on: mixture, run) { step, model in
      let study = try IndirectObjectProtocol(model: model, prompts: prompts, abc: abc)
      curve.append((step, try study.behaviour().accuracy.mean))
    }
    // As in the authors' code: normalisations folded, so that projections on W_U are on what is unembedded.
    let model = try trained.processed()
    let study = try IndirectObjectProtocol(model: model, prompts: prompts, abc: abc, tokensAtOnce: 8192)
    let circuit = try SentenceCircuit(study)

    let attention = try study.attention(to: [.io, .s1, .s2])
    func toward(_ roles: [Int], _ heads: [Writer]) -> Double {
      heads.isEmpty ? 0 : mean(heads.map { head in roles.reduce(0) { $0 + attention.average($1, head) } })
    }
    let finder = circuit.onValues.ranked[0]
    let fromS2 = try study.attention(from: .s2, to: [.s1, .s1Next])
    let fromS2OnABC = try study.attention(from: .s2, to: [.s1, .s1Next], on: abc)

    let projections = try study.attentionProjections(of: circuit.nameMovers)
    let knockOuts = try study.knockOuts()
    let behaviour = try study.behaviour()
    run.report(0.9)
    return Observation(
      curve: curve, behaviour: behaviour, behaviourOnABC: try study.behaviour(on: abc), circuit: circuit,
      diagram: try circuit.diagram(study), projections: projections,
      projectionOnRandomNames: projections[0].correlationOfShuffled(run.random("shuffled names")),
      copyScores: try study.copyScores(), moversToIO: toward([0], circuit.nameMovers),
      moversToSubject: toward([1, 2], circuit.nameMovers), inhibitorsToS2: toward([2], circuit.inhibitors),
      inhibitorsToIO: toward([0], circuit.inhibitors), finder: finder, finderToS1: fromS2.average(0, finder),
      finderToS1Next: fromS2.average(1, finder),
      finderOnABC: fromS2OnABC.average(0, finder) + fromS2OnABC.average(1, finder),
      signals: circuit.inhibitors.isEmpty
        ? nil : try study.signalTable(of: circuit.inhibitors, random: run.random("signals")),
      selfRepair: try knockOuts.selfRepair(removing: circuit.nameMovers),
      withoutUpstream: try knockOuts.behaviour(without: circuit.inhibitors + circuit.repetition)
        .logitDifference.mean / behaviour.logitDifference.mean,
      knockOuts: try SentenceKnockOuts(
        knockOuts, circuit, randomCircuits: Self.randomCircuits, randomSubsets: Self.randomSubsets,
        run.random("circuits")),
      residual: try AccumulatedResidual(study), patching: try PatchedPositions(study, run.random("patched prompts")))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let circuit = seed.circuit
    let others = Writer.heads(of: seed.residual.configuration)
      .filter { $0.place.layer > 0 && !circuit.nameMovers.contains($0) }
    func copying(_ heads: [Writer]) -> Double {
      mean(heads.map { Double(seed.copyScores.copying[$0.place.layer, $0.place.head]) })
    }
    let effects = circuit.onLogits
    let fall = -(effects.ranked.map { effects[$0] }.min() ?? .nan)
    let rises = effects.ranked.map { (layer: $0.place.layer, effect: effects[$0]) }
    func largestRise(_ isWanted: (Int) -> Bool) -> Double {
      max(0, rises.filter { isWanted($0.layer) }.map(\.effect).max() ?? 0) / fall
    }
    return [
      Reading(
        claim: "ioi.sentences.prefers-io", value: seed.behaviour.accuracy.mean,
        control: seed.behaviourOnABC.accuracy.mean,
        detail: [
          "logit difference": seed.behaviour.logitDifference.mean,
          "probability of IO": seed.behaviour.ioProbability.mean,
          "answer at END before the second layer": seed.patching.atEndBeforeSecondLayer,
        ]),
      Reading(
        claim: "ioi.sentences.name-movers.attention", value: seed.moversToIO, control: seed.moversToSubject,
        detail: [
          "name movers": Double(circuit.nameMovers.count), "largest direct effect": fall,
        ]),
      Reading(
        claim: "ioi.sentences.name-movers.projection", value: seed.projections[0].correlation,
        control: seed.projectionOnRandomNames),
      Reading(
        claim: "ioi.sentences.name-movers.copying", value: copying(circuit.nameMovers), control: copying(others)),
      Reading(
        claim: "ioi.sentences.negative-movers", value: largestRise { $0 > 0 }, control: largestRise { $0 == 0 }),
      Reading(
        claim: "ioi.sentences.s-inhibition", value: seed.inhibitorsToS2, control: seed.inhibitorsToIO,
        detail: [
          "S-inhibition heads": Double(circuit.inhibitors.count),
          "position effect": seed.signals?.positionEffect ?? 0, "token effect": seed.signals?.tokenEffect ?? 0,
        ]),
      Reading(
        claim: "ioi.sentences.duplicate-tokens", value: seed.finderToS1 + seed.finderToS1Next,
        control: seed.finderOnABC,
        detail: [
          "attention to S1": seed.finderToS1, "attention to S1+1": seed.finderToS1Next,
          "effect": circuit.onValues[seed.finder],
        ]),
      Reading(
        claim: "ioi.sentences.self-repair", value: seed.selfRepair.ratio, control: seed.withoutUpstream),
      Reading(
        claim: "ioi.sentences.faithfulness", value: seed.knockOuts.faithfulness,
        control: mean(seed.knockOuts.randomFaithfulness),
        detail: [
          "heads in the circuit": Double(circuit.circuit.heads.count),
          "nothing but MLPs": seed.knockOuts.nothing,
        ]),
      Reading(
        claim: "ioi.sentences.completeness", value: seed.knockOuts.meanIncompleteness,
        control: seed.knockOuts.meanIncompletenessOfRandom),
      Reading(
        claim: "ioi.sentences.minimality", value: seed.knockOuts.neededShare,
        control: seed.knockOuts.neededShareOfOthers),
    ]
  }
}

extension Tensor {
  /// The mean over sentences of `[role, layer, head, sentence]` for one role and head.
  fileprivate func average(_ role: Int, _ head: Writer) -> Double {
    let (layer, index) = head.place
    return Double(slice(axis: 0, at: role).slice(axis: 0, at: layer).slice(axis: 0, at: index).mean())
  }
}

extension AttentionProjection {
  /// The correlation when each point has the projection of another point.
  fileprivate func correlationOfShuffled(_ stream: RandomStream) -> Double {
    var stream = stream
    let points = io + subject
    let order = stream.permutation(points.count)
    return pearson(points.map { Double($0.attention) }, order.map { Double(points[$0].projection) })
  }
}
