// Phi-1, 1.5 and 2 (Gunasekar et al. 2023): attention and MLP in parallel from one LayerNorm, rotation of half a head.

extension Family {
  /// Phi-1, 1.5 and 2.
  static let phi = Family(modelType: "phi", architecture: "Phi") { file throws(CheckpointError) in
    var c = try file.sizes()
    try file.require("qk_layernorm", false)
    c.epsilon = try file.number("layer_norm_eps", default: 1e-5)
    c.activation = try file.choice("hidden_act", from: ConfigurationFile.activations, default: .geluTanh)
    c.residual = .parallel
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: false)
    c.positions = .rotary(try file.rotary(dHead: c.dHead, fraction: 0.5))

    var names = WeightNames(
      prefixes: ["model.", ""], embedding: "embed_tokens", block: "layers.", ln1: "input_layernorm",
      ln2: "input_layernorm",
      queriesKeysValues: .separate(q: "self_attn.q_proj", k: "self_attn.k_proj", v: "self_attn.v_proj"),
      output: "self_attn.dense", mlpIn: "mlp.fc1", mlpOut: "mlp.fc2", lnFinal: "final_layernorm")
    names.hasQueryKeyValueBiases = true
    names.hasOutputBias = true
    names.hasMLPBiases = true
    names.hasUnembeddingBias = true
    names.ignoredEndings = [".rotary_emb.inv_freq"]
    return FamilyModel(configuration: c, names: names)
  }
}
