// Name movers copy names, negative name movers write against them: copy scores behind the first block (Wang et al. 2022,
// §3.1).

import Tensors
import Transformer

struct CopyingHeads: Experiment {
  let name = "CopyingHeads"
  let claims = [
    "ioi.gpt2.copying.name-movers", "ioi.gpt2.copying.average", "ioi.gpt2.copying.embedding",
    "ioi.gpt2.copying.negative", "ioi.gpt2.copying.negative-average", "ioi.gpt2.copying.negative-of-name-movers",
  ]
  let configuration = GPT2Prompts.configuration(count: Self.count).merging(
    ["promptsForTheEmbedding": .int(Self.few)], uniquingKeysWith: { first, _ in first })

  private static let count = 50
  private static let few = 12

  struct Observation: Sendable {
    /// The scores of all heads, `[layer][head]`.
    var copying: [[Double]]
    var negative: [[Double]]
    /// The mean copy score behind the first layer on a few prompts: as it is, from the bare embedding of the name, and
    /// behind another sentence.
    var average: Double
    var averageOfEmbedding: Double
    var averageBehindPrefix: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let scores = try study.copyScores()
    run.report(0.6)
    try run.checkCancellation()
    let few = try study.first(Self.few)
    let behindPrefix = try IndirectObjectProtocol(
      model: few.model, prompts: few.prompts.prefixed(), abc: few.abc.prefixed())
    return Observation(
      copying: scores.copying.rows, negative: scores.negative.rows,
      average: Self.average(try few.copyScores().copying.rows),
      averageOfEmbedding: Self.average(try few.copyScores(reading: .embedding).copying.rows),
      averageBehindPrefix: Self.average(try behindPrefix.copyScores().copying.rows))
  }

  /// The mean over the heads behind the first layer.
  private static func average(_ table: [[Double]]) -> Double { mean(Array(table.dropFirst().joined())) }

  func readings(_ seed: Observation) -> [Reading] {
    func scores(_ table: [[Double]], _ heads: [Writer]) -> [Double] { heads.map { table[HeadName($0)] } }
    let copies = scores(seed.copying, GPT2Heads.nameMovers)
    let (reversed, others) = (
      scores(seed.negative, GPT2Heads.negative), scores(seed.negative, GPT2Heads.nameMovers)
    )
    // One name in a hundred is what a share is taken of where nothing is copied.
    let average = max(seed.average, 0.01)
    return [
      Reading(
        claim: "ioi.gpt2.copying.name-movers", value: copies.min() ?? .nan, control: Self.average(seed.copying)),
      Reading(claim: "ioi.gpt2.copying.average", value: Self.average(seed.copying), control: mean(copies)),
      Reading(
        claim: "ioi.gpt2.copying.embedding", value: seed.averageOfEmbedding / average,
        control: seed.averageBehindPrefix / average),
      Reading(claim: "ioi.gpt2.copying.negative", value: reversed.min() ?? .nan, control: others.max()),
      Reading(
        claim: "ioi.gpt2.copying.negative-average", value: Self.average(seed.negative), control: mean(reversed)),
      Reading(
        claim: "ioi.gpt2.copying.negative-of-name-movers", value: others.max() ?? .nan, control: reversed.min()),
    ]
  }
}
