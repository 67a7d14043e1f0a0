// OPT (Zhang et al. 2022): GPT-2 with ReLU and position vectors whose first two rows stand for no position.

extension Family {
  /// OPT, in the sizes whose normalisations come before the layers (all but 350M).
  static let opt = Family(modelType: "opt", architecture: "OPT") { file throws(CheckpointError) in
    let (dModel, nHeads) = (try file.size("hidden_size"), try file.size("num_attention_heads"))
    var c = TransformerConfiguration(
      nLayers: try file.layers("num_hidden_layers"), dModel: dModel, nHeads: nHeads,
      dHead: try file.headWidth(dModel, nHeads, "num_attention_heads"), dMLP: try file.size("ffn_dim"),
      dVocab: try file.size("vocab_size"), nContext: try file.size("max_position_embeddings"))
    try file.require("do_layer_norm_before", true)
    try file.require("_remove_final_layer_norm", false)
    try file.require("layer_norm_elementwise_affine", true)
    let projection = try file.size("word_embed_proj_dim", default: dModel)
    guard projection == dModel else {
      throw file.unsupported("word_embed_proj_dim", "the width of the stream, \(dModel), is")
    }
    c.activation = try file.choice("activation_function", from: ConfigurationFile.activations, default: .relu)
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: true)

    var names = WeightNames(
      prefixes: ["model.decoder.", "decoder."], embedding: "embed_tokens", positions: ("embed_positions", 2),
      block: "layers.", ln1: "self_attn_layer_norm", ln2: "final_layer_norm",
      queriesKeysValues: .separate(q: "self_attn.q_proj", k: "self_attn.k_proj", v: "self_attn.v_proj"),
      output: "self_attn.out_proj", mlpIn: "fc1", mlpOut: "fc2", lnFinal: "final_layer_norm")
    let hasBiases = try file.truth("enable_bias", default: true)
    names.hasQueryKeyValueBiases = hasBiases
    names.hasOutputBias = hasBiases
    names.hasMLPBiases = hasBiases
    return FamilyModel(configuration: c, names: names)
  }
}
