// Indirect object identification on real GPT-2 small, where a user has it: the numbers of TransformerLens's notebooks,
// which are the most precise that anybody has published of a model's insides.

import Foundation
import Tensors
import Testing

@testable import Transformer

private struct Published: Decodable {
  struct Single: Decodable {
    let tokens: [Int]
    let other: [Int]
    let next: [Int]
    let percent: [Float]
    let johnLessMary: Float
    let johnLessMaryInOther: Float
  }
  let prompts: [[Int]]
  let answers: [[Int]]
  let differences: [Float]
  let accumulated: [Float]
  let layers: [Float]
  let heads: [[Float]]
  let residPre: [[Float]]
  let attnOut: [[Float]]
  let mlpOut: [[Float]]
  let z: [[Float]]
  let v: [[Float]]
  let pattern: [[Float]]
  let headsWithout9_9: [[Float]]
  let differenceWithout9_9: Float
  let scales: [Float]
  let single: Single
  let repeated: [[Int]]
  let previous: [[Float]]
  let duplicate: [[Float]]
  let induction: [[Float]]

  static func read() throws -> Published {
    let folder = URL(filePath: FamilyFixture.folder).deletingLastPathComponent()
    return try JSONDecoder().decode(
      Published.self, from: Data(contentsOf: folder.appending(path: "pretrained-ioi.json")))
  }
}

private let gpt2Folder = PretrainedFiles.folder("gpt2", owners: ["openai-community", nil])
private let processed = Result { try HookedTransformer(contentsOf: gpt2Folder ?? "").processed() }

@Suite(
  "Pretrained models: indirect objects in GPT-2",
  .enabled(if: gpt2Folder != nil, PretrainedFiles.reason("gpt2", owner: "openai-community")))
struct PretrainedModelsIOITests {
  private let published: Published
  private let model: HookedTransformer
  private let clean: TokenBatch
  /// Each prompt's partner, in which the other name is repeated.
  private let corrupted: TokenBatch
  private let io: [Int]
  private let s: [Int]
  private let metric: Metric

  init() throws {
    let published = try Published.read()
    self.published = published
    model = try processed.get()
    clean = TokenBatch(published.prompts)
    corrupted = TokenBatch(published.prompts.indices.map { published.prompts[$0 ^ 1] })
    io = published.answers.map { $0[0] }
    s = published.answers.map { $0[1] }
    metric = .logitDifference(correct: io, incorrect: s)
  }

