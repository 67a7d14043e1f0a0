// Three kinds of heads in small models trained here: previous-token and induction heads in two layers that learn to continue
// copied spans (Olsson et al. 2022), a duplicate-token head in one layer that must know whether a token has come before
// (Wang et al. 2022, §3.3). Detectors as TransformerLens has them.

import Tensors
import Transformer

struct TrainedPatterns: Experiment {
  let name = "TrainedPatterns"
  let claims = [
    "patterns.trained.previous-token", "patterns.trained.induction", "patterns.trained.duplicate",
    "patterns.trained.need", "patterns.trained.detectors",
  ]
  let configuration: [String: ConfigurationValue] = [
    "architecture": "attention only, positions in queries and keys", "width": 32, "heads": 2, "vocabulary": 32,
    "copies": "two layers, rows of 48, copy rate 0.2, 1,000 steps", "bells": "one layer, rows of 40, 600 steps",
    "batchSize": 32, "learningRate": 1e-2, "probe": "16 distinct random tokens twice, 32 rows",
    "optimizer": "AdamW, β 0.9 and 0.98, decay 0.01, norm clipped to 1, 50 steps of warm-up",
  ]

  private static let copies = CopiedSpans(vocabulary: 32, length: 48, rate: 0.2)
  private static let bells = RingingRows(vocabulary: 32, length: 40, bells: .behindDuplicates)
  /// About as many bells as ring behind duplicates.
  private static let randomBells = RingingRows(vocabulary: 32, length: 40, bells: .atRandom(0.35))
  private static let repetition = 16

  /// What one model shows on rows that repeat and on rows that do not.
  struct Shown: Sendable {
    var repeated: RepetitionScores
    var shuffled: RepetitionScores
    /// What the head detector says of each kind, `[layer][head]`.
    var detected: [HeadKind: [[Double]]]
    /// The patterns of the first row, `[layer][head][query][key]`.
    var patterns: [[[[Double]]]]
  }

  struct Observation: Sendable {
    var copying: Shown
    var ringing: Shown
    var ringingAtRandom: Shown
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let (copies, bells, random) = (Self.copies, Self.bells, Self.randomBells)
    let copying = try train(
      AttentionOnlyModel(layers: 2, width: 32, vocabulary: copies.vocabulary, length: copies.length), steps: 1_000, run,
      "copies", share: 0..<0.6
    ) { copies.batch(32, using: &$0) }
    func ringing(_ rows: RingingRows, _ label: String, share: Range<Double>) throws -> HookedTransformer {
      try train(
        AttentionOnlyModel(layers: 1, width: 32, vocabulary: rows.vocabulary + 1, length: rows.length), steps: 600, run,
        label, share: share
      ) { rows.batch(32, using: &$0) }
    }
    return Observation(
      copying: try shown(by: copying, bos: copies.bos, run),
      ringing: try shown(by: ringing(bells, "bells", share: 0.6..<0.8), bos: bells.bos, run),
      ringingAtRandom: try shown(by: ringing(random, "random bells", share: 0.8..<1), bos: random.bos, run))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (copying, ringing) = (seed.copying, seed.ringing)
    let previous = head(.previousToken, of: copying)
    func highest(_ kind: HeadKind, _ scores: RepetitionScores, layer: Int) -> Double { scores[kind][layer].max() ?? 0 }
    func agreeing(_ detector: (HeadKind) -> HeadKind) -> Double {
      Double(
        HeadKind.allCases.count { kind in
          let model = kind == .duplicateToken ? ringing : copying
          return model.detected[detector(kind)]?.headsByScore.first == model.repeated[kind].headsByScore.first
        })
    }
    let duplicates = highest(.duplicateToken, ringing.repeated, layer: 0)
    let needless = highest(.duplicateToken, seed.ringingAtRandom.repeated, layer: 0)
    return [
      Reading(
        claim: "patterns.trained.previous-token", value: copying.repeated[.previousToken][previous],
        control: copying.repeated.twoBack[previous]),
      Reading(
        claim: "patterns.trained.induction", value: highest(.induction, copying.repeated, layer: 1),
        control: highest(.induction, copying.shuffled, layer: 1)),
      Reading(
        claim: "patterns.trained.duplicate", value: duplicates,
        control: highest(.duplicateToken, ringing.shuffled, layer: 0),
        detail: ["in the model of copied spans": copying.repeated[.duplicateToken].joined().max() ?? 0]),
      Reading(claim: "patterns.trained.need", value: needless, control: duplicates),
      Reading(claim: "patterns.trained.detectors", value: agreeing { $0 }, control: agreeing(\.next)),
    ]
  }

  /// The head of a kind: of the first layer where it looks one back, else of the last.
  func head(_ kind: HeadKind, of model: Shown) -> HeadName {
    let layer = kind == .previousToken ? 0 : model.repeated[kind].count - 1
    let scores = model.repeated[kind][layer]
    return HeadName(layer, scores.indices.max { scores[$0] < scores[$1] } ?? 0)
  }

  // MARK: - Models and what they show

  private func train(
    _ model: AttentionOnlyModel, steps: Int, _ run: SeedRun, _ label: String, share: Range<Double>,
    on rows: (inout RandomStream) -> TokenBatch
  ) throws -> HookedTransformer {
    var training = model.training(steps: steps, learningRate: 1e-2, stream: run.random(label))
    try training.train { step, stream in
      try run.checkCancellation()
      run.report(share.lowerBound + (share.upperBound - share.lowerBound) * Double(step) / Double(steps))
      return rows(&stream)
    }
    return training.model
  }

  private func shown(by model: HookedTransformer, bos: Int, _ run: SeedRun) throws -> Shown {
    var stream = run.random("repeated tokens")
    let rows = (0..<32).map { _ in Array(stream.permutation(32).prefix(Self.repetition)) }
    let probe = RepeatedRows(rows, bos: bos, shuffledBy: run.random("shuffled halves"))
    func patterns(_ tokens: TokenBatch) throws -> ActivationCache {
      try model.runWithCache(tokens, names: .each(.pattern)).cache
    }
    let (repeated, shuffled) = (try patterns(probe.tokens), try patterns(probe.shuffled))
    let detected = try HeadKind.allCases.map { kind in
      (kind, try repeated.detectHead(probe.tokens, kind.pattern, excludingBOS: true).rows)
    }
    return Shown(
      repeated: try RepetitionScores(repeated, probe.tokens, length: probe.length),
      shuffled: try RepetitionScores(shuffled, probe.shuffled, length: probe.length),
      detected: Dictionary(uniqueKeysWithValues: detected),
      patterns: (0..<model.configuration.nLayers).map { layer in
        let first = repeated[.pattern, layer: layer].slice(axis: 0, at: 0)
        return (0..<model.configuration.nHeads).map { first.slice(axis: 0, at: $0).rows }
      })
  }
}
