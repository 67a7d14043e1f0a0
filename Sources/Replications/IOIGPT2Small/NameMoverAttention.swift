// Name movers attend to IO and write in its direction, negative name movers write against it, S-inhibition heads attend to
// S2 (Wang et al. 2022, §3.1 and §3.2).

import Tensors
import Transformer

struct NameMoverAttention: Experiment {
  let name = "NameMoverAttention"
  let claims = [
    "ioi.gpt2.attention.name-movers", "ioi.gpt2.attention.subject", "ioi.gpt2.attention.others",
    "ioi.gpt2.projection.name-movers", "ioi.gpt2.projection.negative", "ioi.gpt2.attention.s-inhibition",
  ]
  let configuration = GPT2Prompts.configuration(count: Self.count)

  private static let count = 170

  struct Observation: Sendable {
    /// Mean attention from END of the name movers to IO, S1 and S2.
    var toNames: [Double]
    /// Mean attention from END to IO of the heads that are not in the circuit.
    var othersToIO: Double
    /// Mean attention from END of the S-inhibition heads to S1 and to S2, and to S2 where no name is repeated.
    var toS1: Double
    var toS2: Double
    var toS2Unrelated: Double
    var projections: [AttentionProjection]
    /// The correlation of each head when its projections are dealt out among its points at random.
    var shuffled: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let attention = try study.attention(to: [.io, .s1, .s2])
    let unrelated = try study.attention(to: [.s2], on: study.abc)
    func average(_ attention: Tensor, _ role: Int, _ heads: [Writer]) -> Double {
      mean(
        heads.map { head in
          Double(
            attention.slice(axis: 0, at: role).slice(axis: 0, at: head.place.layer).slice(axis: 0, at: head.place.head)
              .mean())
        })
    }
    run.report(0.6)
    let projections = try study.attentionProjections(of: GPT2Heads.nameMovers + GPT2Heads.negative)
    var stream = run.random("shuffled projections")
    let shuffled = projections.map { head in
      let points = head.io + head.subject
      let order = stream.permutation(points.count)
      return pearson(points.map { Double($0.attention) }, order.map { Double(points[$0].projection) })
    }
    let circuit = Set(IndirectObjectCircuit.gpt2Small.heads)
    let others = Writer.heads(of: study.model.configuration).filter { !circuit.contains($0) }
    return Observation(
      toNames: (0..<3).map { average(attention, $0, GPT2Heads.nameMovers) },
      othersToIO: average(attention, 0, others), toS1: average(attention, 1, GPT2Heads.inhibition),
      toS2: average(attention, 2, GPT2Heads.inhibition), toS2Unrelated: average(unrelated, 0, GPT2Heads.inhibition),
      projections: projections, shuffled: shuffled)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let correlations = seed.projections.map(\.correlation)
    let named = seed.projections.map { ("\(HeadName($0.head))", $0.correlation) }
    let movers = GPT2Heads.nameMovers.count
    return [
      Reading(
        claim: "ioi.gpt2.attention.name-movers", value: seed.toNames[0], control: seed.toNames[1] + seed.toNames[2]),
      Reading(
        claim: "ioi.gpt2.attention.subject", value: seed.toNames[1] + seed.toNames[2], control: seed.toS1 + seed.toS2),
      Reading(claim: "ioi.gpt2.attention.others", value: seed.othersToIO, control: seed.toNames[0]),
      Reading(
        claim: "ioi.gpt2.projection.name-movers", value: correlations[..<movers].min() ?? .nan,
        control: seed.shuffled[..<movers].max(), detail: Dictionary(uniqueKeysWithValues: named)),
      Reading(
        claim: "ioi.gpt2.projection.negative", value: correlations[movers...].max() ?? .nan,
        control: seed.shuffled[movers...].min()),
      Reading(claim: "ioi.gpt2.attention.s-inhibition", value: seed.toS2, control: seed.toS2Unrelated),
    ]
  }
}
