// Is the circuit of 26 heads faithful, complete and minimal (Wang et al. 2022, §4, appendices K and M)?

import Tensors
import Transformer

struct CircuitCriteria: Experiment {
  let name = "CircuitCriteria"
  let claims = [
    "ioi.gpt2.faithfulness", "ioi.gpt2.faithfulness.empty", "ioi.gpt2.faithfulness.random",
    "ioi.gpt2.completeness.classes", "ioi.gpt2.completeness.order", "ioi.gpt2.completeness.random",
    "ioi.gpt2.completeness.greedy", "ioi.gpt2.completeness.greedy.each", "ioi.gpt2.minimality.count",
    "ioi.gpt2.minimality.order",
  ]
  let configuration = GPT2Prompts.knockOutConfiguration(count: Self.count).merging(
    ["randomSets": 10], uniquingKeysWith: { first, _ in first })

  private static let count = 4 * GPT2Prompts.forms

  struct Published: Decodable, Sendable {
    /// F(C∖(K∪v)) and F(C∖K) of each head v, figure 20.
    let minimality: [String: [Double]]
    /// The four sets of figure 22.
    let greedy: [[String]]
    /// F(C∖K) and F(M∖K) of each class K, from the released points.
    let completeness: [String: [String: [Double]]]
  }

  struct Observation: Sendable {
    var published: Published
    /// F(M), F(C), F of a circuit of as many other heads, and F(∅): mean logit differences.
    var model: Double
    var circuit: Double
    var randomCircuit: Double
    var nothing: Double
    var classes: [Incompleteness]
    var naiveClasses: [Incompleteness]
    var greedy: [Incompleteness]
    var random: [Incompleteness]
    var minimality: [Minimality]
    /// How much each of 26 heads outside the circuit changes F(C) when it is added, relative to F(M).
    var added: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let published = try run.published(in: "wang2022ioi", as: Published.self)
    let circuit = IndirectObjectCircuit.gpt2Small
    let study = try GPT2Prompts.study(run, count: Self.count)
    let knockOuts = try GPT2Prompts.knockOuts(run, study)
    let evaluation = try knockOuts.evaluation(of: circuit)
    let faithfulness = try evaluation.faithfulness()
    run.report(0.1)

    func heads(_ names: String...) -> [Writer] { names.flatMap { circuit[$0]?.heads ?? [] } }
    let classes = try [
      ("name movers", heads("name mover", "backup name mover")), ("negative", heads("negative name mover")),
      ("S-inhibition", heads("S-inhibition")), ("induction", heads("induction")),
      ("duplicate token", heads("duplicate token")), ("previous token", heads("previous token")),
    ].map { try evaluation.incompleteness(removing: $0.1, name: $0.0) }
    run.report(0.25)
    try run.checkCancellation()
    let greedy = try published.greedy.map { names in
      try evaluation.incompleteness(removing: names.compactMap { HeadName($0)?.writer }, name: "greedy")
    }
    var stream = run.random("random sets")
    let random = try (0..<10).map { index in
      let size = published.greedy[index % published.greedy.count].count
      return try evaluation.incompleteness(
        removing: stream.permutation(circuit.heads.count).prefix(size).map { circuit.heads[$0] }, name: "random")
    }
    run.report(0.5)
    try run.checkCancellation()
    let minimality = try evaluation.minimality(removing: circuit.minimalitySets)
    run.report(0.75)
    try run.checkCancellation()

    let others = Writer.heads(of: study.model.configuration).filter { !circuit.heads.contains($0) }
    var order = run.random("heads outside the circuit")
    let drawn = order.permutation(others.count).prefix(circuit.heads.count).map { others[$0] }
    let naive = try knockOuts.evaluation(of: .gpt2SmallNaive).incompletenessByClass()
    func average(_ values: [Float]) -> Double { mean(values.map(Double.init)) }
    let model = average(faithfulness.model)
    return Observation(
      published: published, model: model, circuit: average(faithfulness.circuit),
      randomCircuit: average(try knockOuts.evaluation(of: circuit.replacingHeads(by: drawn)).circuit()),
      nothing: average(faithfulness.nothing), classes: classes, naiveClasses: naive, greedy: greedy, random: random,
      minimality: minimality, added: try Self.effects(ofAdding: drawn, to: circuit, knockOuts, model: model))
  }

