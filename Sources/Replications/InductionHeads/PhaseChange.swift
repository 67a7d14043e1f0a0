// The phase change (Olsson et al. 2022, Arguments 1 to 3), in models of two layers and of one, with smeared keys and
// without.
//
// All see rows of the same kind: uniform tokens with spans copied from variable distances. They are measured on the way;
// then heads of the two-layer model are ablated. A second model of one layer and a second one of two, with weights and rows
// of their own, are what the first ones are held against.

import Tensors
import Transformer

struct PhaseChange: Experiment {
  let name = "PhaseChange"
  let claims = [
    "induction.phase.prefix-matching", "induction.phase.in-context-learning", "induction.phase.one-window",
    "induction.phase.bump", "induction.phase.slope", "induction.phase.share",
    "induction.phase.random-tokens", "induction.smear.forms", "induction.smear.earlier",
    "induction.smear.one-layer-earlier",
    "induction.ablation.induction-heads", "induction.ablation.previous-token-full",
    "induction.ablation.previous-token-patterns", "induction.ablation.last-layer",
  ]
  let configuration: [String: ConfigurationValue] = [
    "architecture": "attention only, positions in queries and keys", "width": 32, "heads": 2, "vocabulary": 32,
    "length": 48, "background": "uniform", "copyRate": 0.2, "spanLengths": "4…12", "batchSize": 32,
    "learningRate": 1e-2, "optimizer": "AdamW, β 0.9 and 0.98, decay 0.01, norm clipped to 1, 50 steps of warm-up",
    "steps": 1_000, "stepsWithSmearedKeys": 500, "stepsOfSecondTwoLayerModel": 500, "heldOutRows": 512,
    "probe": "12 random tokens × 4, 32 rows",
    "inductionHead": "prefix matching above 0.3",
  ]

  /// Rows of 48 of 32 tokens.
  static let data = CopiedSpans(vocabulary: 32, length: 48, rate: 0.2)

  /// The numbers of steps after which models are measured.
  static let steps = Array(stride(from: 0, to: 600, by: 50)) + Array(stride(from: 600, through: 1_000, by: 100))

  /// The most that a step may be of another one to be clearly earlier.
  private static let clearlyEarlier = 0.75

  struct Observation: Sendable {
    var twoLayers: InductionCurve
    var oneLayer: InductionCurve
    var smeared: InductionCurve
    /// Two layers with smeared keys.
    var smearedTwoLayers: InductionCurve
    /// Two layers and one with other weights and other rows.
    var twoLayersAgain: InductionCurve
    var oneLayerAgain: InductionCurve
    var ablations: Ablations
    var stripes: Stripes
  }

  /// Shares of the in-context-learning score that ablations of the two-layer model leave.
  struct Ablations: Sendable {
    var inductionHeads: Double
    /// Induction heads of the last layer, without and with patterns of their own: the same.
    var lastLayerFull: Double
    var lastLayerPatterns: Double
    var otherHeads: Double
    var bestInductionHead: Double
    var previousTokenFull: Double
    var previousTokenPatterns: Double
    var previousTokenAttention: Double
    var inductionHeadCount: Int
  }

  /// The attention of the best head of the last layer on one row of repeated random tokens, `[query][key]`.
  struct Stripes: Sendable {
    var twoLayers: [[Double]]
    var oneLayer: [[Double]]
    var smeared: [[Double]]
  }

