// Which heads matter through what other heads read of them: the queries of name movers, the values and keys of S-inhibition
// heads, the keys of induction heads (Wang et al. 2022, §3.2 and §3.3, figures 4b and 5b, appendices C and D); and what
// those that act at S2 attend to.

import Tensors
import Transformer

struct PathsBetweenHeads: Experiment {
  let name = "PathsBetweenHeads"
  let claims = [
    "ioi.gpt2.paths.queries", "ioi.gpt2.paths.values", "ioi.gpt2.paths.inhibition-keys", "ioi.gpt2.paths.keys",
    "ioi.gpt2.attention.repetition",
  ]
  let configuration = GPT2Prompts.configuration(count: Self.count).merging(
    ["promptsForTheDiagram": .int(Self.countForDiagram)], uniquingKeysWith: { first, _ in first })

  private static let count = 40
  private static let countForDiagram = 12

  /// The effects through one kind of reader: the change of the mean logit difference relative to it, `[layer][head]`.
  struct Paths: Sendable {
    var effects: [[Double]]
    /// The same when heads are patched with what they wrote on the very same prompt.
    var unpatched: [[Double]]
  }

  struct Observation: Sendable {
    var queries: Paths
    var values: Paths
    var inhibitionKeys: Paths
    var keys: Paths
    /// The mean attention from S2 of each duplicate-token and induction head to IO, S1 and S1+1, and where no name is
    /// repeated.
    var attention: [[Double]]
    var attentionUnrelated: [[Double]]
    /// The circuit with the effect of each path between two of its heads.
    var diagram: CircuitDiagram
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let few = try study.first(3)
    func paths(to receivers: [Reader], at role: IndirectObjectRole, done: Double) throws -> Paths {
      let paths = Paths(
        effects: try study.pathEffects(to: receivers, at: role).shares,
        unpatched: try few.pathEffects(to: receivers, at: role, from: few.prompts).shares)
      run.report(done)
      try run.checkCancellation()
      return paths
    }
    let heads = GPT2Heads.duplicate + GPT2Heads.induction
    func attention(on variant: IndirectObjectPrompts) throws -> [[Double]] {
      let all = try study.attention(from: .s2, to: [.io, .s1, .s1Next], on: variant).mean(axis: 3)
      return heads.map { head in (0..<3).map { Double(all[$0, head.place.layer, head.place.head]) } }
    }
    return Observation(
      queries: try paths(to: Reader.queries(of: GPT2Heads.nameMovers), at: .end, done: 0.2),
      values: try paths(to: Reader.values(of: GPT2Heads.inhibition), at: .s2, done: 0.4),
      inhibitionKeys: try paths(to: Reader.keys(of: GPT2Heads.inhibition), at: .s2, done: 0.6),
      keys: try paths(to: Reader.keys(of: GPT2Heads.induction), at: .s1Next, done: 0.8),
      attention: try attention(on: study.prompts), attentionUnrelated: try attention(on: study.abc),
      diagram: try study.first(Self.countForDiagram).diagram(of: .gpt2Small))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func reading(_ claim: String, _ paths: Paths, _ heads: [Writer], among count: Int) -> Reading {
      let strongest = paths.effects.largestDrops(8).map { ("\($0)", paths.effects[$0]) }
      return Reading(
        claim: claim, value: paths.effects.largestDrops(count).count(of: heads),
        control: paths.unpatched.largestDrops(count).count(of: heads),
        detail: Dictionary(uniqueKeysWithValues: strongest))
    }
    // Duplicate-token heads attend to S1, induction heads to the token behind it.
    let places = GPT2Heads.duplicate.map { _ in 1 } + GPT2Heads.induction.map { _ in 2 }
    func attending(_ attention: [[Double]]) -> Double {
      Double(zip(attention, places).count { $0[$1] == $0.max() })
    }
    let heads = (GPT2Heads.duplicate + GPT2Heads.induction).map { "\(HeadName($0))" }
    return [
      reading("ioi.gpt2.paths.queries", seed.queries, GPT2Heads.inhibition, among: 4),
      reading("ioi.gpt2.paths.values", seed.values, GPT2Heads.duplicate + GPT2Heads.induction, among: 4),
      reading("ioi.gpt2.paths.inhibition-keys", seed.inhibitionKeys, GPT2Heads.fuzzy, among: 7),
      reading("ioi.gpt2.paths.keys", seed.keys, GPT2Heads.previousToken, among: 2),
      Reading(
        claim: "ioi.gpt2.attention.repetition", value: attending(seed.attention),
        control: attending(seed.attentionUnrelated),
        detail: Dictionary(
          uniqueKeysWithValues: heads.indices.map { (heads[$0], seed.attention[$0][places[$0]]) })),
    ]
  }
}

extension IndirectObjectProtocol {
  /// A circuit like GPT-2 small's with the effect of each path between two of its heads, patched alone.
  fileprivate func diagram(of circuit: IndirectObjectCircuit) throws -> CircuitDiagram {
    func edges(
      from senders: [Writer], to receivers: [(head: Writer?, reader: Reader)], at role: IndirectObjectRole
    ) throws -> [CircuitDiagram.Edge] {
      let patching = try PathPatching(
        model, original: prompts.tokens, new: abc.tokens, metric: prompts.metric,
        senderPositions: .one(ofEach: prompts.positions(of: role)))
      let intact = Estimate(patching.baseline).mean
      return try receivers.flatMap { receiver in
        let earlier = senders.filter { $0.place.layer < receiver.head?.place.layer ?? .max }
        let values = try patching.patch(fromEach: earlier.map { [$0] }, to: [receiver.reader])
        return earlier.indices.map { index in
          let value = Double(values.slice(axis: 0, at: index).mean())
          return CircuitDiagram.Edge(
            from: earlier[index], to: receiver.head, effect: (value - intact).relative(to: intact))
        }
      }
    }
    func heads(_ names: String...) -> [Writer] { names.flatMap { circuit[$0]?.heads ?? [] } }
    func readers(_ heads: [Writer], _ reader: ([Writer]) -> [Reader]) -> [(head: Writer?, reader: Reader)] {
      heads.flatMap { head in reader([head]).map { (head: Optional(head), reader: $0) } }
    }
    let (movers, inhibitors) = (heads("name mover"), heads("S-inhibition"))
    let induction = heads("induction")
    return CircuitDiagram(
      circuit: circuit,
      edges: try edges(
        from: movers + heads("backup name mover", "negative name mover"), to: [(nil, .logits)], at: .end)
        + edges(from: inhibitors, to: readers(movers, Reader.queries(of:)), at: .end)
        + edges(from: induction + heads("duplicate token"), to: readers(inhibitors, Reader.values(of:)), at: .s2)
        + edges(from: heads("previous token"), to: readers(induction, Reader.keys(of:)), at: .s1Next),
      layers: model.configuration.nLayers)
  }
}
