// A configuration in TransformerLens's keys, as its checkpoints have it in `config.json` (the toy models of N. Nanda,
// and what `save(to:)` writes).
//
// Some keys are ours, for what TransformerLens has no key for: `embedding_scale`, `final_normalization_type`,
// `attention_scale`, `windows`, `smears_keys` and `processing`.

extension ConfigurationFile {
  /// Whether the keys are TransformerLens's.
  var isTransformerLens: Bool { has("d_model") && has("n_ctx") && !has("model_type") }

  /// TransformerLens's names of activation functions.
  static let transformerLensActivations: KeyValuePairs<String, Activation> = [
    "gelu": .gelu, "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "relu": .relu,
    "silu": .silu, "solu_ln": .solu,
  ]

  /// TransformerLens's names of normalisations; null stands for none.
  static let transformerLensNormalizations: KeyValuePairs<String, Normalization> = [
    "LN": .layerNorm, "LNPre": .layerNormPre, "RMS": .rmsNorm, "RMSPre": .rmsNormPre,
  ]

  /// The architecture that TransformerLens's keys describe.
  func transformerLensConfiguration() throws(CheckpointError) -> TransformerConfiguration {
    for key in ["post_embedding_ln", "load_in_4bit", "load_in_8bit"] { try require(key, false) }
    for key in ["num_experts", "rotary_base_local"] where has(key) { throw unsupported(key) }

    let (dModel, dHead) = (try size("d_model"), try size("d_head"))
    let nHeads = try sizeUnlessNegative("n_heads") ?? max(dModel / dHead, 1)
    let keyValueHeads = try sizeUnlessNegative("n_key_value_heads") ?? nHeads
    guard nHeads.isMultiple(of: keyValueHeads) else {
      throw fail("n_key_value_heads", "is \(keyValueHeads), which does not divide the \(nHeads) heads")
    }
    let isAttentionOnly = try truth("attn_only", default: false)
    let dVocab = try size("d_vocab")
    var c = TransformerConfiguration(
      nLayers: try count("n_layers", upTo: 10_000), dModel: dModel, nHeads: nHeads, dHead: dHead,
      nKeyValueHeads: keyValueHeads, dMLP: isAttentionOnly ? 0 : try sizeUnlessNegative("d_mlp") ?? 4 * dModel,
      dVocab: dVocab, dVocabOut: try sizeUnlessNegative("d_vocab_out") ?? dVocab, nContext: try size("n_ctx"))
    try readStream(&c)
    try readAttention(&c)
    let activations = ConfigurationFile.transformerLensActivations
    // Attention-only models have an activation function in name, and some a name that means nothing.
    if !isAttentionOnly || activations.contains(where: { $0.key == value(["act_fn"])?.value.string }) {
      c.activation = try choice("act_fn", from: activations)
    }
    c.tiesEmbeddings = try truth("tie_word_embeddings", default: false)
    guard !c.tiesEmbeddings || c.dVocabOut == dVocab else {
      throw fail("tie_word_embeddings", "is true, though \(dVocab) tokens are read and \(c.dVocabOut) predicted")
    }
    c.isGated = try truth("gated_mlp", default: false)
    c.initializerRange = try numberUnlessNegative("initializer_range")
    return c
  }

  private func readStream(_ c: inout TransformerConfiguration) throws(CheckpointError) {
    c.normalization = try choice(
      "normalization_type", "normalization", from: ConfigurationFile.transformerLensNormalizations,
      default: Normalization.none)
    c.epsilon = try positiveNumber("eps") ?? 1e-5
    if let name = try text("final_normalization_type") {
      c.finalNormalization =
        name == "none"
        ? Normalization.none
        : try choice("final_normalization_type", from: ConfigurationFile.transformerLensNormalizations)
    } else if try truth("final_rms", default: false), c.normalization.centers {
      c.finalNormalization = c.normalization.hasWeights ? .rmsNorm : .rmsNormPre
    }
    c.normalizesOutputs = try truth("use_normalization_before_and_after", default: false)
    c.residual = try truth("parallel_attn_mlp", default: false) ? .parallel : .sequential
    c.embeddingScale = try number("embedding_scale", default: 1)
    c.logitSoftCap = try numberUnlessNegative("output_logits_soft_cap")
    let isShortformer = try truth("shortformer_pos", default: false)
    switch try text("positional_embedding_type") ?? (isShortformer ? "shortformer" : "standard") {
    case "standard": c.positions = .learned
    case "shortformer": c.positions = .shortformer
    case "rotary": c.positions = .rotary(try rotary())
    case "alibi": c.positions = .alibi
    case "none": c.positions = Positions.none
    default: throw unsupported("positional_embedding_type", "standard, rotary, shortformer, alibi and none are")
    }
  }

