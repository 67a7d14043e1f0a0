import Tensors
import Testing
import Transformer

@Suite("Decompositions of the residual stream")
struct DecompositionTests {
  private func run(_ zoo: ZooModel) throws -> (model: HookedTransformer, logits: Tensor, cache: ActivationCache) {
    let model = zoo.model
    let (logits, cache) = try model.runWithCache(someTokens(2, 7))
    return (model, logits, cache)
  }

  @Test("sum to the stream before every layer, and its MLP", arguments: ZooModel.all)
  func sums(_ zoo: ZooModel) throws {
    let (model, _, cache) = try run(zoo)
    let c = model.configuration
    for layer in 0...c.nLayers {
      let stream = layer < c.nLayers ? cache[.residPre, layer: layer] : cache[.residPost, layer: layer - 1]
      let parts = try cache.decomposeResid(layer: layer)
      #expect(parts.sum.difference(from: stream) < 2e-5)
      for expanding in [true, false] {
        let full = try cache.fullResidDecomposition(of: model, layer: layer, expandingNeurons: expanding)
        #expect(full.sum.difference(from: stream) < 2e-5)
      }
      let heads = try cache.stackHeadResults(of: model, layer: layer, includingRemainder: true)
      #expect(heads.labels.count == layer * c.nHeads + 1)
      #expect(heads.sum.difference(from: stream) < 2e-5)
      let neurons = try cache.stackNeuronResults(of: model, layer: layer, includingRemainder: true)
      #expect(neurons.labels.count == layer * c.dMLP + 1)
      guard layer < c.nLayers, !c.isAttentionOnly, c.residual == .sequential else { continue }
      let middle = cache[.residMid, layer: layer]
      #expect(try cache.decomposeResid(layer: layer, mlpInput: true).sum.difference(from: middle) < 2e-5)
      #expect(
        try cache.fullResidDecomposition(of: model, layer: layer, mlpInput: true).sum.difference(from: middle) < 2e-5)
    }
  }

  @Test("sum to what a layer reads when they are normalised", arguments: ZooModel.all)
  func normalized(_ zoo: ZooModel) throws {
    let (model, logits, cache) = try run(zoo)
    let full = try cache.fullResidDecomposition(of: model, normalizing: true)
    var expected = full.sum.matmul(model.W_U)
    if let b_U = model.b_U { expected += b_U }
    if let cap = model.configuration.logitSoftCap { expected = (expected / cap).tanh() * cap }
    #expect(expected.difference(from: logits) < 2e-5)
    guard model.configuration.normalization != .none else { return }
    let block = model.blocks[1]
    let read = try cache.fullResidDecomposition(of: model, layer: 1, normalizing: true).sum
    var whole = cache[.ln1Normalized, layer: 1]
    if let w = block.ln1.w { whole *= w }
    if let b = block.ln1.b { whole += b }
    #expect(read.difference(from: whole) < 2e-5)
  }

  @Test("are the same projected early as projected late", arguments: ZooModel.all)
  func projected(_ zoo: ZooModel) throws {
    let (model, _, cache) = try run(zoo)
    let directions = noise([model.configuration.dModel, 3], "directions")
    for normalizing in [true, false] {
      let late = try cache.fullResidDecomposition(of: model, normalizing: normalizing, positions: 2..<5)
      let early = try cache.fullResidDecomposition(
        of: model, normalizing: normalizing, projectingOnto: directions, positions: 2..<5)
      #expect(early.labels == late.labels)
      #expect(early.parts.difference(from: late.parts.matmul(directions)) < 5e-5)
    }
    let neurons = model.configuration.isAttentionOnly ? nil : 3..<8
    guard let neurons else { return }
    let late = try cache.stackNeuronResults(of: model, neurons: neurons)
    let early = try cache.stackNeuronResults(of: model, neurons: neurons, projectingOnto: directions)
    #expect(late.labels == early.labels && late.labels.count == 2 * 5 && late.labels[5] == "L1N3")
    #expect(early.parts.difference(from: late.parts.matmul(directions)) < 5e-5)
  }

  @Test("take heads from z as from the results", arguments: ZooModel.all)
  func results(_ zoo: ZooModel) throws {
    let (model, _, cache) = try run(zoo)
    let (_, both) = try model.runWithCache(someTokens(2, 7), names: .filter { $0.activation != .attnIn })
    let (fromZ, fromResults) = (try cache.stackHeadResults(of: model), try both.stackHeadResults(of: model))
    #expect(!cache.contains("blocks.0.attn.hook_result") && both.contains("blocks.0.attn.hook_result"))
    #expect(fromZ.labels == model.headLabels)
    #expect(fromZ.parts.difference(from: fromResults.parts) < 2e-5)
  }

  @Test("refuse a cache that is not the model's", arguments: ZooModel.all)
  func otherModel(_ zoo: ZooModel) throws {
    let (model, _, cache) = try run(zoo)
    var other = model
    other.blocks[1].attn.W_O *= 1.01
    let error = try #require(throws: AnalysisError.self) { try cache.stackHeadResults(of: other) }
    guard case .partsDoNotSum(let name, _, _, let gap, let norm) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(name == "blocks.1.hook_attn_out" && gap > 0 && norm > 0)
    guard !model.configuration.isAttentionOnly else { return }
    other = model
    other.blocks[0].mlp?.b_out = noise([model.configuration.dModel], "b") * 0.1
    #expect(throws: AnalysisError.self) { try cache.stackNeuronResults(of: other) }
    #expect(throws: AnalysisError.self) { try cache.stackNeuronResults(of: other, neurons: 3..<8) }
    // A weight of a neuron that is not asked for is missed too.
    other = model
    other.blocks[0].mlp?.W_out[10, 0] += 0.5
    #expect(throws: AnalysisError.self) { try cache.stackNeuronResults(of: other, neurons: 3..<8) }
    #expect(throws: AnalysisError.self) { try cache.fullResidDecomposition(of: other) }
  }

  @Test("see a hook that came between")
  func hooked() throws {
    let model = ZooModel("gpt2").model
    var options = RunOptions(cached: .all)
    options.hooks = [Hook("blocks.1.hook_resid_pre") { stream, _ in stream *= 1.1 }]
    let cache = try model.run(someTokens(2, 7), options).cache
    #expect(throws: AnalysisError.self) { try cache.decomposeResid() }
    #expect(try cache.decomposeResid(layer: 1, sources: .attention).labels == ["0_attn_out"])
  }

  @Test("name what was not cached")
  func notCached() throws {
    let model = ZooModel("gpt2").model
    let (_, cache) = try model.runWithCache(someTokens(1, 4), names: .each([.embed, .attnOut, .mlpOut]))
    #expect(throws: AnalysisError.notCached("hook_pos_embed")) { try cache.decomposeResid() }
    #expect(throws: AnalysisError.notCached("blocks.0.attn.hook_z")) { try cache.stackHeadResults(of: model) }
    let posts = try model.runWithCache(someTokens(1, 4), names: .each(.post)).cache
    #expect(throws: AnalysisError.notCached("blocks.0.hook_mlp_out")) {
      try posts.stackNeuronResults(of: model, neurons: 0..<1)
    }
    #expect(throws: AnalysisError.notCached("blocks.0.attn.hook_pattern")) {
      try cache.detectHead(someTokens(1, 4), .induction)
    }
  }

  @Test("label the streams as TransformerLens does")
  func labels() throws {
    let (model, _, cache) = try run(ZooModel("gpt2"))
    #expect(try cache.accumulatedResid().labels == ["0_pre", "1_pre", "final_post"])
    #expect(
      try cache.accumulatedResid(includingMid: true).labels == ["0_pre", "0_mid", "1_pre", "1_mid", "final_post"])
    #expect(try cache.accumulatedResid(layer: 1, includingMid: true).labels == ["0_pre", "0_mid", "1_pre"])
    #expect(
      try cache.decomposeResid(layer: 1, mlpInput: true).labels
        == ["embed", "pos_embed", "0_attn_out", "0_mlp_out", "1_attn_out"])
    #expect(try cache.decomposeResid(sources: .mlp).labels == ["0_mlp_out", "1_mlp_out"])
    let full = try cache.fullResidDecomposition(of: model, expandingNeurons: false, normalizing: true)
    #expect(full.labels == model.headLabels + ["0_mlp_out", "1_mlp_out", "embed", "pos_embed", "bias", "ln_bias"])
    #expect(full["embed"].shape == [2, 7, 12])
  }
}
