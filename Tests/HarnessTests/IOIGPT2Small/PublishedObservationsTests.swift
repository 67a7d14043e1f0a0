// If a run gave the very numbers that were published, every claim would have to come out as reproduced: a claim that does
// not is asked for wrongly. And a model that knows nothing must not pass.

import Foundation
import Tensors
import Testing

@testable import Replications
@testable import Transformer

@Suite("Claims on GPT-2 small, given the published numbers")
struct PublishedObservationsTests {
  private func expectReproduced<E: Experiment>(_ experiment: E, _ observation: E.Observation) throws {
    let judgements = try experiment.judgements(of: observation)
    #expect(Set(judgements.map(\.claim)) == Set(experiment.claims), "\(experiment.name)")
    for (claim, judgement) in judgements {
      #expect(judgement.verdict == .reproduced, "\(claim): \(judgement.reason)")
    }
  }

  private func expectNotReproduced<E: Experiment>(_ experiment: E, _ observation: E.Observation) throws {
    for (claim, judgement) in try experiment.judgements(of: observation) {
      #expect(judgement.verdict.outcome != .reproduced, "\(claim): \(judgement.reason)")
    }
  }

  @Test("behaviour: §2, figure 8")
  func behaviour() throws {
    try expectReproduced(
      PromptedBehaviour(),
      .init(
        plain: .answers(difference: 3.56, errors: 0.007, probability: 0.49),
        unrelated: .answers(difference: 0, errors: 0.5, probability: 0.02),
        aboutIO: .answers(difference: 1.23, errors: 0.234, probability: 0.36),
        aboutS: .answers(difference: 3.64, errors: 0.004, probability: 0.59)))
    try expectReproduced(UntrainedModel(), .init(untrained: Estimate([0.02, -0.01]), trained: 3.56))
    let noise = IndirectObjectBehaviour.answers(difference: 0.01, errors: 0.45, probability: 0.00002)
    try expectNotReproduced(
      PromptedBehaviour(), .init(plain: noise, unrelated: noise, aboutIO: noise, aboutS: noise))
    try expectNotReproduced(UntrainedModel(), .init(untrained: Estimate([0.02, -0.01]), trained: 0.01))
  }

  @Test("attention, projections and copying: §3.1")
  func nameMovers() throws {
    try expectReproduced(
      NameMoverAttention(),
      .init(
        toNames: [0.59, 0.1, 0.1], othersToIO: 0.05, toS1: 0.05, toS2: 0.51, toS2Unrelated: 0.2,
        projections: GPT2Heads.nameMovers.map { .correlated(0.82, $0) }
          + GPT2Heads.negative.map { .correlated(-0.82, $0) },
        shuffled: [0.02, -0.05, 0.01, 0.03, -0.02]))
    let movers = ["9.9": 0.96, "10.0": 0.96, "9.6": 0.96]
    let negative = ["10.7": 0.98, "11.10": 0.98].merging(movers.mapValues { _ in 0 }) { first, _ in first }
    try expectReproduced(
      CopyingHeads(),
      .init(
        copying: [[Double]](0.17, except: movers), negative: [[Double]](0.11, except: negative), average: 0.18,
        averageOfEmbedding: 0.1, averageBehindPrefix: 0.18))
    let nothing = [[Double]](0)
    try expectNotReproduced(
      CopyingHeads(),
      .init(copying: nothing, negative: nothing, average: 0, averageOfEmbedding: 0, averageBehindPrefix: 0))
  }

