// GPT-NeoX (Black et al. 2022) and Pythia (Biderman et al. 2023): rotation of a part of each head in half-split pairs.

extension Family {
  /// GPT-NeoX and Pythia.
  static let gptNeoX = Family(modelType: "gpt_neox", architecture: "GPTNeoX") { file throws(CheckpointError) in
    var c = try file.sizes()
    guard c.nKeyValueHeads == c.nHeads else { throw file.unsupported("num_key_value_heads") }
    c.epsilon = try file.number("layer_norm_eps", default: 1e-5)
    c.activation = try file.choice("hidden_act", from: ConfigurationFile.activations, default: .gelu)
    c.residual = try file.truth("use_parallel_residual", default: true) ? .parallel : .sequential
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: false)
    c.positions = .rotary(try file.rotary(dHead: c.dHead, fraction: 0.25))

    var names = WeightNames(
      prefixes: ["gpt_neox.", ""], embedding: "embed_in", block: "layers.", ln1: "input_layernorm",
      ln2: "post_attention_layernorm", queriesKeysValues: .joinedByHead("attention.query_key_value"),
      output: "attention.dense", mlpIn: "mlp.dense_h_to_4h", mlpOut: "mlp.dense_4h_to_h", lnFinal: "final_layer_norm",
      unembedding: ["embed_out", "lm_head"])
    let hasBiases = try file.truth("attention_bias", default: true)
    names.hasQueryKeyValueBiases = hasBiases
    names.hasOutputBias = hasBiases
    names.hasMLPBiases = true
    names.ignoredEndings = [".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"]
    return FamilyModel(configuration: c, names: names)
  }
}
