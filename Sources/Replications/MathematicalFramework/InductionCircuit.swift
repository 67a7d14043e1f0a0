// The induction heads of a two-layer model, found in its weights and confirmed in what it does (Elhage et al. 2021,
// "Two-Layer Attention-Only Transformers" and "Induction Heads").
//
// Two layers of two heads are trained on uniform tokens with copied spans. A head of the last layer is an induction head
// by its weights when it copies (positive OV eigenvalues) and when what it asks for matches what a head of the first
// layer wrote about the token before (positive QK eigenvalues of that term). By what it does it is one when, on random
// tokens that repeat, it attends to what followed the present token. One layer on the same data is the control.

import Tensors
import Transformer

struct InductionCircuit: Experiment {
  let name = "InductionCircuit"
  let claims = [
    "framework.path-expansion.two-layers", "framework.composition.k", "framework.composition.q-and-v",
    "framework.composition.strongest",
    "framework.induction.from-weights", "framework.induction.prefix-matching", "framework.induction.ablation",
    "framework.induction.order", "framework.copying.no-induction-detector",
  ]
  let configuration: [String: ConfigurationValue] = [
    "layers": "2, in the control 1", "heads": .int(Self.twoLayers.heads), "width": .int(Self.twoLayers.width),
    "vocabulary": .int(Self.twoLayers.vocabulary), "length": .int(Self.twoLayers.length), "data": "copied spans",
    "copyRate": 0.2, "background": "uniform", "steps": .int(Self.steps),
    "stepsOfOneLayer": .int(Self.stepsOfOneLayer), "learningRate": 1e-2,
    "batchSize": .int(Self.rows),
    "probe": "12 distinct random tokens 4 times, 32 rows",
  ]

  static let twoLayers = AttentionOnlyModel(layers: 2, width: 32, vocabulary: 32, length: 48)
  static let oneLayer = AttentionOnlyModel(layers: 1, width: 32, vocabulary: 32, length: 48)
  private static let steps = 1_000
  private static let stepsOfOneLayer = 500
  private static let rows = 32

  /// A head of the last layer counts as an induction head by what it does above this prefix-matching score.
  static let behaves = 0.3
  /// A head counts as an induction head by its weights when both eigenvalue scores are above this.
  static let corner = 0.9

