// Name movers copy names, negative name movers write against them: copy scores behind the first block (Wang et al. 2022,
// §3.1).

import Tensors
import Transformer

struct CopyingHeads: Experiment {
  let name = "CopyingHeads"
  let claims = ["ioi.gpt2.copying.name-movers", "ioi.gpt2.copying.negative"]
  let configuration = GPT2Prompts.configuration(count: Self.count)

  private static let count = 50

  struct Observation: Sendable {
    /// The scores of all heads, `[layer][head]`.
    var copying: [[Double]]
    var negative: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let scores = try GPT2Prompts.study(run, count: Self.count).copyScores()
    return Observation(copying: scores.copying.rows, negative: scores.negative.rows)
  }

  func readings(_ seed: Observation) -> [Reading] {
    func scores(_ table: [[Double]], _ heads: [Writer]) -> [Double] { heads.map { table[HeadName($0)] } }
    func average(_ table: [[Double]]) -> Double { mean(Array(table.dropFirst().joined())) }
    return [
      Reading(
        claim: "ioi.gpt2.copying.name-movers", value: scores(seed.copying, GPT2Heads.nameMovers).min() ?? .nan,
        control: average(seed.copying)),
      Reading(
        claim: "ioi.gpt2.copying.negative", value: scores(seed.negative, GPT2Heads.negative).min() ?? .nan,
        control: scores(seed.negative, GPT2Heads.nameMovers).max(),
        detail: ["all heads behind the first layer": average(seed.negative)]),
    ]
  }
}