  @Test("paths: figures 3b, 4b and 5, appendices C and D")
  func paths() throws {
    let rounding = [[Double]](1e-6, except: ["9.9": -2e-6, "10.7": 3e-6])
    func paths(_ drops: [String: Double]) -> PathsBetweenHeads.Paths {
      .init(effects: [[Double]](0.002, except: drops), unpatched: rounding)
    }
    let direct = ["9.9": -0.35, "9.6": -0.2, "10.0": -0.25, "10.7": 0.3, "11.10": 0.2]
    try expectReproduced(
      DirectEffects(), .init(effects: [[Double]](-0.004, except: direct), unpatched: rounding))
    let noise = [[Double]](0.0002, except: ["9.6": -0.0004, "2.3": -0.002, "10.7": -0.0003])
    try expectNotReproduced(DirectEffects(), .init(effects: noise, unpatched: noise))
    let atS2 = ["0.1": -0.1, "3.0": -0.1, "5.5": -0.2, "6.9": -0.1]
    try expectReproduced(
      PathsBetweenHeads(),
      .init(
        queries: paths(["7.3": -0.1, "7.9": -0.2, "8.6": -0.3, "8.10": -0.2]), values: paths(atS2),
        inhibitionKeys: paths(atS2.merging(["5.8": -0.05, "5.9": -0.05, "0.10": -0.05]) { first, _ in first }),
        keys: paths(["4.11": -0.2, "2.2": -0.1]),
        attention: [[0.05, 0.3, 0], [0.05, 0.5, 0], [0, 0.1, 0.4], [0, 0.1, 0.4]],
        attentionUnrelated: [[0.1, 0.05, 0], [0.1, 0.05, 0], [0.1, 0.1, 0], [0, 0.1, 0]],
        diagram: CircuitDiagram(circuit: .gpt2Small, edges: [], layers: 12)))
  }

  @Test("signals: appendix A, §3.3")
  func signals() throws {
    let published = try publishedNumbers(in: "wang2022ioi", as: InhibitionSignals.Published.self)
    func table(_ value: (TokenSignal, Int) -> Double) -> SignalTable {
      SignalTable(
        cells: TokenSignal.allCases.flatMap { token in
          PositionSignal.allCases.enumerated().map { place, position in
            .init(token: token, position: position, logitDifference: Estimate([value(token, place)]))
          }
        })
    }
    try expectReproduced(
      InhibitionSignals(),
      .init(
        published: published, table: table { published.signals[$0.rawValue]?[$1] ?? .nan },
        tableOfOthers: table { _, _ in 3.55 }, intact: 3.56, prefixed: 3.57, inverted: -0.99,
        originInverted: 3.56 - 0.88 * 4.55, originOfOtherNames: 3.56 - 0.08 * 4.55))
    let nothing = table { _, place in 0.01 * Double(place) }
    try expectNotReproduced(
      InhibitionSignals(),
      .init(
        published: published, table: nothing, tableOfOthers: nothing, intact: 0.01, prefixed: 0.01, inverted: 0,
        originInverted: 0.01, originOfOtherNames: 0.01))
  }

  @Test("knock-outs: §3.4, §4, appendices F, J, K and M")
  func knockOuts() throws {
    let backups = Dictionary(uniqueKeysWithValues: GPT2Heads.backups.map { ("\(HeadName($0))", 0.05) })
    let before = backups.merging(["10.7": -0.9]) { first, _ in first }
    let after = backups.mapValues { 4 * $0 }.merging(["10.7": 0.2]) { first, _ in first }
    try expectReproduced(
      MissingNameMovers(),
      .init(
        intact: 3.56, withoutNameMovers: 0.95 * 3.56, withoutBackups: 1.64, effects: [[Double]](0, except: before),
        effectsWithoutNameMovers: [[Double]](0, except: after), effectsWithoutOthers: [[Double]](0, except: before)))
    let single = [-0.8] + Array(repeating: 3.2, count: 11)
    try expectReproduced(MissingMLPs(), .init(intact: 3.56, without: single, withoutOthers: -1.1))
    try expectNotReproduced(
      MissingMLPs(), .init(intact: 0.01, without: [-0.02] + Array(repeating: 0.01, count: 11), withoutOthers: -0.01))
    // Another MLP that turns the sign round would have passed once.
    let another = try MissingMLPs().judgements(
      of: .init(intact: 3.56, without: [-0.8, -1.3] + Array(repeating: 3.2, count: 10), withoutOthers: -1.1))
    #expect(another.first { $0.claim == "ioi.gpt2.mlps.single" }?.judgement.verdict == .notReproduced)
    var criteria = try criteria()
    try expectReproduced(CircuitCriteria(), criteria)
    // One set that separates nothing is enough to refute that each does.
    criteria.greedy.append(criteria.random[0])
    let each = try CircuitCriteria().judgements(of: criteria).first { $0.claim == "ioi.gpt2.completeness.greedy.each" }
    #expect(each?.judgement.verdict == .notReproduced)
  }

