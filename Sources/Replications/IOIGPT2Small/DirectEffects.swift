// Which heads move the logit difference directly: path patching from every head at END to the logits (Wang et al. 2022,
// §3.1, figure 3b).

import Tensors
import Transformer

struct DirectEffects: Experiment {
  let name = "DirectEffects"
  let claims = ["ioi.gpt2.direct.name-movers", "ioi.gpt2.direct.negative"]
  let configuration = GPT2Prompts.configuration(count: Self.count)

  private static let count = 210

  struct Observation: Sendable {
    /// The change of the mean logit difference relative to it, `[layer][head]`.
    var effects: [[Double]]
    var ranked: [HeadName]
    /// The order when heads are patched with what they wrote on the very same prompt, and the largest change there.
    var rankedUnpatched: [HeadName]
    var largestUnpatched: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let effects = try study.pathEffects(to: [.logits])
    run.report(0.8)
    let few = try study.first(GPT2Prompts.forms)
    let unpatched = try few.pathEffects(to: [.logits], from: few.prompts)
    return Observation(
      effects: effects.relative.rows, ranked: effects.ranked.map { HeadName($0) },
      rankedUnpatched: unpatched.ranked.map { HeadName($0) },
      largestUnpatched: unpatched.relative.elements.map { Double($0.magnitude) }.max() ?? .nan)
  }

  func readings(_ seed: Observation) -> [Reading] {
    func count(_ heads: [Writer], in names: some Sequence<HeadName>) -> Double {
      Double(names.count { heads.contains($0.writer) })
    }
    let early = seed.effects[..<7].joined().map { abs($0) }.max() ?? .nan
    return [
      Reading(
        claim: "ioi.gpt2.direct.name-movers", value: count(GPT2Heads.nameMovers, in: seed.ranked.prefix(3)),
        control: count(GPT2Heads.nameMovers, in: seed.rankedUnpatched.prefix(3)),
        detail: ["largest of layers 0 to 6": early, "largest of the control": seed.largestUnpatched]),
      Reading(
        claim: "ioi.gpt2.direct.negative", value: count(GPT2Heads.negative, in: seed.ranked.suffix(2)),
        control: count(GPT2Heads.negative, in: seed.rankedUnpatched.suffix(2))),
    ]
  }
}