  static func model(layers: Int, smearsKeys: Bool = false) -> AttentionOnlyModel {
    AttentionOnlyModel(
      layers: layers, width: 32, vocabulary: data.vocabulary, length: data.length, smearsKeys: smearsKeys)
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let probe = InductionProbe(Self.data, heldOut: 512, stream: run.random("probe"))
    var done = 0.0
    func train(_ model: AttentionOnlyModel, until last: Int = 1_000, again: Bool = false, weight: Double) throws
      -> (curve: InductionCurve, model: HookedTransformer)
    {
      let result = try InductionCurve.train(
        model, on: Self.data, learningRate: 1e-2, at: Self.steps.filter { $0 <= last }, probe: probe,
        stream: run.random(again ? "training again" : "training")
      ) { run.report(done + weight * $0) }
      done += weight
      return result
    }
    let two = try train(Self.model(layers: 2), weight: 0.28)
    let one = try train(Self.model(layers: 1), weight: 0.18)
    let smeared = try train(Self.model(layers: 1, smearsKeys: true), until: 500, weight: 0.1)
    let smearedTwo = try train(Self.model(layers: 2, smearsKeys: true), until: 500, weight: 0.14)
    let twoAgain = try train(Self.model(layers: 2), until: 500, again: true, weight: 0.12)
    let oneAgain = try train(Self.model(layers: 1), again: true, weight: 0.18)
    return Observation(
      twoLayers: two.curve, oneLayer: one.curve, smeared: smeared.curve,
      smearedTwoLayers: smearedTwo.curve, twoLayersAgain: twoAgain.curve, oneLayerAgain: oneAgain.curve,
      ablations: try Self.ablations(two.model, probe),
      stripes: Stripes(
        twoLayers: try Self.stripe(two.model, probe), oneLayer: try Self.stripe(one.model, probe),
        smeared: try Self.stripe(smeared.model, probe)))
  }

  // MARK: - Ablations

  private static func ablations(_ model: HookedTransformer, _ probe: InductionProbe) throws -> Ablations {
    let ablations = try HeadAblations(model, on: probe.heldOut)
    let scores = try probe.read(model).prefixMatching
    let heads = scores.indices.flatMap { layer in
      scores[layer].indices.map { HeadAblations.Head(layer: layer, head: $0) }
    }
    let induction = heads.filter { scores[$0.layer][$0.head] > 0.3 }
    let best = heads.max { scores[$0.layer][$0.head] < scores[$1.layer][$1.head] }
    let ofLastLayer = induction.filter { $0.layer == scores.count - 1 }
    let previous = try ablations.previousTokenHead()
    return Ablations(
      inductionHeads: try ablations.share(without: induction, .patternPreserving),
      lastLayerFull: try ablations.share(without: ofLastLayer, .full),
      lastLayerPatterns: try ablations.share(without: ofLastLayer, .patternPreserving),
      otherHeads: try ablations.share(without: heads.filter { !induction.contains($0) }, .patternPreserving),
      bestInductionHead: try ablations.share(without: best.map { [$0] } ?? [], .patternPreserving),
      previousTokenFull: try ablations.share(without: [previous.head], .full),
      previousTokenPatterns: try ablations.share(without: [previous.head], .patternPreserving),
      previousTokenAttention: previous.attention, inductionHeadCount: induction.count)
  }

  private static func stripe(_ model: HookedTransformer, _ probe: InductionProbe) throws -> [[Double]] {
    let last = model.configuration.nLayers - 1
    let cache = try model.runWithCache(probe.repeated.tokens, names: .each(.pattern)).cache
    let scores = try cache.prefixMatchingScores(probe.repeated).rows[last]
    let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    return cache[.pattern, layer: last].slice(axis: 0, at: 0).slice(axis: 0, at: best).rows
  }

  // MARK: - Readings

