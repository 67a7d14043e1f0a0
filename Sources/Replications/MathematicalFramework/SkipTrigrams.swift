// One-layer models are tables of skip-trigrams (Elhage et al. 2021, "One-Layer Attention-Only Transformers as
// Skip-Trigrams"): a word A attended to from B raises an output C, "A … B → C".
//
// The language here has eight skip-trigrams that are known. They are read off the trained weights and compared with what
// the model does when such words meet.

import Foundation
import Tensors
import Transformer

struct SkipTrigrams: Experiment {
  let name = "SkipTrigrams"
  let claims = ["framework.skip-trigrams.source", "framework.skip-trigrams.behaviour"]
  let configuration: [String: ConfigurationValue] = [
    "layers": 1, "heads": .int(Self.model.heads), "width": .int(Self.model.width),
    "vocabulary": .int(Self.model.vocabulary), "length": .int(Self.model.length), "data": "synthetic language",
    "bigramSuccessors": 8, "skipTrigrams": .int(Self.count), "skipShare": 0.8, "steps": .int(Self.steps),
    "learningRate": 1e-2, "batchSize": .int(Self.rows), "company": .int(Self.company),
  ]

  static let model = AttentionOnlyModel(layers: 1, heads: 4, width: 32, vocabulary: 32, length: 48)
  static let count = 8
  private static let steps = 500
  private static let rows = 32
  /// The number of words between the beginning of the row and B, where skip-trigrams are read and where they are tried.
  static let company = 24

  /// Changes of logits, `[A][B][C]` over the first, second and third words of the language's skip-trigrams.
  typealias Changes = [[[Double]]]

  struct Observation: Sendable {
    var skipTrigrams: [SyntheticLanguage.SkipTrigram]
    /// Read off the weights, by skip-trigram: the change at its B and C for each word of the vocabulary in A's place.
    var changesBySource: [[Double]]
    var changesBySourceBeforeTraining: [[Double]]
    var read: Changes
    var measured: Changes
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let language = SyntheticLanguage(
      vocabulary: Self.model.vocabulary, skipTrigrams: Self.count, using: run.random("language"))
    var training = Self.model.training(steps: Self.steps, learningRate: 1e-2, stream: run.random("training"))
    let initial = training.model
    try training.train { step, stream in
      try run.checkCancellation()
      run.report(Double(step) / Double(Self.steps))
      return language.batch(Self.rows, length: Self.model.length, using: &stream)
    }
    let skips = language.skipTrigrams
    let table = SkipTrigramTable(of: training.model, frequencies: language.chain.stationary, company: Self.company)
    let initialTable = SkipTrigramTable(of: initial, frequencies: language.chain.stationary, company: Self.company)
    func bySource(_ table: SkipTrigramTable) -> [[Double]] {
      skips.map { skip in
        (0..<language.vocabulary).map { table.change(of: skip.third, at: skip.second, from: $0) }
      }
    }
    return Observation(
      skipTrigrams: skips, changesBySource: bySource(table), changesBySourceBeforeTraining: bySource(initialTable),
      read: skips.map { a in
        skips.map { b in skips.map { c in table.change(of: c.third, at: b.second, from: a.first) } }
      },
      measured: Self.measuredChanges(in: training.model, language, run.random("rows")))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func found(_ changes: [[Double]]) -> Double {
      let hits = zip(seed.skipTrigrams, changes).count { skip, changes in
        let sources = changes.indices.filter { $0 != skip.second }
        return sources.max { changes[$0] < changes[$1] } == skip.first
      }
      return Double(hits) / Double(seed.skipTrigrams.count)
    }
    let exchanged = Array(seed.read.dropFirst()) + [seed.read[0]]
    func flat(_ changes: Changes) -> [Double] { changes.flatMap { $0.flatMap(\.self) } }
    return [
      Reading(
        claim: "framework.skip-trigrams.source", value: found(seed.changesBySource),
        control: found(seed.changesBySourceBeforeTraining),
        detail: [
          "change read, own": mean(seed.skipTrigrams.indices.map { seed.read[$0][$0][$0] }),
          "change measured, own": mean(seed.skipTrigrams.indices.map { seed.measured[$0][$0][$0] }),
          "change read, all": mean(flat(seed.read)), "change measured, all": mean(flat(seed.measured)),
        ]),
      Reading(
        claim: "framework.skip-trigrams.behaviour",
        value: pearson(flat(seed.read), flat(seed.measured)),
        control: pearson(flat(exchanged), flat(seed.measured))),
    ]
  }

  // MARK: - Behaviour

  /// The change of the logit of each C at a final B when a word of the row is replaced by each A, mean over rows.
  private static func measuredChanges(
    in model: HookedTransformer, _ language: SyntheticLanguage, _ stream: RandomStream
  ) -> Changes {
    let skips = language.skipTrigrams
    let firsts = Set(skips.map(\.first))
    let rows = 32
    /// Words of the language without any A, and the place of the one that gives way.
    let companies = (0..<rows).map { row -> (words: [Int], place: Int) in
      var stream = stream.derived("row", row)
      var words: [Int] = []
      while words.count < company { words += language.row(company, using: &stream).filter { !firsts.contains($0) } }
      return (Array(words.prefix(company)), stream.integer(below: company))
    }
    /// The mean logits of all C at a final B, with A in the place that gives way or without.
    func logits(_ second: Int, _ first: Int?) -> [Double] {
      let tokens = TokenBatch(
        companies.map { words, place in
          var words = words
          if let first { words[place] = first }
          return [language.vocabulary] + words + [second]
        })
      let last = model(tokens).slice(axis: 1, at: company + 1).mean(axis: 0)
      return skips.map { Double(last[$0.third]) }
    }
    let without = skips.map { logits($0.second, nil) }
    return skips.map { a in
      zip(skips, without).map { b, without in zip(logits(b.second, a.first), without).map { $0 - $1 } }
    }
  }
}
