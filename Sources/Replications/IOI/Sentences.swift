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
    "ioi.sentences.prefers-io", "ioi.sentences.adversarial", "ioi.sentences.direct-effects",
    "ioi.sentences.name-movers.attention", "ioi.sentences.name-movers.projection",
    "ioi.sentences.name-movers.copying", "ioi.sentences.negative-movers", "ioi.sentences.s-inhibition",
    "ioi.sentences.duplicate-tokens", "ioi.sentences.previous-tokens", "ioi.sentences.self-repair",
    "ioi.sentences.faithfulness", "ioi.sentences.completeness", "ioi.sentences.minimality",
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
    /// The logit difference that is left without each MLP, as a part of it.
    var withoutMLP: [Double]
    var remarks: SentenceRemarks
    var circuit: SentenceCircuit
    var attribution: SentenceAttribution
    /// Direct effects on the logits when heads write what they write in sentences with other places and objects.
    var ofOtherWords: HeadEffects
    var diagram: CircuitDiagram
    /// For each name mover.
    var projections: [AttentionProjection]
    /// The correlation of the leading one's attention with projections on random names.
    var projectionOnRandomNames: Double
    var copyScores: CopyScores
    /// Mean attention of the name movers from END to IO and to S.
    var moversToIO: Double
    var moversToSubject: Double
    var upstream: SentenceUpstream
    var signals: SignalTable?
    var selfRepair: SelfRepair
    /// The part of the logit difference that is left when the name movers' paths to the logits alone are patched.
    var withoutMoversPaths: Double
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
    func toward(_ roles: [Int]) -> Double {
      mean(circuit.nameMovers.map { head in roles.reduce(0) { $0 + attention.average($1, head) } })
    }
    let projections = try study.attentionProjections(of: circuit.nameMovers)
    let knockOuts = try study.knockOuts()
    let behaviour = try study.behaviour()
    func left(_ other: Double) -> Double { other / behaviour.logitDifference.mean }
    let withoutMLP = try (0..<SentenceModel.layers).map { layer in
      left(try knockOuts.behaviour(without: [.mlp(layer: layer)]).logitDifference.mean)
    }
    var words = run.random("other words")
    let otherWords = try prompts.changing { prompt in
      prompt.place = IndirectObjectWords.places[words.integer(below: IndirectObjectWords.places.count)]
      prompt.object = IndirectObjectWords.objects[words.integer(below: IndirectObjectWords.objects.count)]
    }
    run.report(0.9)
    return Observation(
      curve: curve, behaviour: behaviour, behaviourOnABC: try study.behaviour(on: abc), withoutMLP: withoutMLP,
      remarks: try SentenceRemarks(study, run.random("remarks")), circuit: circuit,
      attribution: try SentenceAttribution(study, circuit.onLogits),
      ofOtherWords: try study.pathEffects(to: [.logits], from: otherWords), diagram: try circuit.diagram(study),
      projections: projections,
      projectionOnRandomNames: projections[0].correlationOfShuffled(run.random("shuffled names")),
      copyScores: try study.copyScores(), moversToIO: toward([0]), moversToSubject: toward([1, 2]),
      upstream: try SentenceUpstream(study, circuit),
      signals: circuit.inhibitors.isEmpty
        ? nil : try study.signalTable(of: circuit.inhibitors, random: run.random("signals")),
      selfRepair: try knockOuts.selfRepair(removing: circuit.nameMovers),
      withoutMoversPaths: left(
        Estimate(try study.pathPatched(from: circuit.nameMovers, to: [.logits])).mean),
      knockOuts: try SentenceKnockOuts(
        knockOuts, circuit, randomCircuits: Self.randomCircuits, randomSubsets: Self.randomSubsets,
        run.random("circuits")),
      residual: try AccumulatedResidual(study), patching: try PatchedPositions(study, run.random("patched prompts")))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let circuit = seed.circuit
    let others = Writer.heads(of: seed.residual.configuration)
      .filter { !circuit.nameMovers.contains($0) }
    func copying(_ heads: [Writer]) -> Double {
      mean(heads.map { Double(seed.copyScores.copying[$0.place.layer, $0.place.head]) })
    }
    let fall = -circuit.onLogits[circuit.onLogits.ranked[0]]
    func largestRise(_ effects: HeadEffects) -> Double {
      max(0, effects.ranked.last.map { effects[$0] } ?? .nan) / fall
    }
    let upstream = seed.upstream
    return [
      Reading(
        claim: "ioi.sentences.prefers-io", value: seed.behaviour.accuracy.mean,
        control: seed.behaviourOnABC.accuracy.mean,
        detail: [
          "logit difference": seed.behaviour.logitDifference.mean,
          "probability of IO": seed.behaviour.ioProbability.mean,
          "answer at END before the second layer": seed.patching.atEndBeforeSecondLayer,
          "left without the first MLP": seed.withoutMLP[0], "left without the second MLP": seed.withoutMLP[1],
          "left without the third MLP": seed.withoutMLP[2],
        ]),
      Reading(
        claim: "ioi.sentences.adversarial", value: seed.remarks.leftAboutIO, control: seed.remarks.leftAboutS,
        detail: [
          "prompts": Double(seed.remarks.plain.logitDifferences.count),
          "logit difference without a remark": seed.remarks.plain.logitDifference.mean,
          "S above IO with a remark about IO": seed.remarks.aboutIO.errorRate.mean,
          "S above IO with a remark about S": seed.remarks.aboutS.errorRate.mean,
        ]),
      Reading(
        claim: "ioi.sentences.direct-effects", value: seed.attribution.share(of: circuit.nameMovers),
        control: seed.attribution.share(of: circuit.nameMovers, onOtherNames: true),
        detail: [
          "name movers": Double(circuit.nameMovers.count), "correlation over heads": seed.attribution.correlation,
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
        claim: "ioi.sentences.name-movers.copying", value: copying(circuit.nameMovers), control: copying(others),
        detail: ["name movers in the first layer": Double(circuit.nameMovers.count { $0.place.layer == 0 })]),
      Reading(
        claim: "ioi.sentences.negative-movers", value: largestRise(circuit.onLogits),
        control: largestRise(seed.ofOtherWords),
        detail: ["largest negative copy score": Double(seed.copyScores.negative.maximum())]),
      Reading(
        claim: "ioi.sentences.s-inhibition", value: upstream.inhibition.attention,
        control: upstream.inhibition.ofOthers,
        detail: [
          "S-inhibition heads": Double(upstream.inhibition.count), "their attention to IO": upstream.inhibitorsToIO,
          "position effect": seed.signals?.positionEffect ?? 0, "token effect": seed.signals?.tokenEffect ?? 0,
        ]),
      Reading(
        claim: "ioi.sentences.duplicate-tokens", value: upstream.repetition.attention,
        control: upstream.repetition.ofOthers,
        detail: [
          "heads that act at S2": Double(circuit.repetition.count), "the same head in p_ABC": upstream.repetition.onABC,
          "strongest of all heads": upstream.repetition.strongest,
        ]),
      Reading(
        claim: "ioi.sentences.previous-tokens", value: upstream.previous.attention, control: upstream.previous.ofOthers,
        detail: [
          "heads that act at S1+1": Double(upstream.previous.count),
          "largest previous-token score": upstream.previousTokenScore,
        ]),
      Reading(
        claim: "ioi.sentences.self-repair", value: seed.selfRepair.ratio, control: seed.withoutMoversPaths),
      Reading(
        claim: "ioi.sentences.faithfulness", value: seed.knockOuts.faithfulness,
        control: mean(seed.knockOuts.randomFaithfulness),
        detail: [
          "heads in the circuit": Double(circuit.circuit.heads.count),
          "nothing but MLPs": seed.knockOuts.nothing,
        ]),
      Reading(
        claim: "ioi.sentences.completeness", value: seed.knockOuts.meanIncompleteness,
        control: seed.knockOuts.meanIncompletenessOfRandom,
        detail: ["largest under greedy sets": seed.knockOuts.greedyIncompleteness]),
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
