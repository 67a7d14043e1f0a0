// Which heads move the logit difference directly: path patching from every head at END to the logits (Wang et al. 2022,
// §3.1, figure 3b).

import Tensors
import Transformer

struct DirectEffects: Experiment {
  let name = "DirectEffects"
  let claims = [
    "ioi.gpt2.direct.name-movers", "ioi.gpt2.direct.first", "ioi.gpt2.direct.negative", "ioi.gpt2.direct.early",
    "ioi.gpt2.direct.unpatched",
  ]
  let configuration = GPT2Prompts.configuration(count: Self.count)

  private static let count = 210

  struct Observation: Sendable {
    /// The change of the mean logit difference relative to it, `[layer][head]`.
    var effects: [[Double]]
    /// The same when heads are patched with what they wrote on the very same prompt.
    var unpatched: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let effects = try study.pathEffects(to: [.logits])
    run.report(0.8)
    let few = try study.first(GPT2Prompts.forms)
    return Observation(
      effects: effects.shares, unpatched: try few.pathEffects(to: [.logits], from: few.prompts).shares)
  }

  func readings(_ seed: Observation) -> [Reading] {
    func largest(_ effects: some Sequence<[Double]>) -> Double { effects.joined().map { abs($0) }.max() ?? .nan }
    func rank(_ effects: [[Double]]) -> Double {
      let drops = effects.largestDrops(144)
      return Double(drops.rank(of: HeadName(9, 9)) ?? 145)
    }
    return [
      Reading(
        claim: "ioi.gpt2.direct.name-movers", value: seed.effects.largestDrops(3).count(of: GPT2Heads.nameMovers),
        control: seed.unpatched.largestDrops(3).count(of: GPT2Heads.nameMovers)),
      Reading(claim: "ioi.gpt2.direct.first", value: rank(seed.effects), control: rank(seed.unpatched)),
      Reading(
        claim: "ioi.gpt2.direct.negative", value: seed.effects.largestRises(2).count(of: GPT2Heads.negative),
        control: seed.unpatched.largestRises(2).count(of: GPT2Heads.negative)),
      Reading(
        claim: "ioi.gpt2.direct.early", value: largest(seed.effects.prefix(7)),
        control: largest(seed.effects.dropFirst(7))
      ),
      Reading(
        claim: "ioi.gpt2.direct.unpatched", value: largest(seed.unpatched),
        control: (GPT2Heads.nameMovers + GPT2Heads.negative).map { abs(seed.effects[HeadName($0)]) }.min()),
    ]
  }
}
