// What S-inhibition heads tell the name movers: where the repeated name stands, and which it is (Wang et al. 2022, appendix
// A); and where the first of the two comes from (§3.3).

import Tensors
import Transformer

struct InhibitionSignals: Experiment {
  let name = "InhibitionSignals"
  let claims = [
    "ioi.gpt2.signals.table", "ioi.gpt2.signals.fit", "ioi.gpt2.signals.position", "ioi.gpt2.signals.token",
    "ioi.gpt2.signals.order", "ioi.gpt2.signals.prefix", "ioi.gpt2.signals.origin", "ioi.gpt2.signals.origin.tokens",
  ]
  let configuration = GPT2Prompts.configuration(count: Self.count)

  private static let count = 4 * GPT2Prompts.forms

  /// The table of figure 9, original and inverted position under each token.
  struct Published: Decodable, Sendable {
    let signals: [String: [Double]]
  }

  struct Observation: Sendable {
    var published: Published
    var table: SignalTable
    var tableOfOthers: SignalTable
    /// Mean logit differences: of the model; with S-inhibition outputs from behind a prefix, and from the other position.
    var intact: Double
    var prefixed: Double
    var inverted: Double
    /// With duplicate-token and induction outputs from the other position, and from other names at the same ones.
    var originInverted: Double
    var originOfOtherNames: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let published = try run.published(in: "wang2022ioi", as: Published.self)
    let study = try GPT2Prompts.study(run, count: Self.count)
    let (prompts, heads) = (study.prompts, GPT2Heads.inhibition)
    let table = try study.signalTable(of: heads, random: run.random("signals"))
    run.report(0.4)
    let tableOfOthers = try study.signalTable(of: GPT2Heads.besideInhibition, random: run.random("signals"))
    run.report(0.7)
    try run.checkCancellation()
    func difference(_ heads: [Writer], at role: IndirectObjectRole = .end, from donors: IndirectObjectPrompts) throws
      -> Double
    {
      try study.behaviour(patching: heads, at: role, from: donors).logitDifference.mean
    }
    let otherPosition = try prompts.counterfactual(
      token: .original, position: .inverted, random: run.random("other position"))
    let otherNames = try prompts.counterfactual(
      token: .random, position: .original, random: run.random("other names"))
    return Observation(
      published: published, table: table, tableOfOthers: tableOfOthers,
      intact: try study.behaviour().logitDifference.mean,
      prefixed: try difference(heads, from: prompts.prefixed()),
      inverted: try difference(heads, from: otherPosition),
      originInverted: try difference(GPT2Heads.positionSignal, at: .s2, from: otherPosition),
      originOfOtherNames: try difference(GPT2Heads.positionSignal, at: .s2, from: otherNames))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let drop = seed.intact - seed.inverted
    func share(_ patched: Double) -> Double { (seed.intact - patched).relative(to: drop) }
    func lead(_ table: SignalTable) -> Double { table.positionEffect - table.tokenEffect }
    return [
      Reading(
        claim: "ioi.gpt2.signals.table", value: Self.distance(seed) { seed.table[$0, $1] },
        control: Self.distance(seed) { _, _ in seed.intact }),
      Reading(
        claim: "ioi.gpt2.signals.fit", value: seed.table.fitError, control: seed.tableOfOthers.fitError),
      Reading(
        claim: "ioi.gpt2.signals.position", value: seed.table.positionEffect,
        control: seed.tableOfOthers.positionEffect),
      Reading(
        claim: "ioi.gpt2.signals.token", value: seed.table.tokenEffect, control: seed.tableOfOthers.tokenEffect),
      Reading(claim: "ioi.gpt2.signals.order", value: lead(seed.table), control: lead(seed.tableOfOthers)),
      Reading(
        claim: "ioi.gpt2.signals.prefix", value: seed.prefixed - seed.intact, control: seed.inverted - seed.intact),
      Reading(
        claim: "ioi.gpt2.signals.origin", value: share(seed.originInverted), control: share(seed.originOfOtherNames)),
      Reading(
        claim: "ioi.gpt2.signals.origin.tokens", value: share(seed.originOfOtherNames),
        control: share(seed.originInverted)),
    ]
  }

  /// The largest distance of a table of six logit differences from the published one.
  private static func distance(_ seed: Observation, _ cell: (TokenSignal, PositionSignal) -> Double) -> Double {
    let distances = TokenSignal.allCases.flatMap { token in
      let printed = seed.published.signals[token.rawValue] ?? []
      return PositionSignal.allCases.enumerated().map { place, position in
        printed.indices.contains(place) ? abs(cell(token, position) - printed[place]) : .infinity
      }
    }
    return distances.max() ?? .infinity
  }
}
