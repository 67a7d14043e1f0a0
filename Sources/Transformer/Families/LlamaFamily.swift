// Llama 1–3 (Touvron et al. 2023; Meta 2024) and its relatives Mistral, Qwen2 and Qwen3: RMSNorm, rotation, gated SiLU.

extension Family {
  /// Llama 1 to 3.
  static let llama = Family(modelType: "llama", architecture: "Llama") { file throws(CheckpointError) in
    var model = try llamaLike(file)
    try file.require("mlp_bias", false)
    let hasBiases = try file.truth("attention_bias", default: false)
    model.names.hasQueryKeyValueBiases = hasBiases
    model.names.hasOutputBias = hasBiases
    return model
  }

  /// Mistral: a window in every layer.
  static let mistral = Family(modelType: "mistral", architecture: "Mistral") { file throws(CheckpointError) in
    var model = try llamaLike(file, keyValueHeads: 8)
    model.configuration.windows = try file.windows(model.configuration.nLayers) { _ in true }
    return model
  }

  /// Qwen2 and Qwen2.5: biases on queries, keys and values.
  static let qwen2 = Family(modelType: "qwen2", architecture: "Qwen2") { file throws(CheckpointError) in
    var model = try llamaLike(file, keyValueHeads: 32)
    model.configuration.windows = try qwenWindows(file, model.configuration.nLayers)
    model.names.hasQueryKeyValueBiases = true
    return model
  }

  /// Qwen3: normalised queries and keys, and a width of heads of its own.
  static let qwen3 = Family(modelType: "qwen3", architecture: "Qwen3") { file throws(CheckpointError) in
    var model = try llamaLike(file, dHead: try file.size("head_dim", default: 128), keyValueHeads: 32)
    model.configuration.windows = try qwenWindows(file, model.configuration.nLayers)
    model.configuration.normalizesQueriesAndKeys = true
    model.names.headNorms = ("self_attn.q_norm", "self_attn.k_norm")
    let hasBiases = try file.truth("attention_bias", default: false)
    model.names.hasQueryKeyValueBiases = hasBiases
    model.names.hasOutputBias = hasBiases
    return model
  }

  /// What the four have in common; `keyValueHeads` where a file does not mention them, as many as heads unless given.
  static func llamaLike(
    _ file: ConfigurationFile, dHead: Int? = nil, keyValueHeads: Int? = nil
  ) throws(CheckpointError) -> FamilyModel {
    let given = try file.optionalSize("head_dim")
    var c = try file.sizes(dHead: dHead ?? given, keyValueHeads: keyValueHeads)
    c.normalization = .rmsNorm
    c.epsilon = try file.number("rms_norm_eps", default: 1e-6)
    c.activation = try file.choice("hidden_act", from: ConfigurationFile.activations, default: .silu)
    c.isGated = true
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: false)
    c.positions = .rotary(try file.rotary(dHead: c.dHead))
    let names = WeightNames(
      prefixes: ["model.", ""], embedding: "embed_tokens", block: "layers.", ln1: "input_layernorm",
      ln2: "post_attention_layernorm",
      queriesKeysValues: .separate(q: "self_attn.q_proj", k: "self_attn.k_proj", v: "self_attn.v_proj"),
      output: "self_attn.o_proj", mlpIn: "mlp.up_proj", mlpGate: "mlp.gate_proj", mlpOut: "mlp.down_proj",
      lnFinal: "norm", ignoredEndings: [".rotary_emb.inv_freq"])
    return FamilyModel(configuration: c, names: names)
  }

  /// The windows of Qwen, which are off unless asked for, and then in the layers from `max_window_layers` on.
  private static func qwenWindows(_ file: ConfigurationFile, _ nLayers: Int) throws(CheckpointError) -> [Int?] {
    guard try file.truth("use_sliding_window", default: false) else { return [] }
    let first = file.has("max_window_layers") ? try file.number("max_window_layers") : 28
    return try file.windows(nLayers) { Float($0) >= first }
  }
}