  /// |F(C∪v) − F(C)|/F(M) of some heads outside the circuit.
  private static func effects(
    ofAdding heads: [Writer], to circuit: IndirectObjectCircuit, _ knockOuts: IndirectObjectKnockOuts, model: Double
  ) throws -> [Double] {
    let wider = IndirectObjectCircuit(circuit.classes + [.init("outside", heads, at: .end)])
    let evaluation = try knockOuts.evaluation(of: wider)
    func value(without removed: [Writer]) throws -> Double {
      mean(try evaluation.circuit(without: removed).map(Double.init))
    }
    let without = try value(without: heads)
    return try heads.map { head in abs(try value(without: heads.filter { $0 != head }) - without).relative(to: model) }
  }

  func readings(_ seed: Observation) -> [Reading] {
    func distance(_ points: [Incompleteness]) -> Double { mean(points.map { Double($0.difference) }) }
    let (circuits, models) = (seed.classes.map { Double($0.circuit) }, seed.classes.map { Double($0.model) })
    let (share, randomShare) = (
      seed.circuit.relative(to: seed.model), seed.randomCircuit.relative(to: seed.model)
    )
    let greedy = seed.greedy.map { Double($0.difference) }
    func named(_ points: [Incompleteness]) -> [String: Double] {
      Dictionary(uniqueKeysWithValues: points.map { ($0.name, Double($0.difference)) })
    }
    let changes = seed.minimality.map { Double($0.change) }
    let printed = seed.minimality.map { head -> Double in
      let pair = seed.published.minimality["\(HeadName(head.node))"] ?? []
      return pair.count == 2 ? abs(pair[0] - pair[1]) : .nan
    }
    return [
      Reading(
        claim: "ioi.gpt2.faithfulness", value: share, control: randomShare),
      Reading(claim: "ioi.gpt2.faithfulness.empty", value: seed.nothing, control: seed.circuit),
      Reading(claim: "ioi.gpt2.faithfulness.random", value: randomShare, control: share),
      Reading(
        claim: "ioi.gpt2.completeness.classes", value: distance(seed.classes), control: distance(seed.naiveClasses),
        detail: named(seed.classes)),
      Reading(
        claim: "ioi.gpt2.completeness.order", value: pearson(circuits, models),
        control: pearson(circuits, Array(models.dropFirst() + models.prefix(1)))),
      Reading(
        claim: "ioi.gpt2.completeness.random", value: distance(seed.random), control: distance(seed.greedy)),
      Reading(
        claim: "ioi.gpt2.completeness.greedy", value: greedy.max() ?? .nan, control: distance(seed.random)),
      Reading(
        claim: "ioi.gpt2.completeness.greedy.each", value: greedy.min() ?? .nan, control: distance(seed.random)),
      Reading(
        claim: "ioi.gpt2.minimality.count",
        value: Double(seed.minimality.count { Double($0.change).relative(to: Double($0.model)) >= 0.01 }),
        control: Double(seed.added.count { $0 >= 0.01 })),
      Reading(
        claim: "ioi.gpt2.minimality.order", value: spearman(changes, printed),
        control: spearman(changes, printed.reversed())),
    ]
  }
}

extension IndirectObjectCircuit {
  /// A circuit of as many classes of as many heads at the same positions, filled with other heads in their order.
  func replacingHeads(by heads: [Writer]) -> IndirectObjectCircuit {
    var rest = heads[...]
    return IndirectObjectCircuit(
      classes.map { group in
        defer { rest = rest.dropFirst(group.heads.count) }
        return HeadClass(group.name, Array(rest.prefix(group.heads.count)), at: group.role)
      })
  }
}
