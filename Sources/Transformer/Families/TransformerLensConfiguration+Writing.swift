// A configuration in TransformerLens's keys, for `config.json` of a saved model; the reader beside it says which keys
// are ours.

import Tensors

extension HookedTransformer {
  /// The configuration, and what was done to the weights, in TransformerLens's keys.
  var transformerLensKeys: JSONObject {
    let c = configuration
    var keys = KeyWriter()
    keys.add("n_layers", c.nLayers)
    keys.add("d_model", c.dModel)
    keys.add("n_heads", c.nHeads)
    if c.nKeyValueHeads != c.nHeads { keys.add("n_key_value_heads", c.nKeyValueHeads) }
    keys.add("d_head", c.dHead)
    if !c.isAttentionOnly { keys.add("d_mlp", c.dMLP) }
    keys.add("d_vocab", c.dVocab)
    keys.add("d_vocab_out", c.dVocabOut)
    keys.add("n_ctx", c.nContext)

    let normalizations = ConfigurationFile.transformerLensNormalizations
    keys.add("normalization_type", c.normalization, normalizations)
    keys.add("eps", c.epsilon)
    if let final = c.finalNormalization {
      keys.add("final_rms", final == .rmsNorm || final == .rmsNormPre)
      keys.add("final_normalization_type", .string(normalizations.first { $0.value == final }?.key ?? "none"))
    }
    keys.add("use_normalization_before_and_after", c.normalizesOutputs)
    keys.add("parallel_attn_mlp", c.residual == .parallel)
    keys.add("embedding_scale", c.embeddingScale)
    keys.add("tie_word_embeddings", c.tiesEmbeddings)
    keys.add("output_logits_soft_cap", c.logitSoftCap)
    keys.add(c.positions)

    keys.add("attention_dir", .string(c.direction.rawValue))
    // TransformerLens divides; the factor itself is ours, since a divisor would not give it back to the last bit.
    keys.add("attn_scale", c.attentionScale.map { 1 / $0 })
    keys.add("attention_scale", c.attentionScale)
    if c.scalesScoresByLayer { keys.add("scale_attn_by_inverse_layer_idx", true) }
    keys.add("attn_scores_soft_cap", c.scoreSoftCap)
    keys.add("use_qk_norm", c.normalizesQueriesAndKeys)
    if c.smearsKeys { keys.add("smears_keys", true) }
    if !c.windows.isEmpty { keys.add("windows", .array(c.windows.map { $0.map { .integer($0) } ?? .null })) }

    keys.add("attn_only", c.isAttentionOnly)
    keys.add("act_fn", c.activation, ConfigurationFile.transformerLensActivations)
    keys.add("gated_mlp", c.isGated)
    keys.add("initializer_range", c.initializerRange)
    let steps = Processing.names.filter { processing.contains($0.value) }
    keys.add("processing", .array(steps.map { .string($0.key) }))
    return keys.object
  }
}

/// Collects keys in the order in which they are written; what is nil is left out.
private struct KeyWriter {
  private(set) var object = JSONObject()

  mutating func add(_ key: String, _ value: JSONValue) {
    let isNew = object.append(key, value)
    precondition(isNew, "the key \(key) is written twice")
  }

  mutating func add(_ key: String, _ value: Int) { add(key, .integer(value)) }

  mutating func add(_ key: String, _ value: Bool) { add(key, .bool(value)) }

  /// A number with as few digits as give it back.
  mutating func add(_ key: String, _ value: Float?) {
    if let value, let number = Double("\(value)") { add(key, .number(number)) }
  }

  /// A choice by its name, or null for one that has none.
  mutating func add<Choice: Equatable>(_ key: String, _ choice: Choice, _ names: KeyValuePairs<String, Choice>) {
    add(key, names.first { $0.value == choice }.map { .string($0.key) } ?? .null)
  }

  mutating func add(_ positions: Positions) {
    let kind =
      switch positions {
      case .none: "none"
      case .learned: "standard"
      case .shortformer: "shortformer"
      case .rotary: "rotary"
      case .alibi: "alibi"
      }
    add("positional_embedding_type", .string(kind))
    guard let rotary = positions.rotary else { return }
    add("rotary_dim", rotary.dimension)
    add("rotary_base", rotary.base)
    add("rotary_adjacent_pairs", rotary.pairs == .adjacent)
    switch rotary.scaling {
    case .none: break
    case .linear(let factor): add("rotary_scaling_factor", factor)
    case .llama3(let factor, let low, let high, let context):
      add("use_NTK_by_parts_rope", true)
      add("NTK_by_parts_factor", factor)
      add("NTK_by_parts_low_freq_factor", low)
      add("NTK_by_parts_high_freq_factor", high)
      add("NTK_original_ctx_len", context)
    }
  }
}
