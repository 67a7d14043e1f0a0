// The eight prompts of TransformerLens's notebook against every number that it prints: logit differences, what layers and
// heads add, activation patching, and what is left without head 9.9. Tokens and numbers: papers/nanda2022exploratory.

import Tensors
import Transformer

struct NotebookPrompts: Experiment {
  let name = "NotebookPrompts"
  let claims = [
    "ioi.demo.logit-differences", "ioi.demo.accumulated", "ioi.demo.layers", "ioi.demo.attribution",
    "ioi.demo.patching.streams", "ioi.demo.patching.heads", "ioi.demo.patching.outside", "ioi.demo.patching.self",
    "ioi.demo.self-repair.difference", "ioi.demo.self-repair.heads", "ioi.demo.self-repair.scale", "ioi.demo.scales",
    "ioi.demo.single.probabilities", "ioi.demo.single.partner",
  ]
  let configuration: [String: ConfigurationValue] = [
    "prompts": 8, "bos": "<|endoftext|>",
    "weights": "LayerNorm and value biases folded, all centred as TransformerLens does",
  ]

  struct Published: Decodable, Sendable {
    struct Single: Decodable, Sendable {
      let tokens: [Int]
      let other: [Int]
      let next: [Int]
      let percent: [Double]
    }
    let prompts: [[Int]]
    let answers: [[Int]]
    let differences: [Double]
    let accumulated: [Double]
    let layers: [Double]
    let heads: [[Double]]
    let residPre: [[Double]]
    let attnOut: [[Double]]
    let mlpOut: [[Double]]
    let z: [[Double]]
    let v: [[Double]]
    let pattern: [[Double]]
    let headsWithout9_9: [[Double]]
    let scales: [Double]
    let single: Single
  }

  struct Observation: Sendable {
    var published: Published
    var differences: [Double]
    var partnerDifferences: [Double]
    /// Logit differences of the stream before and within each layer, and with the names of the next pair.
    var accumulated: [Double]
    var accumulatedOfOthers: [Double]
    /// What the embeddings and each layer's attention and MLP add to them, and with the names of the next pair.
    var layers: [Double]
    var layersOfOthers: [Double]
    var heads: [[Double]]
    var headsOfOthers: [[Double]]
    /// What patching restores: residual stream, attention and MLP outputs `[layer][position]`; z, v, pattern by head.
    var streams: [[[Double]]]
    var byHead: [[[Double]]]
    /// The same from the corrupted run into itself.
    var selfPatchedStreams: [[[Double]]]
    var selfPatchedByHead: [[[Double]]]
    /// Mean logit differences when the clean run is patched into itself: residual stream, and z by head.
    var cleanSelfPatched: [[[Double]]]
    var differenceWithout9_9: Double
    var differenceWithout9_1: Double
    var headsWithout9_9: [[Double]]
    var scales: [Double]
    var scalesBefore: [Double]
    /// The final LayerNorm's scales at END relative to those without 9.9, and without 9.1: the means.
    var scaleRatioWithout9_9: Double
    var scaleRatioWithout9_1: Double
    var percent: [Double]
    var percentInPartner: [Double]
    var johnLessMary: Double
    var johnLessMaryInPrompt: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let published = try run.published(in: "nanda2022exploratory", as: Published.self)
    let model = try GPT2Small.processedModel(run)
    let clean = TokenBatch(published.prompts)
    let corrupted = TokenBatch(published.prompts.indices.map { published.prompts[$0 ^ 1] })
    let (io, s) = (published.answers.map { $0[0] }, published.answers.map { $0[1] })
    let metric = Metric.logitDifference(correct: io, incorrect: s)
    let (_, cache) = try model.runWithCache(clean)
    let last = clean.positions - 1..<clean.positions

