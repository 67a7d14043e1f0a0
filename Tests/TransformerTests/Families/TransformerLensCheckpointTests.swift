// TransformerLens's own checkpoints: its keys, its names, and the layout of the first SoLU models.

import Tensors
import Testing

@testable import Transformer

@Suite("TransformerLens checkpoints")
struct TransformerLensCheckpointTests {
  private func configuration(_ json: String) throws -> TransformerConfiguration {
    try ConfigurationFile(path: "config.json", JSONValue(json)).transformerLensConfiguration()
  }

  /// The keys that the toy models have.
  private static let toy = """
    "d_model": 8, "n_layers": 2, "d_mlp": 12, "d_head": 4, "n_heads": 2, "n_ctx": 6, "d_vocab": 7,
    "seed": 1, "tokenizer_name": "EleutherAI/gpt-neox-20b"
    """

  @Test func `the toy models' keys`() throws {
    let solu = try configuration(
      #"{"act_fn": "solu_ln", "attn_only": false, "normalization": "LN", "final_rms": false, \#(Self.toy)}"#)
    #expect(solu.activation == .solu)
    #expect(solu.normalization == .layerNorm && solu.finalNormalization == nil)
    #expect(solu.dMLP == 12 && solu.epsilon == 1e-5 && solu.positions == .learned && !solu.tiesEmbeddings)
    let attention = try configuration(
      #"{"act_fn": "attn_only", "attn_only": true, "normalization": "LNPre", "final_rms": true, "shortformer_pos": true, \#(Self.toy)}"#
    )
    #expect(attention.isAttentionOnly && attention.positions == .shortformer)
    #expect(attention.unembeddingNormalization == .rmsNormPre)
    let none = try configuration(
      #"{"act_fn": "gelu_new", "normalization_type": null, "n_key_value_heads": 1, "attn_scale": -1.0, \#(Self.toy)}"#)
    #expect(none.normalization == Normalization.none && none.nKeyValueHeads == 1 && none.scoreScale == 0.5)
  }

  @Test func `newer keys`() throws {
    let c = try configuration(
      """
      {"act_fn": "silu", "gated_mlp": true, "normalization_type": "RMS", "eps": 1e-6, "positional_embedding_type": "rotary",
       "rotary_dim": 2, "rotary_base": 500, "rotary_adjacent_pairs": true, "parallel_attn_mlp": true, "use_local_attn": true,
       "window_size": 3, "attn_types": ["global", "local"], "attn_scale": 4.0, "attn_scores_soft_cap": 50.0,
       "output_logits_soft_cap": -1.0, "use_qk_norm": true, "use_normalization_before_and_after": true, \(Self.toy)}
      """)
    #expect(c.positions == .rotary(Rotary(dimension: 2, base: 500, pairs: .adjacent)))
    #expect(c.isGated && c.residual == .parallel && c.normalizesQueriesAndKeys && c.normalizesOutputs)
    #expect(c.windows == [nil, 3] && c.scoreScale == 0.25 && c.scoreSoftCap == 50 && c.logitSoftCap == nil)
  }

  @Test(arguments: [
    ("act_fn", #""solu""#), ("normalization_type", #""BatchNorm""#), ("post_embedding_ln", "true"),
    ("num_experts", "4"), ("positional_embedding_type", #""relative_positional_bias""#), ("d_head", "0"),
  ])
  func `what is not supported is refused by its key`(_ key: String, _ value: String) throws {
    let keys =
      [("act_fn", #""relu""#), ("normalization_type", #""LN""#), ("d_head", "4")]
      .filter { $0.0 != key }.map { "\"\($0.0)\": \($0.1)" } + ["\"\(key)\": \(value)"]
    let toy = Self.toy.replacing(#""d_head": 4, "#, with: "")
    let error = #expect(throws: CheckpointError.self) { try configuration("{\(toy), \(keys.joined(separator: ", "))}") }
    #expect(error?.reason.hasPrefix("the key '\(key)' is ") == true)
  }

  // MARK: - The first SoLU models

  /// A SoLU model's state dictionary as the first ones were saved: `norm` for `ln`, and matrices the other way round.
  private func old(_ model: HookedTransformer) -> [(name: String, tensor: Tensor)] {
    let layers = model.configuration.nLayers
    return model.stateDictionary.map { name, tensor in
      let isMatrix = name.contains("W_") && !name.contains("W_pos")
      let isTurned = layers <= 6 && isMatrix || layers <= 8 && name == "pos_embed.W_pos"
      let rank = tensor.rank
      let axes = Array(0..<rank - (isTurned ? 2 : 0)) + (isTurned ? [rank - 1, rank - 2] : [])
      let old = name.replacing("ln_final.", with: "norm.").replacing("ln1.", with: "norm1.")
        .replacing("ln2.", with: "norm2.").replacing("mlp.ln.", with: "mlp.norm.")
      return (old, tensor.transposed(axes))
    }
  }

  @Test(arguments: [2, 7, 9]) func `the first SoLU models, whose axes depend on their depth`(_ layers: Int) throws {
    var c = TransformerConfiguration(
      nLayers: layers, dModel: 8, nHeads: 2, dHead: 3, dMLP: 12, dVocab: 7, nContext: 6)
    c.activation = .solu
    let model = HookedTransformer(c, initializedFrom: RandomStream(seed: 5))
    let folder = try TemporaryFolder()
    try model.save(to: folder.path)
    try SafetensorsFile.write(old(model), to: folder.path + "/model.safetensors")
    let loaded = try HookedTransformer(contentsOf: folder.path)
    #expect(loaded.configuration == c)
    #expect(loaded.namedParameters.map(\.value) == model.namedParameters.map(\.value))
  }

  @Test func `masks and tables beside the weights are passed over, other tensors are not`() throws {
    let c = TransformerConfiguration(nLayers: 1, dModel: 8, nHeads: 2, dVocab: 7, nContext: 6)
    let model = HookedTransformer(c, initializedFrom: RandomStream(seed: 6))
    let folder = try TemporaryFolder()
    try model.save(to: folder.path)
    let buffers = [("blocks.0.attn.mask", Tensor(ones: [6, 6])), ("blocks.0.attn.IGNORE", Tensor(-1e5))]
    try SafetensorsFile.write(model.stateDictionary + buffers, to: folder.path + "/model.safetensors")
    #expect(try HookedTransformer(contentsOf: folder.path).configuration == c)
    try SafetensorsFile.write(
      model.stateDictionary + [("blocks.1.ln1.w", Tensor(ones: [8]))], to: folder.path + "/model.safetensors")
    #expect(throws: CheckpointError.self) { try HookedTransformer(contentsOf: folder.path) }
  }

  @Test func `an unembedding that was changed is no longer tied`() throws {
    let folder = try TemporaryFolder()
    let model = try HookedTransformer(contentsOf: path("gpt2"))
    try model.save(to: folder.path)
    var changed = model.stateDictionary
    changed[changed.count - 1].tensor += 1
    try SafetensorsFile.write(changed, to: folder.path + "/model.safetensors")
    let loaded = try HookedTransformer(contentsOf: folder.path)
    #expect(!loaded.configuration.tiesEmbeddings)
    #expect(loaded.W_U == model.W_U + 1)
  }
}
