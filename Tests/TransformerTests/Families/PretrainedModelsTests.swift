// Real GPT-2 and Pythia files, where a user has them: whether they are read right is seen from numbers that others have
// published. fixtures/transformer/pretrained.json has the numbers, collected from public test suites and demo notebooks.

import Foundation
import Tensors
import Testing

@testable import Transformer

/// The published numbers.
private struct Published: Decodable {
  struct Tokens: Decodable {
    let tokens: [Int]
  }
  struct Loss: Decodable {
    let tokens: [Int]
    let loss: Float
    let tolerance: Float
  }
  struct Continuation: Decodable {
    let tokens: [Int]
    let continuation: [Int]
  }
  struct Rows: Decodable {
    let tokens: [Int]
    let first: [Float]
    let third: [Float]
    let argmax: [Int]?
  }
  struct Places: Decodable {
    let tokens: [Int]
    let places: [Int]
    let logits: [Float]
    let mean: Float
  }
  struct Next: Decodable {
    let tokens: [Int]
    let next: Int
    let percent: Float
  }
  struct Training: Decodable {
    let tokens: [Int]
    let losses: [Float]
  }
  struct GPT2: Decodable {
    let parameters: Int
    let embedding: [Float]
    let neurons: [Float]
    let normalized: [Float]
    let attention: Rows
    let logits: Rows
    let logitsOfFour: Places
    let losses: [Loss]
    let lossWithoutHead8: Float
    let next: Next
    let greedy: [Continuation]
    let training: Training
  }
  struct Pythia: Decodable {
    let parameters: [String: Int]
    let loss70M: Loss
    let greedy410M: Continuation
  }
  let gpt2: GPT2
  let pythia: Pythia

  static func read() throws -> Published {
    let file = URL(filePath: FamilyFixture.folder).deletingLastPathComponent().appending(path: "pretrained.json")
    return try JSONDecoder().decode(Published.self, from: Data(contentsOf: file))
  }
}

private let gpt2Folder = PretrainedFiles.folder("gpt2", owners: ["openai-community", nil])
private let gpt2 = Result { try HookedTransformer(contentsOf: gpt2Folder ?? "") }

@Suite(
  "Pretrained models: GPT-2",
  .enabled(if: gpt2Folder != nil, PretrainedFiles.reason("gpt2", owner: "openai-community")))
struct PretrainedModelsGPT2Tests {
  private let published: Published.GPT2
  private let model: HookedTransformer

  init() throws {
    published = try Published.read().gpt2
    model = try gpt2.get()
  }

