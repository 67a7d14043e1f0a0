// GPT-Neo (Black et al. 2021): GPT-2 with unscaled scores and a window in every other layer.

extension Family {
  /// GPT-Neo.
  static let gptNeo = Family(modelType: "gpt_neo", architecture: "GPTNeo") { file throws(CheckpointError) in
    let (dModel, nHeads) = (try file.size("hidden_size"), try file.size("num_heads"))
    let nLayers = try file.layers("num_layers")
    var c = TransformerConfiguration(
      nLayers: nLayers, dModel: dModel, nHeads: nHeads, dHead: try file.headWidth(dModel, nHeads, "num_heads"),
      dMLP: try file.size("intermediate_size", default: 4 * dModel), dVocab: try file.size("vocab_size"),
      nContext: try file.size("max_position_embeddings"))
    c.epsilon = try file.number("layer_norm_epsilon", default: 1e-5)
    c.activation = try file.choice("activation_function", from: ConfigurationFile.activations, default: .geluTanh)
    c.tiesEmbeddings = try file.truth("tie_word_embeddings", default: true)
    c.attentionScale = 1
    let kinds = try gptNeoLayers(file)
    guard kinds.count == nLayers else {
      throw file.fail("attention_types", "describes \(kinds.count) layers; \(nLayers) was expected")
    }
    let window = try file.size("window_size", default: 256)
    if kinds.contains("local") { c.windows = kinds.map { $0 == "local" ? window : nil } }

    var names = WeightNames(
      prefixes: ["transformer.", ""], embedding: "wte", positions: ("wpe", 0), block: "h.", ln1: "ln_1", ln2: "ln_2",
      queriesKeysValues: .separate(
        q: "attn.attention.q_proj", k: "attn.attention.k_proj", v: "attn.attention.v_proj"),
      output: "attn.attention.out_proj", mlpIn: "mlp.c_fc", mlpOut: "mlp.c_proj", lnFinal: "ln_f")
    names.hasOutputBias = true
    names.hasMLPBiases = true
    names.ignoredEndings = [".attn.attention.bias", ".attn.attention.masked_bias"]
    return FamilyModel(configuration: c, names: names)
  }

  /// `global` or `local` for each layer: listed, or as a list of patterns with how often each is repeated.
  private static func gptNeoLayers(_ file: ConfigurationFile) throws(CheckpointError) -> [String] {
    var kinds: [String] = []
    if let patterns = file.value(["attention_types"])?.value {
      for pattern in patterns.array ?? [] {
        guard let parts = pattern.array, parts.count == 2, let names = parts[0].array?.map(\.string),
          let count = parts[1].integer, 0...10_000 ~= count, names.count <= 10_000
        else { throw file.fail("attention_types", "holds something else than patterns with a number") }
        for _ in 0..<count { kinds += names.map { $0 ?? "" } }
      }
    } else {
      kinds = try file.texts("attention_layers") ?? []
    }
    if let other = kinds.first(where: { $0 != "global" && $0 != "local" }) {
      throw file.fail("attention_types", "names '\(other)'; global or local was expected")
    }
    return kinds
  }
}
