// Attribution against finite differences of exact patches, and the sums that first order promises.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Attribution patching") struct AttributionPatchingTests {
  private func attribution(
    _ subject: InterventionModel, _ sweep: PatchSweep, _ gradient: AttributionGradient = .corrupted, tokens: Int = 2048
  ) throws -> PatchingResult {
    try subject.model.attributionPatch(
      sweep, clean: subject.clean, corrupted: subject.corrupted, metric: subject.metric, gradient: gradient,
      tokensAtOnce: tokens)
  }

  @Test("is the slope of an exact patch that is made gradually", arguments: InterventionModel.some)
  func slope(_ subject: InterventionModel) throws {
    let (clean, corrupted) = (try subject.cleanCache, try subject.corruptedCache)
    for sweep in [PatchSweep.attnHeadOutAllPos, .attnHeadVAllPos, .residPre, .attnHeadPatternAllPos] {
      func patch(_ part: Float) throws -> Tensor {
        let way = corrupted.map { tensor, point in tensor + difference(clean[point], tensor) * part }
        return try subject.model.activationPatch(
          sweep, corrupted: subject.corrupted, cleanCache: way, metric: subject.metric
        ).values
      }
      // Central differences at two steps, extrapolated to none.
      let (wide, narrow) = (
        (try patch(0.02) - patch(-0.02)) / 0.04, (try patch(0.01) - patch(-0.01)) / 0.02
      )
      let slopes = (narrow * 4 - wide) / 3
      let found = try attribution(subject, sweep).effect
      let scale = max(1, slopes.magnitudes().maximum())
      #expect(found.maximumDifference(from: slopes) < 2e-3 * scale, "\(sweep.kinds[0].name)")
      #expect(found.magnitudes().maximum() > 1e-3)
    }
  }

  @Test("examples are alone: parts of a batch give the same")
  func parts() throws {
    let subject = InterventionModel(.grouped)
    let (whole, parts) = (
      try attribution(subject, .attnHeadByPosEvery), try attribution(subject, .attnHeadByPosEvery, tokens: 5)
    )
    for (a, b) in zip(whole.values.elements, parts.values.elements) { #expect(a.isNaN && b.isNaN || abs(a - b) < 1e-5) }
    #expect(whole.axes == ["patch_type", "layer", "pos", "head"])
  }

  @Test("the embedding's attribution, integrated, is all of the metric's change", arguments: InterventionModel.some)
  func completeness(_ subject: InterventionModel) throws {
    let clean = try subject.model.evaluate(subject.metric, on: subject.clean)
    let result = try attribution(subject, PatchSweep(.embed, by: []), .integratedMidpoint(steps: 200))
    let scale = max(1, clean.map(\.magnitude).max() ?? 1)
    #expect(largestDifference(result.values.elements, clean) < 5e-3 * scale)
    // One gradient alone does not see that much of a bent path.
    #expect(largestDifference(try attribution(subject, PatchSweep(.embed, by: [])).values.elements, clean) > 2e-2)
  }

  @Test("no step at all is refused")
  func noStep() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AttributionGradient.integrated(steps: 0).places
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("integrated gradients need at least one step, not 0"))
    #expect(AttributionGradient.integrated(steps: 2).places == [0.5, 1])
    #expect(AttributionGradient.integratedMidpoint(steps: 2).places == [0.25, 0.75])
  }

  @Test("one step of the integrated variant is the gradient at the clean inputs")
  func oneStep() throws {
    let subject = InterventionModel(.layerNorm)
    let one = try attribution(subject, .mlpOut, .integrated(steps: 1)).effect
    #expect(one.maximumDifference(from: try attribution(subject, .mlpOut, .clean).effect) < 1e-5)
    // Swapping the two runs turns the signs of what the clean gradient says.
    let swapped = try subject.model.attributionPatch(
      .mlpOut, clean: subject.corrupted, corrupted: subject.clean, metric: subject.metric)
    #expect(one.maximumDifference(from: -swapped.effect) < 1e-5)
  }

  @Test("a writer's edges sum to its node", arguments: InterventionModel.all.filter { $0.description != "softCapped" })
  func edgesSumToNodes(_ subject: InterventionModel) throws {
    for gradient in [AttributionGradient.corrupted, .integrated(steps: 3)] {
      let edges = try subject.model.edgeAttribution(
        clean: subject.clean, corrupted: subject.corrupted, metric: subject.metric, gradient: gradient, tokensAtOnce: 5)
      let scale = max(1, edges.nodes.magnitudes().maximum())
      #expect(edges.values.sum(axis: 1).maximumDifference(from: edges.nodes) < 1e-5 * scale)
      let heads = try attribution(subject, .attnHeadOutByPos, gradient).effect
      let row = try #require(edges.writers.firstIndex(of: .head(1, 2)))
      for example in 0..<3 {
        for position in 0..<5 {
          #expect(abs(edges.nodes[row, example, position] - heads[1, position, 2, example]) < 1e-5 * scale)
        }
      }
    }
  }

  @Test("an edge is the slope of the exact direct path")
  func edgeSlope() throws {
    let subject = InterventionModel(.layerNorm)
    let edges = try subject.model.edgeAttribution(
      clean: subject.clean, corrupted: subject.corrupted, metric: subject.metric)
    let (clean, corrupted) = (
      try subject.model.runWithCache(subject.clean, names: .each(.result)).cache,
      try subject.model.runWithCache(subject.corrupted, names: .each(.result)).cache
    )
    let change = (clean[.result, layer: 0] - corrupted[.result, layer: 0]).slice(axis: 2, at: 1)
    let row = try #require(edges.writers.firstIndex(of: .head(0, 1)))
    let column = try #require(edges.readers.firstIndex(of: .k(layer: 2, head: 3)))
    func metric(_ part: Float) throws -> [Float] {
      try subject.plain(
        subject.corrupted,
        [
          Hook("blocks.2.hook_k_input") { input, _ in
            for example in 0..<3 {
              for position in 0..<5 {
                for i in 0..<12 { input[example, position, 3, i] += part * change[example, position, i] }
              }
            }
          }
        ])
    }
    let slope = zip(try metric(0.01), try metric(-0.01)).map { ($0 - $1) / 0.02 }
    let found = edges.scores.slice(axis: 0, at: row).slice(axis: 0, at: column).elements
    #expect(largestDifference(found, slope) < 1e-3 && found.contains { $0.magnitude > 1e-3 })
    let ranked = edges.ranked(in: subject.model.configuration)
    // Into 12 queries, keys and values of each layer, its MLP, and the logits.
    #expect(ranked.count == (12 * 1 + 5) + (12 * 6 + 10) + (12 * 11 + 15) + 16)
    #expect(zip(ranked, ranked.dropFirst()).allSatisfy { $0.score.magnitude >= $1.score.magnitude })
  }

  @Test("agrees with exact patching in sign and rank on a trained model")
  func ranks() throws {
    // Three tokens' copy task, learned in a few steps: the third token repeats the first.
    var c = TransformerConfiguration(nLayers: 2, dModel: 16, nHeads: 4, dVocab: 8, nContext: 4)
    c.initializerRange = 0.2
    var model = HookedTransformer(c, initializedFrom: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    var optimizer = Adam(learningRate: 1e-2)
    for _ in 0..<150 {
      let rows = (0..<32).map { _ in (0..<2).map { _ in stream.integer(below: 8) } }
      let tokens = TokenBatch(rows)
      let (_, gradients) = model.valueAndGradients { parameters in
        model.logits(tokens, parameters: parameters).slice(axis: 1, 1..<2).reshaped([32, 8])
          .crossEntropy(targets: rows.map { $0[0] })
      }
      optimizer.update(&model, with: gradients)
    }
    let clean = TokenBatch([[1, 2], [5, 0], [3, 7], [6, 4]])
    let corrupted = TokenBatch([[4, 2], [7, 0], [2, 7], [1, 4]])
    let metric = Metric.logitDifference(correct: [1, 5, 3, 6], incorrect: [4, 7, 2, 1])
    #expect(try model.evaluate(metric, on: clean).allSatisfy { $0 > 1 })
    let exact = try model.activationPatch(
      .attnHeadOutAllPos, corrupted: corrupted, cleanCache: model.runWithCache(clean).cache, metric: metric)
    let linear = try model.attributionPatch(
      .attnHeadOutAllPos, clean: clean, corrupted: corrupted, metric: metric, gradient: .integrated(steps: 8))
    let (x, y) = (exact.effect.mean(axis: -1).elements, linear.effect.mean(axis: -1).elements)
    #expect(rankCorrelation(x, y) > 0.7)
    for (x, y) in zip(x, y) where x.magnitude > 1 { #expect(x * y > 0) }
    #expect(x.contains { $0 > 1 })
  }

  private func rankCorrelation(_ x: [Float], _ y: [Float]) -> Float {
    func ranks(_ values: [Float]) -> [Float] { values.map { value in Float(values.count { $0 < value }) } }
    let (a, b) = (Tensor(ranks(x), [x.count]), Tensor(ranks(y), [y.count]))
    let (p, q) = (a - a.mean(), b - b.mean())
    return p.dot(q) / (p.norm() * q.norm())
  }

  @Test("refuses what has no gradient or no edges")
  func refusals() throws {
    let subject = InterventionModel(.softCapped)
    #expect(throws: InterventionError.self) {
      try subject.model.edgeAttribution(clean: subject.clean, corrupted: subject.corrupted, metric: subject.metric)
    }
    #expect(throws: InterventionError.self) {
      try subject.model.attributionPatch(
        .residPre, clean: subject.clean, corrupted: subject.corrupted,
        metric: .custom { logits in Array(repeating: 0, count: logits.shape[0]) })
    }
  }
}