  private func expect(_ found: Tensor, _ expected: [Float], within tolerance: Float) {
    let first = found.elements.prefix(expected.count)
    for (a, b) in zip(first, expected) { #expect(abs(a - b) <= tolerance, "\(Array(first)) is not \(expected)") }
  }

  @Test func `the parameters are counted`() {
    #expect(model.configuration.tiesEmbeddings)
    #expect(model.parameterCount == published.parameters)
  }

  @Test func `one token's embedding, and what the first LayerNorm and the first neurons make of it`() throws {
    let token = model.W_E.slice(axis: 0, 15496..<15497)
    expect(token, published.embedding, within: 1e-4)
    let block = model.blocks[0]
    let mlp = try #require(block.mlp)
    expect(token.matmul(mlp.W_in) + (try #require(mlp.b_in)), published.neurons, within: 1e-3)
    expect(token.layerNorm(weight: block.ln1.w, bias: block.ln1.b, epsilon: 1e-5), published.normalized, within: 1e-3)
  }

  @Test func `attention of the first block on bare embeddings`() {
    let x = Variable(model.W_E.gathered(at: published.attention.tokens).reshaped([1, 3, 768]))
    let attn = model.blocks[0].attn
    func project(_ W: Tensor, _ b: Tensor?) -> Variable {
      x.linear(Variable(W), bias: b.map { Variable($0) }).reshaped([1, 3, 12, 64])
    }
    let z = Variable.attention(
      queries: project(attn.W_Q, attn.b_Q), keys: project(attn.W_K, attn.b_K), values: project(attn.W_V, attn.b_V)
    ).output
    let out = z.reshaped([1, 3, 768]).linear(Variable(attn.W_O), bias: attn.b_O.map { Variable($0) }).value
    expect(out.slice(axis: 1, at: 0), published.attention.first, within: 1e-3)
    expect(out.slice(axis: 1, at: 2), published.attention.third, within: 1e-3)
  }

  @Test func `logits`() {
    let three = model(TokenBatch(published.logits.tokens))
    expect(three.slice(axis: 1, at: 0), published.logits.first, within: 1e-2)
    expect(three.slice(axis: 1, at: 2), published.logits.third, within: 1e-2)
    #expect((0..<3).map { three.slice(axis: 1, at: $0).argmax() } == published.logits.argmax)
    let four = model(TokenBatch(published.logitsOfFour.tokens))
    let places = published.logitsOfFour.places.map { four[0, 0, $0] }
    expect(Tensor(places, [places.count]), published.logitsOfFour.logits, within: 1e-3)
    #expect(abs(four.mean() - published.logitsOfFour.mean) <= 1e-4)
  }

  @Test func `losses, also without the values of one head`() throws {
    for sentence in published.losses {
      #expect(abs(model.loss(TokenBatch(sentence.tokens)) - sentence.loss) <= sentence.tolerance)
    }
    let tokens = TokenBatch(try #require(published.losses.last).tokens)
    let hook = Hook("blocks.0.attn.hook_v") { v, _ in
      for position in 0..<v.shape[1] {
        for place in 0..<v.shape[3] { v[0, position, 8, place] = 0 }
      }
    }
    let logits = try model.runWithHooks(tokens, hooks: [hook])
    let loss = HookedTransformer.nextTokenLoss(Variable(logits), tokens).scalar
    #expect(abs(loss - published.lossWithoutHead8) <= 0.01)
  }

  @Test func `the most likely words`() throws {
    let logits = model(TokenBatch(published.next.tokens))
    let last = logits.slice(axis: 1, at: published.next.tokens.count - 1).softmax()
    #expect(abs(100 * last[0, published.next.next] - published.next.percent) <= 0.05)
    for text in published.greedy {
      #expect(try PretrainedFiles.greedy(model, text.tokens, count: text.continuation.count) == text.continuation)
    }
  }

  @Test func `ten steps of training on llm.c's batch`() {
    let tokens = published.training.tokens
    let batch = TokenBatch((0..<4).map { Array(tokens[$0 * 64..<($0 + 1) * 64]) })
    var model = model
    var optimizer = Adam.adamW(learningRate: 1e-4, weightDecay: 0.01)
    for expected in published.training.losses {
      let (loss, gradients) = model.valueAndGradients { [model] parameters in
        model.logits(batch, parameters: parameters).crossEntropy(targets: Array(tokens[1...256]))
      }
      #expect(abs(loss - expected) <= 1e-2)
      optimizer.update(&model, with: gradients)
    }
  }
}

@Suite("Pretrained models: Pythia")
struct PretrainedModelsPythiaTests {
  private static let sizes = ["14m", "31m", "70m", "160m", "410m", "1b", "1.4b", "2.8b"]
    .flatMap { ["pythia-\($0)", "pythia-\($0)-deduped"] }
  private static let found = sizes.compactMap { name in
    PretrainedFiles.folder(name, owners: ["EleutherAI"]).map { (name: name, folder: $0) }
  }

  private static func folder(_ name: String) -> String? { found.first { $0.name == name }?.folder }

  @Test(.enabled(if: !found.isEmpty, PretrainedFiles.reason("pythia-70m", owner: "EleutherAI")))
  func `the parameters are counted`() throws {
    let published = try Published.read().pythia
    for (name, folder) in Self.found {
      let model = try HookedTransformer(contentsOf: folder)
      let c = model.configuration
      #expect(model.parameterCount == published.parameters["\(c.dModel)x\(c.nLayers)"], "\(name)")
      #expect(c.positions.rotary?.dimension == c.dHead / 4 && c.residual == .parallel && c.activation == .gelu)
    }
  }

  @Test(.enabled(if: folder("pythia-70m") != nil, PretrainedFiles.reason("pythia-70m", owner: "EleutherAI")))
  func `the loss of Pythia 70M`() throws {
    let published = try Published.read().pythia.loss70M
    let model = try HookedTransformer(contentsOf: try #require(Self.folder("pythia-70m")))
    #expect(abs(model.loss(TokenBatch(published.tokens)) - published.loss) <= published.tolerance)
  }

  @Test(
    .enabled(
      if: folder("pythia-410m-deduped") != nil, PretrainedFiles.reason("pythia-410m-deduped", owner: "EleutherAI")))
  func `the favourite food of Pythia 410M`() throws {
    let published = try Published.read().pythia.greedy410M
    let model = try HookedTransformer(contentsOf: try #require(Self.folder("pythia-410m-deduped")))
    #expect(
      try PretrainedFiles.greedy(model, published.tokens, count: published.continuation.count)
        == published.continuation)
  }
}

/// LAMBADA (Paperno et al. 2016) in OpenAI's wording, where a user has it: the last word of a passage, which can only be
/// guessed from the whole of it.
@Suite("Pretrained models: LAMBADA")
struct PretrainedModelsLambadaTests {
  /// The published accuracies of Pythia after 143,000 steps, without an example, on all 5,153 passages.
  private static let accuracies: KeyValuePairs = [
    "pythia-70m": 0.1846, "pythia-70m-deduped": 0.1915, "pythia-160m": 0.3284, "pythia-160m-deduped": 0.3417,
    "pythia-410m": 0.5162, "pythia-410m-deduped": 0.5244,
  ]
  private static let passages = ProcessInfo.processInfo.environment["REPLICATIONS_MODELS"].flatMap { folder in
    try? String(contentsOfFile: "\(folder)/lambada_test_en.jsonl", encoding: .utf8)
  }
  private static let found = accuracies.compactMap { name, accuracy in
    PretrainedFiles.folder(name, owners: ["EleutherAI"]).map { (folder: $0, accuracy: accuracy) }
  }

  /// Of 300 passages an accuracy has a standard error of at most 0.03; two of them are allowed.
  @Test(
    .enabled(
      if: passages != nil && !found.isEmpty,
      "REPLICATIONS_MODELS/lambada_test_en.jsonl (EleutherAI/lambada_openai) and a Pythia model are needed"))
  func `the last words of 300 passages`() throws {
    struct Passage: Decodable {
      let text: String
    }
    let lines = try #require(Self.passages).split(separator: "\n").prefix(300)
    let texts = try lines.map { try JSONDecoder().decode(Passage.self, from: Data($0.utf8)).text }
    for (folder, published) in Self.found {
      let model = try HookedTransformer(contentsOf: folder)
      let tokenizer = try Tokenizer(contentsOf: URL(filePath: folder))
      let right = try texts.count { text in
        let end = try #require(text.lastIndex(of: " "))
        let prompt = try tokenizer.toTokens(String(text[..<end]), prependBOS: false, parsingSpecial: false)
        let word = try tokenizer.toTokens(String(text[end...]), prependBOS: false, parsingSpecial: false)
        let logits = model(TokenBatch(prompt + word)).slice(axis: 0, at: 0)
        return word.indices.allSatisfy { logits.slice(axis: 0, at: prompt.count + $0 - 1).argmax() == word[$0] }
      }
      #expect(abs(Double(right) / Double(texts.count) - published) <= 0.06, "\(folder)")
    }
  }
}
