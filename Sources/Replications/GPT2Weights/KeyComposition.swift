// Who reads the previous-token head of GPT-2 small through its keys: the induction heads (Elhage et al. 2021, "Induction
// Heads"; the heads by TransformerLens's notebooks). Weights alone; nothing is run.

import Transformer

struct KeyComposition: Experiment {
  let name = "KeyComposition"
  let claims = ["weights.k-composition.readers", "weights.k-composition.sources", "weights.k-composition.keys-only"]
  let configuration: [String: ConfigurationValue] = [
    "weights": "GPT-2 small, LayerNorm's gain folded, writing weights centred",
    "score": "‖W_OV·W_QKᵀ‖/(‖W_OV‖‖W_QK‖), Frobenius norms", "renamings": 200,
  ]

  /// The head that attends to the token before (Vig & Belinkov 2019; TransformerLens, score 0.99).
  static let previousToken = HeadName(4, 11)

  /// The heads whose published induction score on repeated random tokens is at least 0.8.
  static let induction = [HeadName(5, 1), HeadName(5, 5), HeadName(6, 9), HeadName(7, 2), HeadName(7, 10)]

  /// The heads whose published induction score is at least 0.36.
  static let allInduction: Set<HeadName> = Set(
    induction + [
      HeadName(5, 0), HeadName(8, 1), HeadName(9, 6), HeadName(9, 9), HeadName(10, 0), HeadName(10, 1),
      HeadName(10, 7), HeadName(11, 10),
    ])

  struct Observation: Sendable {
    /// K-composition out of the previous-token head, and out of the control, `[layer][head]`.
    var outOfPreviousToken: [[Double]]
    var outOfControl: [[Double]]
    var control: HeadName
    var readers: [HeadName]
    var readersOfControl: [HeadName]
    /// How many of the induction heads read the previous-token head most, and how many heads in their place.
    var sources: Double
    var sourcesOfRenamed: Double
    /// The rank of the previous-token head among the sources of each induction head.
    var ranks: [Composition: [Double]]
    /// The mean score of random heads.
    var baseline: Double
    /// K-composition into the induction heads, `[layer][head]`.
    var intoInduction: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let model = try GPT2Attention(contentsOf: run.asset(GPT2Attention.asset)).model
    let previous = Self.previousToken
    guard let control = model.head(inLayers: 0..<previous.layer, withNormLike: previous) else {
      preconditionFailure("there are layers before \(previous)")
    }
    let keys = try CompositionMap(.k, of: model)
    run.report(0.4)
    let ranks = try Composition.allCases.map { kind in
      let map = kind == .k ? keys : try CompositionMap(kind, of: model)
      return (kind, Self.induction.map { Double(map.sources(of: $0).rank(of: previous) ?? 0) })
    }
    return Observation(
      outOfPreviousToken: keys.scores(outOf: previous), outOfControl: keys.scores(outOf: control), control: control,
      readers: keys.readers(of: previous), readersOfControl: keys.readers(of: control).filter { $0.layer > 4 },
      sources: Double(keys.count(of: Self.induction, readingMost: previous)),
      sourcesOfRenamed: keys.count(
        ofAsManyAs: Self.induction.count, fromLayers: 5..<12, readingMost: previous, draws: 200,
        run.random("renaming")),
      ranks: Dictionary(uniqueKeysWithValues: ranks),
      baseline: Double(model.compositionBaseline(from: run.random("random heads")).mean),
      intoInduction: keys.scores(into: Self.induction))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func inductionHeads(_ readers: [HeadName]) -> Double {
      Double(readers.prefix(5).count { Self.allInduction.contains($0) })
    }
    func rank(_ kind: Composition) -> Double { mean(seed.ranks[kind] ?? [.nan]) }
    let strongest = seed.readers.prefix(6).map { ("to \($0)", seed.outOfPreviousToken[$0]) }
    return [
      Reading(
        claim: "weights.k-composition.readers", value: inductionHeads(seed.readers),
        control: inductionHeads(seed.readersOfControl),
        detail: Dictionary(uniqueKeysWithValues: strongest + [("random heads", seed.baseline)])),
      Reading(
        claim: "weights.k-composition.sources", value: seed.sources, control: seed.sourcesOfRenamed),
      Reading(
        claim: "weights.k-composition.keys-only", value: rank(.k), control: min(rank(.q), rank(.v)),
        detail: ["by queries": rank(.q), "by values": rank(.v)]),
    ]
  }
}