  private func criteria() throws -> CircuitCriteria.Observation {
    let published = try publishedNumbers(in: "wang2022ioi", as: CircuitCriteria.Published.self)
    func point(_ name: String, _ circuit: Double, _ model: Double) -> Incompleteness {
      Incompleteness(name: name, removed: [], circuit: Float(circuit), model: Float(model))
    }
    func classes(_ circuit: String, _ names: [String]) -> [Incompleteness] {
      names.compactMap { name in
        published.completeness[circuit]?[name].map { point(name, $0[0], $0[1]) }
      }
    }
    let common = ["S-inhibition", "induction", "duplicate token", "previous token"]
    return CircuitCriteria.Observation(
      published: published, model: 3.56, circuit: 3.1, randomCircuit: 0.5, nothing: 0.05,
      classes: classes("full", ["name movers", "negative"] + common),
      naiveClasses: classes("naive", ["name mover"] + common),
      greedy: [3.09, 2.4, 2, 1.6].map { point("greedy", 0.1, 0.1 + $0) },
      random: [0.3, 0.6, 0.45].map { point("random", 1, 1 + $0) },
      minimality: IndirectObjectCircuit.gpt2Small.heads.map { head in
        let pair = published.minimality["\(HeadName(head))"] ?? [.nan, .nan]
        return Minimality(node: head, removed: [], with: Float(pair[1]), without: Float(pair[0]), model: 3.55)
      }, added: Array(repeating: 0.004, count: 26))
  }

  @Test("random tokens: appendices H and I, with the notebook's scores")
  func randomTokens() throws {
    struct Scores: Decodable, Sendable { let previous, duplicate, induction: [[Double]] }
    let printed = try publishedNumbers(in: "nanda2022exploratory", as: Scores.self)
    func scores(_ previous: [[Double]], _ duplicate: [[Double]], _ induction: [[Double]]) -> RepetitionScores {
      RepetitionScores(
        scores: [.previousToken: previous, .duplicateToken: duplicate, .induction: induction],
        twoBack: [[Double]](0.02))
    }
    let flat = [[Double]](0.01)
    try expectReproduced(
      RandomTokenHeads(),
      .init(
        repeated: .init(
          scores: scores(printed.previous, printed.duplicate, printed.induction),
          contributions: [[Double]](0, except: ["5.5": 0.8, "6.9": 0.7])),
        shuffled: .init(scores: scores(printed.previous, flat, flat), contributions: flat)))
  }

  @Test("every experiment of the finding is among these, or among those of the notebook")
  func all() {
    let tested: Set = [
      "NotebookPrompts", "PromptedBehaviour", "UntrainedModel", "NameMoverAttention", "CopyingHeads", "DirectEffects",
      "PathsBetweenHeads", "InhibitionSignals", "RandomTokenHeads", "MissingNameMovers", "CircuitCriteria",
      "MissingMLPs",
    ]
    #expect(Set(Finding.ioiGPT2Small.experiments.map(\.name)) == tested)
  }
}

extension IndirectObjectBehaviour {
  /// Answers to 300 sentences with this mean logit difference, share of errors and mean probability of IO.
  fileprivate static func answers(difference: Double, errors: Double, probability: Double) -> IndirectObjectBehaviour {
    let (count, wrong) = (300, Int((errors * 300).rounded()))
    let share = Double(wrong) / Double(count)
    let right = (difference + 0.05 * share) / (1 - share)
    let logits = (0..<count).flatMap { row -> [Float] in
      let own = row < wrong ? -0.05 : right
      // Of IO, of S, and of all other tokens, which have what is left.
      let rest = 1 / min(probability, 0.48) - 1 - exp(-own)
      let others = log(row < wrong ? rest : 1 / probability - 1 - exp(-own))
      return [0, Float(-own), Float(others)]
    }
    let zeros = Array(repeating: 0, count: count)
    return IndirectObjectBehaviour(logits: Tensor(logits, [count, 3]), io: zeros, s: zeros.map { _ in 1 })
  }
}

extension AttentionProjection {
  /// Four points of this correlation.
  fileprivate static func correlated(_ correlation: Double, _ head: Writer) -> AttentionProjection {
    let spread = Float(((1 / (correlation * correlation) - 1) / 4).squareRoot())
    let sign: Float = correlation < 0 ? -1 : 1
    return AttentionProjection(
      head: head,
      io: [.init(attention: 0, projection: sign * -0.5), .init(attention: 1, projection: sign * 0.5)],
      subject: [.init(attention: 0.5, projection: spread), .init(attention: 0.5, projection: -spread)])
  }
}
