// Whom the name movers of GPT-2 small read through their queries: the S-inhibition head 8.10 (Wang et al. 2022, §3.2, who
// found it by path patching). Weights alone; nothing is run.

import Transformer

struct QueryComposition: Experiment {
  let name = "QueryComposition"
  let claims = ["weights.q-composition.name-movers", "weights.q-composition.norm"]
  let configuration: [String: ConfigurationValue] = [
    "weights": "GPT-2 small, LayerNorm's gain folded, writing weights centred",
    "score": "‖W_OV·W_QK‖/(‖W_OV‖‖W_QK‖), Frobenius norms", "renamings": 200,
  ]

  /// The heads that copy a name to the end (Wang et al. 2022, figure 2).
  static let nameMovers = [HeadName(9, 9), HeadName(10, 0), HeadName(9, 6)]

  /// The heads that keep them from attending to the subject.
  static let sInhibition = [HeadName(8, 10), HeadName(7, 3), HeadName(7, 9), HeadName(8, 6)]

  struct Observation: Sendable {
    /// Mean Q-composition into the name movers, `[layer][head]` of the sender.
    var intoNameMovers: [[Double]]
    var order: [HeadName]
    var control: HeadName
    var sources: Double
    var sourcesOfRenamed: Double
    /// The heads of layers 9 to 11 that read 8.10 most.
    var readingItMost: [HeadName]
    var baseline: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let model = try GPT2Attention(contentsOf: run.asset(GPT2Attention.asset)).model
    let inhibition = Self.sInhibition[0]
    guard let control = model.head(inLayers: 0..<inhibition.layer, withNormLike: inhibition) else {
      preconditionFailure("there are layers before \(inhibition)")
    }
    let queries = try CompositionMap(.q, of: model)
    let late = HeadName.all(layers: 9..<12, heads: GPT2Attention.heads)
    return Observation(
      intoNameMovers: queries.scores(into: Self.nameMovers),
      order: queries.sources(of: Self.nameMovers, before: 9), control: control,
      sources: Double(queries.count(of: Self.nameMovers, readingMost: inhibition)),
      sourcesOfRenamed: queries.count(
        ofAsManyAs: Self.nameMovers.count, fromLayers: 9..<12, readingMost: inhibition, draws: 200,
        run.random("renaming")),
      readingItMost: late.filter { queries.sources(of: $0).first == inhibition },
      baseline: Double(model.compositionBaseline(from: run.random("random heads")).mean))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func rank(_ head: HeadName) -> Double { Double(seed.order.rank(of: head) ?? seed.order.count + 1) }
    let others = Self.sInhibition.dropFirst().map { ("rank of \($0)", rank($0)) }
    return [
      Reading(
        claim: "weights.q-composition.name-movers", value: seed.sources, control: seed.sourcesOfRenamed,
        detail: ["heads of layers 9 to 11 that read it most": Double(seed.readingItMost.count)]),
      Reading(
        claim: "weights.q-composition.norm", value: rank(Self.sInhibition[0]), control: rank(seed.control),
        detail: Dictionary(uniqueKeysWithValues: others + [("random heads", seed.baseline)])),
    ]
  }
}
