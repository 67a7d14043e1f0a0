// Real GPT-2 and Pythia files, where a user has them: whether they are read right is seen from numbers that others have
// published.

import Tensors
import Testing

@testable import Transformer

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
    // With processed weights the values have no bias, which the zeros of raw ones take away too.
    for (model, expected) in [
      (model, published.lossWithoutHead8), (try model.processed(), published.processedLossWithoutHead8),
    ] {
      let hook = Hook.ablating("blocks.0.attn.hook_v", heads: [8], by: .zero)
      let logits = try model.runWithHooks(tokens, hooks: [hook])
      #expect(abs(HookedTransformer.nextTokenLoss(Variable(logits), tokens).scalar - expected) <= 0.01)
    }
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

@Suite("Pretrained models: files")
struct PretrainedFilesTests {
  @Test(arguments: [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]) func `weights in one file or in several make a model, with a configuration`(_ name: String) throws {
    let folder = try TemporaryFolder()
    #expect(!PretrainedFiles.isModel(folder.path))
    _ = try folder.file(name, [0])
    #expect(!PretrainedFiles.isModel(folder.path))
    _ = try folder.file("config.json", [0])
    #expect(PretrainedFiles.isModel(folder.path))
  }

  @Test func `what is not there is said to be not evaluated, with what to get`() {
    let reason = PretrainedFiles.reason("gpt2", owner: "openai-community").rawValue
    #expect(
      reason.hasPrefix("not evaluated: gpt2/config.json")
        && reason.hasSuffix("`hf download openai-community/gpt2` gets them"))
  }

  @Test func `the published numbers are there for every model that is looked for`() throws {
    let published = try Published.read()
    #expect(Set(PretrainedModelsLambadaTests.names) == Set(published.pythia.lambada.keys))
    #expect(Set(published.gpt2.largerParameters.keys) == ["gpt2-medium", "gpt2-large", "gpt2-xl"])
  }
}

@Suite("Pretrained models: relatives of GPT-2 small")
struct PretrainedModelsGPT2RelativesTests {
  private static func folder(_ name: String) -> String? {
    PretrainedFiles.folder(name, owners: ["openai-community", nil])
  }

  private static let neo = ["gpt-neo-125m", "gpt-neo-125M"].compactMap {
    PretrainedFiles.folder($0, owners: ["EleutherAI"])
  }.first
  private static let stanford = PretrainedFiles.folder("alias-gpt2-small-x21", owners: ["stanford-crfm"])
  private static let stories = PretrainedFiles.folder("TinyStories-33M", owners: ["roneneldan"])

  @Test(
    .enabled(if: folder("gpt2-medium") != nil, PretrainedFiles.reason("gpt2-medium", owner: "openai-community")))
  func `the parameters of GPT-2 medium are counted`() throws { try count("gpt2-medium") }

  @Test(.enabled(if: folder("gpt2-large") != nil, PretrainedFiles.reason("gpt2-large", owner: "openai-community")))
  func `the parameters of GPT-2 large are counted`() throws { try count("gpt2-large") }

  @Test(.enabled(if: folder("gpt2-xl") != nil, PretrainedFiles.reason("gpt2-xl", owner: "openai-community")))
  func `the parameters of GPT-2 XL are counted`() throws { try count("gpt2-xl") }

  private func count(_ name: String) throws {
    let model = try HookedTransformer(contentsOf: try #require(Self.folder(name)))
    #expect(model.parameterCount == (try Published.read().gpt2.largerParameters[name]))
  }

  @Test(.enabled(if: neo != nil, PretrainedFiles.reason("gpt-neo-125m", owner: "EleutherAI")))
  func `the loss of GPT-Neo 125M`() throws {
    let published = try Published.read().gpt2.relatives
    let model = try HookedTransformer(contentsOf: try #require(Self.neo))
    #expect(abs(model.loss(TokenBatch(published.tokens)) - published.gptNeo125M) <= published.tolerance)
  }

  @Test(.enabled(if: stories != nil, PretrainedFiles.reason("TinyStories-33M", owner: "roneneldan")))
  func `the loss of TinyStories 33M on what is no story`() throws {
    let published = try Published.read().gpt2.relatives
    let model = try HookedTransformer(contentsOf: try #require(Self.stories))
    #expect(abs(model.loss(TokenBatch(published.tokens)) - published.tinyStories33M) <= published.tolerance)
  }

  @Test(.enabled(if: stanford != nil, PretrainedFiles.reason("alias-gpt2-small-x21", owner: "stanford-crfm")))
  func `the loss of Stanford's first GPT-2 small, whose scores are divided by the layer`() throws {
    let published = try Published.read().gpt2.relatives
    let model = try HookedTransformer(contentsOf: try #require(Self.stanford))
    #expect(model.configuration.scalesScoresByLayer)
    #expect(abs(model.loss(TokenBatch(published.tokens)) - published.stanfordSmallA) <= published.tolerance)
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
