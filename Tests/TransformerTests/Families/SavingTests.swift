// A saved model is a folder that Python can read in TransformerLens's names, and loads back bit for bit.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Saving")
struct SavingTests {
  private func expectEqual(_ loaded: HookedTransformer, _ model: HookedTransformer, _ name: String) {
    #expect(loaded.configuration == model.configuration, "\(name)")
    #expect(loaded.processing == model.processing, "\(name)")
    #expect(loaded.namedParameters.map(\.name) == model.namedParameters.map(\.name), "\(name)")
    for (a, b) in zip(loaded.namedParameters, model.namedParameters) {
      #expect(a.value.shape == b.value.shape, "\(name) \(a.name)")
      #expect(a.value.elements.map(\.bitPattern) == b.value.elements.map(\.bitPattern), "\(name) \(a.name)")
    }
  }

  @Test(arguments: FamilyFixture.families) func `every family comes back`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let model = try HookedTransformer(contentsOf: path(name))
    try model.save(to: folder.path + "/a/b")
    expectEqual(try HookedTransformer(contentsOf: folder.path + "/a/b"), model, name)
  }

  @Test(arguments: FamilyFixture.families) func `every family comes back processed`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let model = try HookedTransformer(contentsOf: path(name)).processed()
    try model.save(to: folder.path)
    expectEqual(try HookedTransformer(contentsOf: folder.path), model, name)
  }

  @Test func `every choice of an architecture comes back`() throws {
    let choices: [(String, (inout TransformerConfiguration) -> Void)] = [
      ("plain", { _ in }), ("alibi", { $0.positions = .alibi }), ("shortformer", { $0.positions = .shortformer }),
      ("no positions", { $0.positions = Positions.none }), ("attention only", { $0.dMLP = 0 }),
      ("solu", { $0.activation = .solu }), ("bidirectional", { $0.direction = .bidirectional }),
      ("no norm", { $0.normalization = .none }), ("folded", { $0.normalization = .layerNormPre }),
      ("folded rms", { $0.normalization = .rmsNormPre }), ("final rms", { $0.finalNormalization = .rmsNorm }),
      ("no final norm", { $0.finalNormalization = Normalization.none }), ("scale", { $0.attentionScale = 0.3 }),
      ("windows", { $0.windows = [nil, 3] }), ("range", { $0.initializerRange = 0.037 }),
      ("no layers", { $0.nLayers = 0 }), ("unembedding of its own", { $0.dVocabOut = 5 }),
      ("smeared keys", { $0.smearsKeys = true }), ("scores by layer", { $0.scalesScoresByLayer = true }),
      ("linear rotation", { $0.positions = .rotary(Rotary(dimension: 2, base: 77, scaling: .linear(factor: 3))) }),
    ]
    for (name, change) in choices {
      let folder = try TemporaryFolder()
      var c = TransformerConfiguration(nLayers: 2, dModel: 8, nHeads: 2, dVocab: 7, nContext: 6)
      change(&c)
      var model = HookedTransformer(c, initializedFrom: RandomStream(seed: 3))
      model.processing = [.foldedLayerNorm, .centeredUnembedding]
      try model.save(to: folder.path)
      expectEqual(try HookedTransformer(contentsOf: folder.path), model, name)
    }
  }

  @Test func `an unembedding that was changed stays so, though the configuration ties it`() throws {
    let folder = try TemporaryFolder()
    let model = try HookedTransformer(contentsOf: path("gpt2"))
    try model.save(to: folder.path)
    let file = folder.path + "/model.safetensors"
    let tensors = model.stateDictionary.map { name, tensor in
      (name: name, tensor: name == "unembed.W_U" ? tensor * 2 : tensor)
    }
    try SafetensorsFile.write(tensors, to: file)
    let loaded = try HookedTransformer(contentsOf: folder.path)
    #expect(model.configuration.tiesEmbeddings && !loaded.configuration.tiesEmbeddings)
    #expect(loaded([1, 2, 3]).difference(from: model([1, 2, 3]) * 2) < 1e-5)
  }

  @Test func `the state dictionary has TransformerLens's names and shapes`() throws {
    let model = try HookedTransformer(contentsOf: path("llama-gqa"))
    let shapes = Dictionary(uniqueKeysWithValues: model.stateDictionary.map { ($0.name, $0.tensor.shape) })
    #expect(shapes["embed.W_E"] == [61, 16])
    #expect(shapes["unembed.W_U"] == [16, 61])
    #expect(shapes["blocks.1.attn.W_Q"] == [4, 16, 4])
    #expect(shapes["blocks.1.attn._W_K"] == [2, 16, 4])
    #expect(shapes["blocks.1.attn.W_O"] == [4, 4, 16])
    #expect(shapes["blocks.1.mlp.W_in"] == [16, 24])
    #expect(shapes["blocks.1.ln1.w"] == [16])
    // Head 2's query weights are the columns from 8 to 11.
    let W_Q = try #require(model.stateDictionary.first { $0.name == "blocks.1.attn.W_Q" }).tensor
    #expect(W_Q.slice(axis: 0, at: 2) == model.blocks[1].attn.W_Q.slice(axis: 1, 8..<12))
  }

  @Test func `saving again replaces, and leaves nothing else behind`() throws {
    let folder = try TemporaryFolder()
    try HookedTransformer(contentsOf: path("gpt2")).save(to: folder.path)
    let model = try HookedTransformer(contentsOf: path("llama"))
    try model.save(to: folder.path)
    expectEqual(try HookedTransformer(contentsOf: folder.path), model, "llama")
    #expect(try folder.names == ["config.json", "model.safetensors"])
  }

  @Test func `a folder that cannot be made is named`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("file", [1])
    let model = try HookedTransformer(contentsOf: path("gpt2"))
    let error = #expect(throws: CheckpointError.self) { try model.save(to: file) }
    #expect(error?.file.hasPrefix(file) == true)
  }
}