  private func expect(
    _ found: Tensor, _ expected: [[Float]], within tolerance: Float, _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = Tensor(expected.flatMap(\.self), [expected.count, expected[0].count])
    guard found.shape == expected.shape else {
      Issue.record("\(what): \(found.shape) is not \(expected.shape)", sourceLocation: sourceLocation)
      return
    }
    let gaps = (found - expected).map { abs($0) }
    let worst = gaps.argmax()
    #expect(
      gaps.elements[worst] <= tolerance, "\(what): \(found.elements[worst]) is not \(expected.elements[worst])",
      sourceLocation: sourceLocation)
  }

  @Test func `logit differences prompt by prompt`() throws {
    for (found, expected) in zip(try model.evaluate(metric, on: clean), published.differences) {
      #expect(abs(found - expected) <= 0.005)
    }
    // A prompt's partner asks for the other name.
    let mean = try model.evaluate(metric, on: corrupted).reduce(0, +) / 8
    #expect(abs(mean + 3.552) <= 0.005)
  }

  @Test func `the difference through the layers, and what layers and heads add to it`() throws {
    let (_, cache) = try model.runWithCache(clean)
    let last = 14..<15
    let streams = try cache.accumulatedResid(includingMid: true, positions: last)
    let accumulated = try cache.logitAttributions(
      of: streams, model: model, tokens: io, incorrectTokens: s, positions: last)
    expect(accumulated.mean(axis: 1).reshaped([1, 25]), [published.accumulated], within: 0.02, "accumulated")
    let parts = try cache.directLogitAttribution(of: model, by: .component, tokens: io, incorrectTokens: s)
    expect(
      parts.values.mean(axis: 1).slice(axis: 0, 0..<26).reshaped([1, 26]), [published.layers], within: 0.02, "layers")
    expect(try heads(cache), published.heads, within: 0.02, "heads")
    let scales = cache["ln_final.hook_scale"].slice(axis: 1, at: 14).elements
    for (found, expected) in zip(scales, published.scales) { #expect(abs(found - expected) <= 0.02) }
  }

  /// What each head adds to the difference, `[layer, head]`.
  private func heads(_ cache: ActivationCache) throws -> Tensor {
    let stack = try cache.stackHeadResults(of: model, positions: 14..<15)
    let values = try cache.logitAttributions(
      of: stack, model: model, tokens: io, incorrectTokens: s, positions: 14..<15)
    return values.slice(axis: 0, 0..<144).mean(axis: 1).reshaped([12, 12])
  }

  @Test func `patching the stream, the layers' outputs and the heads`() throws {
    let (_, cache) = try model.runWithCache(clean)
    let value = try model.evaluate(metric, on: clean)
    let sweeps: [(PatchSweep, [[Float]], Comment)] = [
      (.residPre, published.residPre, "residPre"), (.attnOut, published.attnOut, "attnOut"),
      (.mlpOut, published.mlpOut, "mlpOut"), (.attnHeadOutAllPos, published.z, "z"),
      (.attnHeadVAllPos, published.v, "v"), (.attnHeadPatternAllPos, published.pattern, "pattern"),
    ]
    for (sweep, expected, what) in sweeps {
      let result = try model.activationPatch(sweep, corrupted: corrupted, cleanCache: cache, metric: metric)
      expect(result.normalizedMean(clean: value), expected, within: 0.02, what)
    }
  }

  @Test func `other heads make up for 9.9`() throws {
    // Values are without their biases here, so nothing at all is what the head's bias leaves.
    let hook = Hook.ablating("blocks.9.attn.hook_z", heads: [9], by: .zero)
    let without = try model.evaluate(metric, on: clean, hooks: [hook])
    #expect(abs(without.reduce(0, +) / 8 - published.differenceWithout9_9) <= 0.02)
    let cache = try model.run(clean, RunOptions(hooks: [hook], cached: .all)).cache
    expect(try heads(cache), published.headsWithout9_9, within: 0.02, "heads without 9.9")
  }

  @Test func `one prompt and its partner`() throws {
    let single = published.single
    func last(_ tokens: [Int]) -> Tensor { model(TokenBatch(tokens)).slice(axis: 1, at: tokens.count - 1) }
    let probabilities = last(single.tokens).softmax()
    for (token, percent) in zip(single.next, single.percent) {
      #expect(abs(100 * probabilities[0, token] - percent) <= 0.05)
    }
    let (mary, john) = (single.next[0], single.next[2])
    let (logits, other) = (last(single.tokens), last(single.other))
    #expect(abs(logits[0, john] - logits[0, mary] - single.johnLessMary) <= 0.005)
    #expect(abs(other[0, john] - other[0, mary] - single.johnLessMaryInOther) <= 0.005)
  }

  @Test func `previous-token, duplicate-token and induction heads on repeated random tokens`() throws {
    let tokens = TokenBatch(published.repeated.map { $0 + $0 })
    let patterns = try model.runWithCache(tokens, names: .each([.pattern])).cache
    func diagonal(_ offset: Int) -> Tensor {
      Tensor.stacked(
        (0..<12).map { layer in
          let pattern = patterns[.pattern, layer: layer].mean(axis: 0)
          let entries = (offset..<200).map { pattern.slice(axis: 1, at: $0).slice(axis: 1, at: $0 - offset) }
          return Tensor.stacked(entries).mean(axis: 0)
        })
    }
    expect(diagonal(1), published.previous, within: 0.01, "previous")
    expect(diagonal(100), published.duplicate, within: 0.01, "duplicate")
    expect(diagonal(99), published.induction, within: 0.01, "induction")
  }
}