  private func readAttention(_ c: inout TransformerConfiguration) throws(CheckpointError) {
    c.direction = try choice(
      "attention_dir", from: ["causal": .causal, "bidirectional": .bidirectional], default: .causal)
    c.attentionScale = try numberUnlessNegative("attn_scale").map { 1 / $0 }
    if try !truth("use_attn_scale", default: true) { c.attentionScale = 1 }
    // The factor itself, where the divisor would not give it back to the last bit.
    if let factor = try positiveNumber("attention_scale") { c.attentionScale = factor }
    c.scalesScoresByLayer = try truth("scale_attn_by_inverse_layer_idx", default: false)
    c.scoreSoftCap = try numberUnlessNegative("attn_scores_soft_cap")
    c.normalizesQueriesAndKeys = try truth("use_qk_norm", default: false)
    c.smearsKeys = try truth("smears_keys", default: false)
    c.windows = try transformerLensWindows(c.nLayers)
  }

  /// The rotation; looked at only where positions are rotated.
  private func rotary() throws(CheckpointError) -> Rotary {
    let dHead = try size("d_head")
    let dimension = try sizeUnlessNegative("rotary_dim") ?? dHead
    guard dimension.isMultiple(of: 2), dimension <= dHead else {
      throw fail("rotary_dim", "is \(dimension); an even number up to the width of a head was expected")
    }
    var scaling = Rotary.Scaling.none
    if let factor = try positiveNumber("rotary_scaling_factor"), factor != 1 { scaling = .linear(factor: factor) }
    if try truth("use_NTK_by_parts_rope", default: false) {
      scaling = .llama3(
        factor: try positive("NTK_by_parts_factor"), lowFrequencyFactor: try positive("NTK_by_parts_low_freq_factor"),
        highFrequencyFactor: try positive("NTK_by_parts_high_freq_factor"),
        originalContext: try size("NTK_original_ctx_len"))
    }
    return Rotary(
      dimension: dimension, base: try positiveNumber("rotary_base") ?? 10_000,
      pairs: try truth("rotary_adjacent_pairs", default: false) ? .adjacent : .halves, scaling: scaling)
  }

  private func transformerLensWindows(_ nLayers: Int) throws(CheckpointError) -> [Int?] {
    if let (key, value) = value(["windows"]) {
      guard let list = value.array, list.count == nLayers, list.allSatisfy({ $0.isNull || ($0.integer ?? 0) > 0 })
      else { throw fail(key, "is no list of \(nLayers) positive integers or nulls") }
      return list.map(\.integer)
    }
    guard try truth("use_local_attn", default: has("attn_types")) else { return [] }
    let (window, kinds) = (try size("window_size"), try texts("attn_types") ?? [])
    guard kinds.count == nLayers, kinds.allSatisfy({ $0 == "local" || $0 == "global" }) else {
      throw fail("attn_types", "is no list of local or global for each of \(nLayers) layers")
    }
    return kinds.map { $0 == "local" ? window : nil }
  }

  /// What was done to the weights before they were saved.
  func transformerLensProcessing() throws(CheckpointError) -> Processing {
    var processing: Processing = []
    for name in try texts("processing") ?? [] {
      guard let step = Processing.names.first(where: { $0.key == name })?.value else {
        let known = Processing.names.map(\.key).joined(separator: ", ")
        throw fail("processing", "names '\(name)'; one of \(known) was expected")
      }
      processing.insert(step)
    }
    return processing
  }

  // MARK: - TransformerLens writes −1 for what is not given

  private func sizeUnlessNegative(_ key: String) throws(CheckpointError) -> Int? {
    value([key])?.value.integer == -1 ? nil : try optionalSize(key)
  }

  private func numberUnlessNegative(_ key: String) throws(CheckpointError) -> Float? {
    guard let number = value([key])?.value.double, number <= 0 else { return try positiveNumber(key) }
    return nil
  }
}

extension Processing {
  /// The names of the steps in a saved configuration.
  static let names: KeyValuePairs<String, Processing> = [
    "fold_ln": .foldedLayerNorm, "center_writing_weights": .centeredWritingWeights,
    "center_unembed": .centeredUnembedding, "fold_value_biases": .foldedValueBiases,
    "refactor_factored_attn_matrices": .refactoredAttention,
  ]
}
