// What GPT-2 small answers without MLPs: the first one matters as an extended embedding, no other single one does much (Wang
// et al. 2022, appendix J).

import Transformer

struct MissingMLPs: Experiment {
  let name = "MissingMLPs"
  let claims = ["ioi.gpt2.mlps.first", "ioi.gpt2.mlps.single", "ioi.gpt2.mlps.others"]
  let configuration = GPT2Prompts.knockOutConfiguration(count: Self.count)

  private static let count = 2 * GPT2Prompts.forms

  struct Observation: Sendable {
    var intact: Double
    /// The mean logit difference without each MLP in turn, and without those of layers 1 to 11 together.
    var without: [Double]
    var withoutOthers: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let knockOuts = try GPT2Prompts.knockOuts(run, study)
    func difference(_ layers: some Sequence<Int>) throws -> Double {
      try run.checkCancellation()
      return try knockOuts.behaviour(without: layers.map { .mlp(layer: $0) }).logitDifference.mean
    }
    return Observation(
      intact: try study.behaviour().logitDifference.mean, without: try (0..<12).map { try difference([$0]) },
      withoutOthers: try difference(1..<12))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let layers = seed.without.enumerated().map { ("layer \($0)", $1) }
    let leastOfOthers = seed.without.dropFirst().min() ?? .nan
    return [
      Reading(
        claim: "ioi.gpt2.mlps.first", value: seed.without[0], control: leastOfOthers,
        detail: Dictionary(uniqueKeysWithValues: layers)),
      Reading(claim: "ioi.gpt2.mlps.single", value: leastOfOthers, control: seed.without[0]),
      Reading(claim: "ioi.gpt2.mlps.others", value: seed.withoutOthers, control: seed.intact),
    ]
  }
}
