// GPT-J (Wang and Komatsuzaki 2021): rotation of adjacent pairs, attention and MLP in parallel from one LayerNorm.

extension Family {
  /// GPT-J.
  static let gptJ = Family(modelType: "gptj", architecture: "GPTJ") { file throws(CheckpointError) in
    let (dModel, nHeads) = (try file.size("n_embd"), try file.size("n_head"))
    let dHead = try file.headWidth(dModel, nHeads, "n_head")
    var c = TransformerConfiguration(
      nLayers: try file.layers("n_layer"), dModel: dModel, nHeads: nHeads, dHead: dHead,
      dMLP: try file.size("n_inner", default: 4 * dModel), dVocab: try file.size("vocab_size"),
      nContext: try file.size("n_positions"))
    c.epsilon = try file.number("layer_norm_epsilon", default: 1e-5)
    c.activation = try file.choice("activation_function", from: ConfigurationFile.activations, default: .geluTanh)
    c.residual = .parallel
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: false)
    let dimension = try file.size("rotary_dim", default: dHead)
    guard dimension <= dHead, dimension.isMultiple(of: 2) else {
      throw file.fail("rotary_dim", "is \(dimension); an even number up to \(dHead) was expected")
    }
    c.positions = .rotary(Rotary(dimension: dimension, pairs: .adjacent))

    var names = WeightNames(
      prefixes: ["transformer.", ""], embedding: "wte", block: "h.", ln1: "ln_1", ln2: "ln_1",
      queriesKeysValues: .separate(q: "attn.q_proj", k: "attn.k_proj", v: "attn.v_proj"), output: "attn.out_proj",
      mlpIn: "mlp.fc_in", mlpOut: "mlp.fc_out", lnFinal: "ln_f")
    names.hasMLPBiases = true
    names.hasUnembeddingBias = true
    names.ignoredEndings = [".attn.bias", ".attn.masked_bias", ".attn.embed_positions"]
    return FamilyModel(configuration: c, names: names)
  }
}
