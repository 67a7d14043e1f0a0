// What happens without the name movers: the logit difference hardly falls, because backup heads take over and a negative
// head stops (Wang et al. 2022, §3.4, appendix F).

import Tensors
import Transformer

struct MissingNameMovers: Experiment {
  let name = "MissingNameMovers"
  let claims = [
    "ioi.gpt2.knock-out.name-movers", "ioi.gpt2.self-repair.backups", "ioi.gpt2.self-repair.negative",
  ]
  let configuration = GPT2Prompts.knockOutConfiguration(count: Self.count).merging(
    ["promptsForPaths": .int(Self.pairs)], uniquingKeysWith: { first, _ in first })

  private static let count = 4 * GPT2Prompts.forms
  private static let pairs = 2 * GPT2Prompts.forms

  struct Observation: Sendable {
    /// Mean logit differences: of the model, without the name movers, and without the backups too.
    var intact: Double
    var withoutNameMovers: Double
    var withoutBackups: Double
    /// What each head adds to the logit difference directly, `[layer][head]`, in the model, without the name movers, and
    /// without three other heads.
    var effects: [[Double]]
    var effectsWithoutNameMovers: [[Double]]
    var effectsWithoutOthers: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let knockOuts = try GPT2Prompts.knockOuts(run, study)
    func difference(without heads: [Writer]) throws -> Double {
      try knockOuts.behaviour(without: heads, at: .end).logitDifference.mean
    }
    run.report(0.2)
    let few = try study.first(Self.pairs)
    let fewKnockOuts = try GPT2Prompts.knockOuts(run, few)
    func effects(without heads: [Writer]) throws -> [[Double]] {
      try run.checkCancellation()
      return try (fewKnockOuts.directEffects(without: heads).result.effect.mean(axis: 2) * -1).rows
    }
    return Observation(
      intact: try study.behaviour().logitDifference.mean,
      withoutNameMovers: try difference(without: GPT2Heads.nameMovers),
      withoutBackups: try difference(without: GPT2Heads.nameMovers + GPT2Heads.backups),
      effects: try (few.pathEffects(to: [.logits]).result.effect.mean(axis: 2) * -1).rows,
      effectsWithoutNameMovers: try effects(without: GPT2Heads.nameMovers),
      effectsWithoutOthers: try effects(without: GPT2Heads.besideNameMovers))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func backups(_ effects: [[Double]]) -> Double {
      GPT2Heads.backups.map { effects[HeadName($0)] }.reduce(0, +)
    }
    // A hundredth of the logit difference is what is divided by where a head does nothing: no multiples of noise.
    let least = 0.01 * max(seed.intact, 1)
    let before = max(backups(seed.effects), least)
    let negative = HeadName(10, 7)
    let negativeBefore = min(seed.effects[negative], -least)
    return [
      Reading(
        claim: "ioi.gpt2.knock-out.name-movers", value: seed.withoutNameMovers.relative(to: seed.intact),
        control: seed.withoutBackups.relative(to: seed.intact)),
      Reading(
        claim: "ioi.gpt2.self-repair.backups", value: backups(seed.effectsWithoutNameMovers) / before,
        control: backups(seed.effectsWithoutOthers) / before,
        detail: ["before": backups(seed.effects), "after": backups(seed.effectsWithoutNameMovers)]),
      Reading(
        claim: "ioi.gpt2.self-repair.negative",
        value: seed.effectsWithoutNameMovers[negative] / negativeBefore,
        control: seed.effectsWithoutOthers[negative] / negativeBefore,
        detail: ["before": seed.effects[negative], "after": seed.effectsWithoutNameMovers[negative]]),
    ]
  }
}
