// GPT-2 (Radford et al. 2019) and what shares its layout. Matrices are stored as [inputs, outputs].

extension Family {
  /// GPT-2.
  static let gpt2 = Family(modelType: "gpt2", architecture: "GPT2") { file throws(CheckpointError) in
    let (dModel, nHeads) = (try file.size("n_embd"), try file.size("n_head"))
    var c = TransformerConfiguration(
      nLayers: try file.layers("n_layer"), dModel: dModel, nHeads: nHeads,
      dHead: try file.headWidth(dModel, nHeads, "n_head"), dMLP: try file.size("n_inner", default: 4 * dModel),
      dVocab: try file.size("vocab_size"), nContext: try file.size("n_positions", "n_ctx"))
    c.epsilon = try file.number("layer_norm_epsilon", default: 1e-5)
    c.activation = try file.choice(
      "activation_function", from: ConfigurationFile.activations, default: .geluTanh)
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: true)
    if try !file.truth("scale_attn_weights", default: true) { c.attentionScale = 1 }
    c.scalesScoresByLayer = try file.truth("scale_attn_by_inverse_layer_idx", default: false)
    try file.require("add_cross_attention", false)
    return FamilyModel(configuration: c, names: gpt2Names)
  }

  /// The names of GPT-2's tensors, which llm.c's files are given too.
  static var gpt2Names: WeightNames {
    var names = WeightNames(
      prefixes: ["transformer.", ""], embedding: "wte", positions: ("wpe", 0), block: "h.", ln1: "ln_1", ln2: "ln_2",
      queriesKeysValues: .joined("attn.c_attn"), output: "attn.c_proj", mlpIn: "mlp.c_fc", mlpOut: "mlp.c_proj",
      lnFinal: "ln_f")
    names.hasQueryKeyValueBiases = true
    names.hasOutputBias = true
    names.hasMLPBiases = true
    names.isInputsFirst = true
    names.ignoredEndings = [".attn.bias", ".attn.masked_bias"]
    return names
  }

  /// The configuration of an llm.c checkpoint, whose header has the sizes and whose code has the rest.
  static func llmC(_ header: ConfigurationFile) throws(CheckpointError) -> FamilyModel { try gpt2.model(header) }
}
