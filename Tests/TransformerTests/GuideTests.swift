// The guide for people who know TransformerLens: each of its blocks, compiled and run.

import Foundation
import Tensors
import Testing
import Transformer

@Suite("The guide for people who know TransformerLens")
struct GuideTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
  private let folder = root.appending(path: "fixtures/transformer/families/gpt2").path
  private let tokenizerFolder = root.appending(path: "fixtures/tokenizers/gpt2").path
  private let prompt: TokenBatch = [3, 1, 4, 1, 5, 9, 2]
  private let corrupted: TokenBatch = [3, 1, 6, 1, 5, 8, 2]

  @Test("Blocks stand here as they stand in the guide")
  func blocks() throws {
    let guide = Self.root.appending(path: "Sources/Transformer/Transformer.docc/ComingFromTransformerLens.md")
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8).squeezed
    let parts = try String(contentsOf: guide, encoding: .utf8).components(separatedBy: "```")
    let blocks = stride(from: 1, to: parts.count, by: 2).map { parts[$0].dropFirst("swift\n".count) }
    #expect(blocks.count == 10)
    for block in blocks { #expect(source.contains(String(block).squeezed), "\(block)") }
  }

  @Test("1, 3: make or load a model, and run it")
  func models() throws {
    var configuration = TransformerConfiguration(nLayers: 2, dModel: 16, nHeads: 4, dVocab: 61, nContext: 32)
    configuration.positions = .rotary(Rotary(dimension: 4))
    configuration.normalization = .rmsNorm
    let random = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 0))
    let model = try HookedTransformer(contentsOf: folder)

    let tokens = TokenBatch([[3, 1, 4, 1, 5], [9, 2, 6]], padding: 0, on: .right)
    let logits = model(tokens)  // [batch, position, dVocabOut]
    let loss = model.loss(tokens)  // mean cross-entropy in nats
    #expect(logits.shape == [2, 5, 61] && loss.isFinite)
    #expect(random(tokens).shape == [2, 5, 61])
  }

  @Test("2: turn text into tokens")
  func text() throws {
    let tokenizer = try Tokenizer(contentsOf: URL(filePath: tokenizerFolder))
    let ids = try tokenizer.toTokens("Hello world!", prependBOS: false, parsingSpecial: false)
    let text = try tokenizer.toString(ids)
    let pieces = try tokenizer.toStrTokens(ids)
    #expect(text == "Hello world!" && pieces.joined() == text)
  }

  @Test("4, 5: look and intervene")
  func hooks() throws {
    let model = try HookedTransformer(contentsOf: folder)
    let (_, cache) = try model.runWithCache(prompt, names: .each([.pattern, .residPost]), stopAtLayer: 2)
    let pattern = cache[.pattern, layer: 1]  // [batch, head, query, key]
    let same = cache["blocks.1.attn.hook_pattern"]
    let everyHook = model.configuration.hookPoints.map(\.name)
    #expect(pattern == same && everyHook.contains("blocks.0.mlp.hook_post"))

    let withoutHead = try model.runWithHooks(
      prompt, hooks: [.ablating("blocks.1.attn.hook_z", heads: [0], by: .zero)])
    let doubled = try model.runWithHooks(
      prompt, hooks: [Hook("blocks.0.hook_resid_mid") { stream, _ in stream *= Tensor(2) }])
    #expect(withoutHead != model(prompt) && doubled != model(prompt))
  }

  @Test("6, 7, 9: process, read the stream, find heads")
  func analysis() throws {
    let model = try HookedTransformer(contentsOf: folder)
    let processed = try model.processed()  // fold LayerNorm, centre writing weights and unembedding, fold value biases
    let folded = try model.processed(.foldedLayerNorm)
    let skipped = model.skippedSteps  // [] for GPT-2; two sentences for Gemma 2
    #expect(skipped.isEmpty == model.configuration.normalization.centers)
    #expect(folded.processing == .foldedLayerNorm)

    let (_, activations) = try processed.runWithCache(prompt)
    let lens = try activations.logitLens(of: processed, includingMid: true)
    let attribution = try activations.directLogitAttribution(
      of: processed, by: .head, tokens: [7], incorrectTokens: [8])
    let strongest = attribution.top(3)  // [(label: "L1H2", value: …), …]
    #expect(lens.labels.count == 5 && strongest.count == 3)

    let repeated = RepeatedTokens(from: Array(1..<61), bos: 0, length: 8, repeats: 3, stream: RandomStream(seed: 1))
    let induction = try model.detectHead(repeated.tokens, .induction)  // [layer, head]
    let copying = try processed.copyingScores()  // [layer, head]
    let composition = try processed.allCompositionScores(.k)  // [layer, head, layer, head]
    let singularValues = try processed.OV(layer: 0, head: 1).svd().S
    #expect(induction.shape == copying.shape && composition.rank == 4 && singularValues.rank == 1)
  }

  @Test("8: patch activations")
  func patching() throws {
    let model = try HookedTransformer(contentsOf: folder)
    let metric = Metric.logitDifference(correct: [7], incorrect: [8])
    let (_, clean) = try model.runWithCache(prompt)
    let sweep = try model.activationPatch(.residPre, corrupted: corrupted, cleanCache: clean, metric: metric)
    let map = sweep.normalizedMean(clean: try model.evaluate(metric, on: prompt))  // [layer, position], 1 as clean
    #expect(map.shape == [2, 7])
    // Before the first token that differs nothing can change.
    #expect(abs(map[0, 0]) < 1e-4 && abs(map[0, 2]) > 1e-4)
  }

  @Test("10: write on, and train")
  func training() throws {
    let model = try HookedTransformer(contentsOf: folder)
    var configuration = TransformerConfiguration(nLayers: 1, dModel: 16, nHeads: 4, dVocab: 61, nContext: 32)
    configuration.normalization = .rmsNorm
    let continued = try model.generate(prompt, maxNewTokens: 5, sampling: .sample(temperature: 0.8, topK: 20))
    var training = TransformerTraining(
      configuration, settings: TrainingSettings(steps: 20, learningRate: 1e-2), stream: RandomStream(seed: 2))
    let losses = try training.train { step, stream in
      RepeatedTokens(from: Array(1..<61), bos: 0, length: 6, repeats: 2, rows: 4, stream: stream).tokens
    }
    #expect(continued[0].count == 5 && losses.count == 20)
  }
}

extension String {
  /// The text without spaces and line breaks, which the formatter moves.
  fileprivate var squeezed: String { filter { !$0.isWhitespace } }
}