  func readings(_ seed: Observation) -> [Reading] {
    let (two, one, smeared) = (seed.twoLayers, seed.oneLayer, seed.smeared)
    let window = two.window
    let length = window.upperBound - window.lowerBound
    let after = window.upperBound...window.upperBound + length
    let best = { (curve: InductionCurve) in curve.prefixMatching.max() ?? .nan }
    let points = InductionCurve.halfWayPoints(of: two, observed: two, reference: seed.oneLayerAgain)
    let controlPoints = InductionCurve.halfWayPoints(of: two, observed: one, reference: seed.oneLayerAgain)
    let (steepest, steepestOfOne) = (two.steepest(), one.steepest())
    let share = two.shareOfLearning(in: window)
    // What the one-layer model learns too is subtracted: the part that needs induction heads.
    let beyond = zip(two.inContextLearning, one.inContextLearning).map(-)
    func formed(_ curve: InductionCurve) -> Double { curve.step(curve.prefixMatching, reaches: 0.5, from: 0) }
    func earlier(_ claim: String, _ curve: InductionCurve) -> Reading {
      let (ratio, again) = (formed(curve) / formed(two), formed(seed.twoLayersAgain) / formed(two))
      return Reading(
        claim: claim, held: ratio <= Self.clearlyEarlier, controlHeld: again <= Self.clearlyEarlier,
        detail: [
          "step, smeared": formed(curve), "step, two layers": formed(two), "ratio": ratio,
          "ratio of a second model": again,
        ])
    }
    let ablations = seed.ablations
    return [
      Reading(
        claim: "induction.phase.prefix-matching", value: two.prefixMatching.last ?? .nan, control: best(one),
        detail: ["step at 1/2": formed(two), "untrained": two.prefixMatching[0]]),
      Reading(
        claim: "induction.phase.in-context-learning", value: two.inContextLearning.last ?? .nan,
        control: one.inContextLearning.last ?? .nan,
        detail: [
          "loss, two layers": two.losses.last ?? .nan, "loss, one layer": one.losses.last ?? .nan,
          "entropy given spans": Self.data.entropyGivenSpans,
        ]),
      Reading(
        claim: "induction.phase.one-window", value: points.spread / length, control: controlPoints.spread / length,
        detail: [
          "window from": window.lowerBound, "window to": window.upperBound,
          "prefix matching half-way": points.prefixMatching, "in-context learning half-way": points.inContextLearning,
          "loss half-way": points.loss,
        ]),
      Reading(claim: "induction.phase.bump", value: two.bump(), control: one.bump()),
      Reading(
        claim: "induction.phase.slope", value: InductionCurve.overlap(of: steepest, with: window),
        control: InductionCurve.overlap(of: steepestOfOne, with: window),
        detail: ["steepest from": steepest.lowerBound, "steepest from, one layer": steepestOfOne.lowerBound]),
      Reading(
        claim: "induction.phase.share", value: share, control: two.shareOfLearning(in: after),
        detail: [
          "of what one layer does not learn":
            (two.value(beyond, at: window.upperBound)
            - two.value(beyond, at: window.lowerBound)) / (beyond.last ?? .nan)
        ]),
      Reading(
        claim: "induction.phase.random-tokens", value: two.readings.last?.copying ?? .nan,
        control: one.readings.last?.copying ?? .nan),
      Reading(
        claim: "induction.smear.forms", value: smeared.prefixMatching.last ?? .nan, control: best(one),
        detail: ["in-context learning": smeared.inContextLearning.last ?? .nan]),
      earlier("induction.smear.earlier", seed.smearedTwoLayers),
      earlier("induction.smear.one-layer-earlier", smeared),
      Reading(
        claim: "induction.ablation.induction-heads", value: ablations.inductionHeads, control: ablations.otherHeads,
        detail: [
          "induction heads": Double(ablations.inductionHeadCount), "best alone": ablations.bestInductionHead,
        ]),
      Reading(
        claim: "induction.ablation.previous-token-full", value: ablations.previousTokenFull,
        control: ablations.previousTokenPatterns,
        detail: ["attention to the previous token": ablations.previousTokenAttention]),
      Reading(
        claim: "induction.ablation.previous-token-patterns", value: ablations.previousTokenPatterns,
        control: ablations.previousTokenFull),
      Reading(
        claim: "induction.ablation.last-layer", value: ablations.lastLayerFull - ablations.lastLayerPatterns,
        control: ablations.previousTokenFull - ablations.previousTokenPatterns),
    ]
  }
}