    func rotated(_ tokens: [Int]) -> [Int] { Array(tokens[2...] + tokens[..<2]) }
    func attributed(_ stack: ResidualStack, _ cache: ActivationCache, _ io: [Int], _ s: [Int]) throws -> Tensor {
      try cache.logitAttributions(of: stack, model: model, tokens: io, incorrectTokens: s, positions: last)
        .mean(axis: 1)
    }
    func accumulated(_ io: [Int], _ s: [Int]) throws -> [Double] {
      let streams = try cache.accumulatedResid(includingMid: true, positions: last)
      return try attributed(streams, cache, io, s).elements.map(Double.init)
    }
    func layers(_ io: [Int], _ s: [Int]) throws -> [Double] {
      try attributed(cache.decomposeResid(positions: last), cache, io, s).elements.map(Double.init)
    }
    func heads(_ cache: ActivationCache, _ io: [Int], _ s: [Int]) throws -> [[Double]] {
      let stack = try cache.stackHeadResults(of: model, positions: last)
      return try attributed(stack, cache, io, s).slice(axis: 0, 0..<144).reshaped([12, 12]).rows
    }
    func patched(_ sweep: PatchSweep, from source: ActivationCache) throws -> [[Double]] {
      try model.activationPatch(sweep, corrupted: corrupted, cleanCache: source, metric: metric)
        .normalizedMean(clean: model.evaluate(metric, on: clean)).rows
    }
    func withoutHead(_ head: Int) throws -> (difference: Double, cache: ActivationCache) {
      let hook = Hook.ablating("blocks.9.attn.hook_z", heads: [head], by: .zero)
      let values = try model.evaluate(metric, on: clean, hooks: [hook])
      return (
        mean(values.map(Double.init)), try model.run(clean, RunOptions(hooks: [hook], cached: .all)).cache
      )
    }
    let (sweeps, headSweeps) = (
      [PatchSweep.residPre, .attnOut, .mlpOut],
      [PatchSweep.attnHeadOutAllPos, .attnHeadVAllPos, .attnHeadPatternAllPos]
    )
    let streams = try sweeps.map { try patched($0, from: cache) }
    run.report(0.3)
    let byHead = try headSweeps.map { try patched($0, from: cache) }
    run.report(0.5)
    try run.checkCancellation()
    let own = try model.runWithCache(corrupted).cache
    let selfPatchedStreams = try sweeps.map { try patched($0, from: own) }
    let selfPatchedByHead = try headSweeps.map { try patched($0, from: own) }
    run.report(0.8)
    try run.checkCancellation()
    let cleanSelfPatched = try [sweeps[0], headSweeps[0]].map {
      try model.activationPatch($0, corrupted: clean, cleanCache: cache, metric: metric).mean.rows
    }
    let (without, other) = (try withoutHead(9), try withoutHead(1))
    let single = published.single
    let (prompt, partner) = (lastLogits(model, single.tokens), lastLogits(model, single.other))
    func percent(_ logits: Tensor) -> [Double] {
      let probabilities = logits.softmax()
      return single.next.map { 100 * Double(probabilities[0, $0]) }
    }
    // In the order of the printed words Mary is first and John third.
    func johnLessMary(_ logits: Tensor) -> Double { Double(logits[0, single.next[2]] - logits[0, single.next[0]]) }
    let scales = cache["ln_final.hook_scale"]
    func ratio(to ablated: ActivationCache) -> Double {
      let (own, other) = (
        scales.slice(axis: 1, at: last.lowerBound),
        ablated["ln_final.hook_scale"].slice(axis: 1, at: last.lowerBound)
      )
      return Double((own / other).mean())
    }
    return Observation(
      published: published,
      differences: try model.evaluate(metric, on: clean).map(Double.init),
      partnerDifferences: try model.evaluate(metric, on: corrupted).map(Double.init),
      accumulated: try accumulated(io, s), accumulatedOfOthers: try accumulated(rotated(io), rotated(s)),
      layers: try layers(io, s), layersOfOthers: try layers(rotated(io), rotated(s)),
      heads: try heads(cache, io, s), headsOfOthers: try heads(cache, rotated(io), rotated(s)),
      streams: streams, byHead: byHead,
      selfPatchedStreams: selfPatchedStreams, selfPatchedByHead: selfPatchedByHead, cleanSelfPatched: cleanSelfPatched,
      differenceWithout9_9: without.difference, differenceWithout9_1: other.difference,
      headsWithout9_9: try heads(without.cache, io, s),
      scales: scales.slice(axis: 1, at: last.lowerBound).elements.map(Double.init),
      scalesBefore: scales.slice(axis: 1, at: last.lowerBound - 1).elements.map(Double.init),
      scaleRatioWithout9_9: ratio(to: without.cache), scaleRatioWithout9_1: ratio(to: other.cache),
      percent: percent(prompt), percentInPartner: percent(partner),
      johnLessMary: johnLessMary(partner), johnLessMaryInPrompt: johnLessMary(prompt))
  }