  struct Observation: Sendable {
    var trained: CircuitReading
    var initial: CircuitReading
    var oneLayer: CircuitReading
    var expansionError: Double
    var expansionErrorWithoutVirtualHeads: Double
    /// The loss on each copy of repeated random tokens, in nats.
    var copyLosses: [Double]
    var copyLossesWithoutInductionHeads: [Double]
    var copyLossesWithoutFirstLayer: [Double]
    /// The gain of order, in nats.
    var orderGain: Double
    var orderGainOfOneLayer: Double
    /// The pattern of the head that the weights point to on one row of repeated random tokens, `[query][key]`.
    var pattern: [[Double]]
    var patternOfOneLayer: [[Double]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let data = CopiedSpans(vocabulary: Self.twoLayers.vocabulary, length: Self.twoLayers.length, rate: 0.2)
    let (initial, trained) = try train(Self.twoLayers, Self.steps, on: data, run, share: 0..<0.8)
    let (_, single) = try train(Self.oneLayer, Self.stepsOfOneLayer, on: data, run, share: 0.8..<1)

    let repeated = RepeatedTokens(
      from: Array(0..<data.vocabulary), bos: data.bos, length: 12, repeats: 4, rows: 32,
      stream: run.random("repeated tokens"))
    var held = run.random("held out")
    let probe = CircuitReading.Probe(
      repeated: repeated, text: data.batch(32, using: &held), random: run.random("random matrices"))
    let reading = try CircuitReading(of: trained, probe)
    let singleReading = try CircuitReading(of: single, probe)

    let tokens = probe.text.rows(0..<8)
    let (logits, cache) = try trained.runWithCache(tokens, names: .each(.pattern))
    let expansion = PathExpansion(of: trained, tokens, patterns: cache)
    let ablation = RepetitionAblation(repeated)
    let order = OrderProbe(vocabulary: data.vocabulary, bos: data.bos, length: 24, rows: 256, run.random("order"))
    return Observation(
      trained: reading, initial: try CircuitReading(of: initial, probe), oneLayer: singleReading,
      expansionError: PathExpansion.error(of: expansion.sum(), from: logits),
      expansionErrorWithoutVirtualHeads: PathExpansion.error(of: expansion.sum { $0.order < 2 }, from: logits),
      copyLosses: try ablation.losses(of: trained),
      copyLossesWithoutInductionHeads: try ablation.losses(
        of: trained, without: reading.inductionHeadsByWeights(above: Self.corner), layer: 1),
      copyLossesWithoutFirstLayer: try ablation.losses(of: trained, without: [0, 1], layer: 0),
      orderGain: order.gain(of: trained), orderGainOfOneLayer: order.gain(of: single),
      pattern: try Self.pattern(of: trained, layer: 1, head: reading.bestHeadByWeights, repeated),
      patternOfOneLayer: try Self.pattern(of: single, layer: 0, head: singleReading.bestHeadByWeights, repeated))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (trained, initial, single) = (seed.trained, seed.initial, seed.oneLayer)
    let pair = trained.pair
    // Heads of every kind there is here: of two layers before and after training, and of one.
    let candidates = trained.allHeads + initial.allHeads + single.allHeads
    func matches(_ head: CircuitReading.Head) -> Bool { head.prefixMatching > Self.behaves }
    func largestPrefixMatching(_ reading: CircuitReading) -> Double {
      reading.heads.filter { $0.copying > 0.9 }.map(\.prefixMatching).max() ?? .nan
    }
    func reduction(_ losses: [Double]) -> Double { losses[0] - losses[losses.count - 1] }
    return [
      Reading(
        claim: "framework.path-expansion.two-layers", value: seed.expansionError,
        control: seed.expansionErrorWithoutVirtualHeads),
      Reading(
        claim: "framework.composition.k", value: pair.deviations(.k),
        control: max(pair.deviations(.q), pair.deviations(.v)),
        detail: [
          "K-composition": pair.score(.k), "Q-composition": pair.score(.q), "V-composition": pair.score(.v),
          "random mean": trained.baseline.mean, "random sd": trained.baseline.standardDeviation,
          "previous-token score": trained.previousTokenScores.max() ?? .nan,
        ]),
      Reading(
        claim: "framework.composition.q-and-v", value: max(pair.deviations(.q), pair.deviations(.v)),
        control: initial.pair(like: trained).largestOfQAndV),
      Reading(
        claim: "framework.composition.strongest", value: trained.lead(of: trained.previousTokenHead),
        control: initial.lead(of: trained.previousTokenHead)),
      Reading(
        claim: "framework.induction.from-weights",
        value: CircuitReading.Head.agreement(on: candidates, { $0.leastScore > Self.corner }, matches),
        control: CircuitReading.Head.agreement(on: candidates, { $0.copying > Self.corner }, matches),
        detail: [
          "candidates": Double(candidates.count), "induction heads": Double(candidates.count(where: matches)),
          "found by weights": Double(candidates.count { $0.leastScore > Self.corner }),
          "found by copying alone": Double(candidates.count { $0.copying > Self.corner }),
          "found by matching alone": Double(candidates.count { $0.matching > Self.corner }),
          "least score of an induction head": candidates.filter(matches).map(\.leastScore).min() ?? .nan,
        ]),
      Reading(
        claim: "framework.induction.prefix-matching",
        value: trained.heads[trained.bestHeadByWeights].prefixMatching,
        control: single.heads[single.bestHeadByWeights].prefixMatching,
        detail: ["best of the last layer": trained.heads.map(\.prefixMatching).max() ?? .nan]),
      Reading(
        claim: "framework.induction.ablation",
        value: reduction(seed.copyLossesWithoutInductionHeads) / reduction(seed.copyLosses),
        control: reduction(seed.copyLossesWithoutFirstLayer) / reduction(seed.copyLosses),
        detail: [
          "loss on the first copy": seed.copyLosses[0],
          "loss on the last copy": seed.copyLosses[seed.copyLosses.count - 1],
        ]),
      Reading(
        claim: "framework.induction.order", value: seed.orderGain, control: seed.orderGainOfOneLayer),
      Reading(
        claim: "framework.copying.no-induction-detector", value: largestPrefixMatching(single),
        control: largestPrefixMatching(trained)),
    ]
  }

  // MARK: - Models

  private func train(
    _ model: AttentionOnlyModel, _ steps: Int, on data: CopiedSpans, _ run: SeedRun, share: Range<Double>
  ) throws -> (initial: HookedTransformer, trained: HookedTransformer) {
    let stream = run.random("training").derived("layers", model.layers)
    var training = model.training(steps: steps, learningRate: 1e-2, stream: stream)
    let initial = training.model
    try training.train { step, stream in
      try run.checkCancellation()
      run.report(share.lowerBound + (share.upperBound - share.lowerBound) * Double(step) / Double(steps))
      return data.batch(Self.rows, using: &stream)
    }
    return (initial, training.model)
  }

  private static func pattern(
    of model: HookedTransformer, layer: Int, head: Int, _ repeated: RepeatedTokens
  ) throws -> [[Double]] {
    let row = repeated.tokens.rows(0..<1)
    let cache = try model.runWithCache(row, names: .each(.pattern, layers: [layer])).cache
    return cache[.pattern, layer: layer].slice(axis: 0, at: 0).slice(axis: 0, at: head).doubles
  }
}
