// Gemma 1 and 2 (Gemma Team 2024): Llama with scaled embeddings, gains stored less one, and in Gemma 2 normalised
// outputs, soft caps and alternating windows.

extension Family {
  /// Gemma 1.
  static let gemma = Family(modelType: "gemma", architecture: "Gemma") { file throws(CheckpointError) in
    try gemmaLike(file, keyValueHeads: 16)
  }

  /// Gemma 2.
  static let gemma2 = Family(modelType: "gemma2", architecture: "Gemma2") { file throws(CheckpointError) in
    var model = try gemmaLike(file, keyValueHeads: 4)
    model.configuration.normalizesOutputs = true
    model.configuration.scoreSoftCap = try softCap("attn_logit_softcapping", default: 50, file)
    model.configuration.logitSoftCap = try softCap("final_logit_softcapping", default: 30, file)
    model.configuration.attentionScale = 1 / (try file.positiveNumber("query_pre_attn_scalar") ?? 256).squareRoot()
    model.configuration.windows = try file.windows(model.configuration.nLayers) { $0.isMultiple(of: 2) }
    model.names.ln2 = "pre_feedforward_layernorm"
    model.names.post = ("post_attention_layernorm", "post_feedforward_layernorm")
    return model
  }

  /// A soft cap: null stands for none, and a key that is not there for the published one.
  private static func softCap(
    _ key: String, default published: Float, _ file: ConfigurationFile
  ) throws(CheckpointError) -> Float? {
    file.mentions(key) ? try file.positiveNumber(key) : published
  }

  /// What both have in common.
  private static func gemmaLike(
    _ file: ConfigurationFile, keyValueHeads: Int
  ) throws(CheckpointError) -> FamilyModel {
    var model = try llamaLike(
      file, dHead: try file.size("head_dim", default: 256), keyValueHeads: keyValueHeads)
    try file.require("use_bidirectional_attention", false)
    // The first releases say `gelu` and mean the approximation that they were trained with.
    model.configuration.activation = try file.choice(
      "hidden_activation", "hidden_act",
      from: ["gelu": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_new": .geluTanh], default: .geluTanh)
    model.configuration.embeddingScale = Float(model.configuration.dModel).squareRoot()
    model.configuration.tiesEmbeddings = try file.truth("tie_word_embeddings", default: true)
    let hasBiases = try file.truth("attention_bias", default: false)
    model.names.hasQueryKeyValueBiases = hasBiases
    model.names.hasOutputBias = hasBiases
    model.names.gainOffset = 1
    return model
  }
}