  private func lastLogits(_ model: HookedTransformer, _ tokens: [Int]) -> Tensor {
    model(TokenBatch(tokens)).slice(axis: 1, at: tokens.count - 1)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let published = seed.published
    func distance(_ found: [Double], _ printed: [Double]) -> Double { [found].largestDistance(from: [printed]) }
    func distances(_ found: [[[Double]]], _ printed: [[[Double]]]) -> [Double] {
      zip(found, printed).map { $0.largestDistance(from: $1) }
    }
    let (clean, corrupted) = (mean(seed.differences), mean(seed.partnerDifferences))
    func distance(ofMeans means: [[Double]]) -> Double {
      let printed = mean(published.differences)
      return means.joined().map { abs($0 - printed) }.max() ?? .nan
    }
    let ownRuns = (seed.selfPatchedStreams.prefix(1) + seed.selfPatchedByHead.prefix(1)).map { map in
      map.map { $0.map { corrupted + $0 * (clean - corrupted) } }
    }
    let inCircuit = Set(IndirectObjectCircuit.gpt2Small.heads.map { HeadName($0) })
    func largestShare(_ isInCircuit: Bool) -> Double {
      let heads = seed.byHead[0].headsByScore.filter { inCircuit.contains($0) == isInCircuit }
      return heads.map { abs(seed.byHead[0][$0]) }.max() ?? .nan
    }
    let streams = [published.residPre, published.attnOut, published.mlpOut]
    let byHead = [published.z, published.v, published.pattern]
    return [
      Reading(
        claim: "ioi.demo.logit-differences", value: distance(seed.differences, published.differences),
        control: distance(seed.partnerDifferences, published.differences), detail: ["mean": mean(seed.differences)]),
      Reading(
        claim: "ioi.demo.accumulated", value: distance(seed.accumulated, published.accumulated),
        control: distance(seed.accumulatedOfOthers, published.accumulated)),
      Reading(
        claim: "ioi.demo.layers", value: distance(seed.layers, published.layers),
        control: distance(seed.layersOfOthers, published.layers)),
      Reading(
        claim: "ioi.demo.attribution", value: seed.heads.largestDistance(from: published.heads),
        control: seed.headsOfOthers.largestDistance(from: published.heads)),
      Reading(
        claim: "ioi.demo.patching.streams", value: distances(seed.streams, streams).max() ?? .nan,
        control: distances(seed.selfPatchedStreams, streams).min()),
      Reading(
        claim: "ioi.demo.patching.heads", value: distances(seed.byHead, byHead).max() ?? .nan,
        control: distances(seed.selfPatchedByHead, byHead).min()),
      Reading(claim: "ioi.demo.patching.outside", value: largestShare(false), control: largestShare(true)),
      Reading(
        claim: "ioi.demo.patching.self",
        value: seed.cleanSelfPatched.map { distance(ofMeans: $0) }.max() ?? .nan,
        control: ownRuns.map { distance(ofMeans: $0) }.min()),
      Reading(
        claim: "ioi.demo.self-repair.difference", value: seed.differenceWithout9_9,
        control: seed.differenceWithout9_1),
      Reading(
        claim: "ioi.demo.self-repair.heads",
        value: seed.headsWithout9_9.largestDistance(from: published.headsWithout9_9),
        control: seed.heads.largestDistance(from: published.headsWithout9_9)),
      Reading(
        claim: "ioi.demo.self-repair.scale", value: seed.scaleRatioWithout9_9, control: seed.scaleRatioWithout9_1),
      Reading(
        claim: "ioi.demo.scales", value: distance(seed.scales, published.scales),
        control: distance(seed.scalesBefore, published.scales)),
      Reading(
        claim: "ioi.demo.single.probabilities", value: distance(seed.percent, published.single.percent),
        control: distance(seed.percentInPartner, published.single.percent)),
      Reading(
        claim: "ioi.demo.single.partner", value: seed.johnLessMary, control: seed.johnLessMaryInPrompt),
    ]
  }
}
