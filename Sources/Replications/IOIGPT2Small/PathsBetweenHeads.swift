// Which heads matter through what other heads read of them: the queries of name movers, the values of S-inhibition heads, the
// keys of induction heads (Wang et al. 2022, §3.2 and §3.3, figures 4b and 5b, appendices C and D).

import Tensors
import Transformer

struct PathsBetweenHeads: Experiment {
  let name = "PathsBetweenHeads"
  let claims = ["ioi.gpt2.paths.queries", "ioi.gpt2.paths.values", "ioi.gpt2.paths.keys"]
  let configuration = GPT2Prompts.configuration(count: GPT2Prompts.forms)

  /// The effects through one kind of reader.
  struct Paths: Sendable {
    /// The change of the mean logit difference relative to it, `[layer][head]`.
    var effects: [[Double]]
    var ranked: [HeadName]
    /// The order when heads are patched with what they wrote on the very same prompt.
    var rankedUnpatched: [HeadName]
  }

  struct Observation: Sendable {
    var queries: Paths
    var values: Paths
    var keys: Paths
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: GPT2Prompts.forms)
    let few = try study.first(3)
    func paths(to receivers: [Reader], at role: IndirectObjectRole, done: Double) throws -> Paths {
      let effects = try study.pathEffects(to: receivers, at: role)
      let unpatched = try few.pathEffects(to: receivers, at: role, from: few.prompts)
      run.report(done)
      try run.checkCancellation()
      return Paths(
        effects: effects.relative.rows, ranked: effects.ranked.map { HeadName($0) },
        rankedUnpatched: unpatched.ranked.map { HeadName($0) })
    }
    return Observation(
      queries: try paths(to: Reader.queries(of: GPT2Heads.nameMovers), at: .end, done: 0.3),
      values: try paths(to: Reader.values(of: GPT2Heads.inhibition), at: .s2, done: 0.7),
      keys: try paths(to: Reader.keys(of: GPT2Heads.induction), at: .s1Next, done: 1))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func reading(_ claim: String, _ paths: Paths, _ heads: [Writer]) -> Reading {
      func count(_ ranked: [HeadName]) -> Double {
        Double(ranked.prefix(heads.count).count { heads.contains($0.writer) })
      }
      let strongest = paths.ranked.prefix(8).map { ("\($0)", paths.effects[$0]) }
      return Reading(
        claim: claim, value: count(paths.ranked), control: count(paths.rankedUnpatched),
        detail: Dictionary(uniqueKeysWithValues: strongest))
    }
    return [
      reading("ioi.gpt2.paths.queries", seed.queries, GPT2Heads.inhibition),
      reading("ioi.gpt2.paths.values", seed.values, GPT2Heads.duplicate + GPT2Heads.induction),
      reading("ioi.gpt2.paths.keys", seed.keys, GPT2Heads.previousToken),
    ]
  }
}
