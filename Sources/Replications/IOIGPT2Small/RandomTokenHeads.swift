// The heads of the circuit on random tokens that come twice: what they attend to, and what they add to the next token's logit
// (Wang et al. 2022, appendices H and I).

import Tensors
import Transformer

struct RandomTokenHeads: Experiment {
  let name = "RandomTokenHeads"
  let claims = [
    "ioi.gpt2.random-tokens.kinds", "ioi.gpt2.random-tokens.unrepeated", "ioi.gpt2.random-tokens.logits",
  ]
  let configuration: [String: ConfigurationValue] = [
    "tokens": "4 rows of 100 tokens from 1000 to 9999, twice over", "bos": "none",
    "weights": "LayerNorm and value biases folded, all centred as TransformerLens does",
  ]

  private static let length = 100

  /// What the heads show on some rows.
  struct Shown: Sendable {
    var scores: RepetitionScores
    /// The mean contribution to the right next token's logit over the second halves, `[layer][head]`.
    var contributions: [[Double]]
  }

  struct Observation: Sendable {
    var repeated: Shown
    var shuffled: Shown
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let model = try GPT2Small.processedModel(run)
    var stream = run.random("tokens")
    let drawn = (0..<4).map { _ in (0..<Self.length).map { _ in 1_000 + stream.integer(below: 9_000) } }
    let rows = RepeatedRows(drawn, bos: nil, shuffledBy: run.random("shuffled halves"))
    let repeated = try Self.shown(by: model, rows.tokens)
    run.report(0.5)
    return Observation(repeated: repeated, shuffled: try Self.shown(by: model, rows.shuffled))
  }

  private static func shown(by model: HookedTransformer, _ tokens: TokenBatch) throws -> Shown {
    let c = model.configuration
    let perLayer = (0..<c.nLayers).flatMap {
      [HookPoint(.pattern, layer: $0), HookPoint(.z, layer: $0), HookPoint(.attnOut, layer: $0)]
    }
    let cache = try model.runWithCache(tokens, names: HookFilter(perLayer.map(\.name) + ["ln_final.hook_scale"])).cache
    let second = length..<2 * length - 1
    let next = (0..<tokens.batch).flatMap { row in second.map { tokens[row][$0 + 1] } }
    let stack = try cache.stackHeadResults(of: model, positions: second)
    let contributions = try cache.logitAttributions(of: stack, model: model, tokens: next, positions: second)
      .slice(axis: 0, 0..<c.nLayers * c.nHeads).mean(axis: 2).mean(axis: 1)
    return Shown(
      scores: try RepetitionScores(cache, tokens, length: length),
      contributions: contributions.reshaped([c.nLayers, c.nHeads]).rows)
  }

  func readings(_ seed: Observation) -> [Reading] {
    func largest(_ scores: RepetitionScores) -> Double {
      (scores[.induction] + scores[.duplicateToken]).joined().max() ?? .nan
    }
    return [
      Reading(
        claim: "ioi.gpt2.random-tokens.unrepeated", value: largest(seed.shuffled.scores),
        control: largest(seed.repeated.scores)),
      Reading(
        claim: "ioi.gpt2.random-tokens.kinds", value: Self.atTheirPlace(seed.repeated.scores),
        control: Self.atTheirPlace(seed.shuffled.scores)),
      Reading(
        claim: "ioi.gpt2.random-tokens.logits",
        value: Self.count(GPT2Heads.induction, first: 20, of: seed.repeated.contributions),
        control: Self.count(GPT2Heads.induction, first: 20, of: seed.shuffled.contributions)),
    ]
  }

  /// How many of some heads are among the first by a score.
  private static func count(_ heads: [Writer], first: Int, of scores: [[Double]]) -> Double {
    Double(scores.headsByScore.prefix(first).count { heads.contains($0.writer) })
  }

  /// How many of the six heads have the rank by their kind that the claim asks for.
  private static func atTheirPlace(_ scores: RepetitionScores) -> Double {
    count([.head(4, 11)], first: 1, of: scores[.previousToken])
      + count([.head(2, 2)], first: 4, of: scores[.previousToken])
      + count(GPT2Heads.induction, first: 5, of: scores[.induction])
      + count(GPT2Heads.duplicate, first: 3, of: scores[.duplicateToken])
  }
}
