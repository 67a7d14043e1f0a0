// What Hugging Face's families have in common in `config.json`: activation functions, rotations, windows, head sizes.

extension ConfigurationFile {
  /// Hugging Face's names of activation functions.
  static let activations: KeyValuePairs<String, Activation> = [
    "gelu": .gelu, "gelu_python": .gelu, "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
    "relu": .relu, "silu": .silu, "swish": .silu,
  ]

  // MARK: - Sizes

  /// The sizes under the names that newer families share.
  ///
  /// `keyValueHeads` is the number of key and value heads of a file that does not mention them, the default of the
  /// family's class; null stands for as many as there are heads, as in Hugging Face's own classes.
  func sizes(dHead: Int? = nil, keyValueHeads fallback: Int? = nil) throws(CheckpointError) -> TransformerConfiguration
  {
    let (dModel, nHeads) = (try size("hidden_size"), try size("num_attention_heads"))
    let isAbsent = !mentions("num_key_value_heads")
    let keyValueHeads = try size("num_key_value_heads", default: isAbsent ? fallback ?? nHeads : nHeads)
    guard nHeads.isMultiple(of: keyValueHeads) else {
      throw fail("num_key_value_heads", "is \(keyValueHeads), which does not divide the \(nHeads) heads")
    }
    let width = if let dHead { dHead } else { try headWidth(dModel, nHeads, "num_attention_heads") }
    return TransformerConfiguration(
      nLayers: try layers("num_hidden_layers"), dModel: dModel, nHeads: nHeads, dHead: width,
      nKeyValueHeads: keyValueHeads, dMLP: try size("intermediate_size"), dVocab: try size("vocab_size"),
      nContext: try size("max_position_embeddings"))
  }

  /// The number of layers.
  func layers(_ key: String) throws(CheckpointError) -> Int {
    let layers = try size(key)
    guard layers <= 10_000 else { throw fail(key, "is \(layers); at most 10000 was expected") }
    return layers
  }

  /// The width of a head where heads share the width of the stream.
  func headWidth(_ dModel: Int, _ nHeads: Int, _ key: String) throws(CheckpointError) -> Int {
    guard dModel.isMultiple(of: nHeads) else {
      throw fail(key, "is \(nHeads), which does not divide the width of \(dModel)")
    }
    return dModel / nHeads
  }

  // MARK: - Rotation

  /// The rotation of queries and keys, as `rope_parameters` or as the older keys describe it.
  ///
  /// `fraction` is the part of a head that is rotated where the file does not say.
  func rotary(dHead: Int, fraction: Float = 1) throws(CheckpointError) -> Rotary {
    let parameters = try part("rope_parameters")
    for kind in ["full_attention", "sliding_attention"] where parameters?.has(kind) ?? false {
      throw fail("rope_parameters", "differs between kinds of layers, which is not supported")
    }
    let older = try part("rope_scaling")
    let olderFraction = try positiveNumber("partial_rotary_factor", "rotary_pct") ?? fraction
    let olderBase = try positiveNumber("rope_theta", "rotary_emb_base") ?? 10_000
    let part = try parameters?.positiveNumber("partial_rotary_factor") ?? olderFraction
    let base = try parameters?.positiveNumber("rope_theta") ?? olderBase
    let dimension = Int(Float(dHead) * min(part, 1))
    guard part <= 1, dimension.isMultiple(of: 2) else {
      throw CheckpointError(file: path, reason: "\(part) of a head of \(dHead) is rotated; an even number was expected")
    }
    return Rotary(dimension: dimension, base: base, scaling: try (parameters ?? older)?.rotaryScaling() ?? .none)
  }

  /// The stretching of a rotation; read from the object that describes it.
  private func rotaryScaling() throws(CheckpointError) -> Rotary.Scaling {
    switch try text("rope_type", "type") ?? "default" {
    case "default": return .none
    case "linear":
      return .linear(factor: try positive("factor"))
    case "llama3":
      let (low, high) = (try positive("low_freq_factor"), try positive("high_freq_factor"))
      guard low < high else { throw fail("low_freq_factor", "is \(low); less than \(high) was expected") }
      return .llama3(
        factor: try positive("factor"), lowFrequencyFactor: low, highFrequencyFactor: high,
        originalContext: try size("original_max_position_embeddings"))
    default:
      throw unsupported(has("rope_type") ? "rope_type" : "type", "default, linear and llama3 are")
    }
  }

  // MARK: - Windows

  /// The windows of layers that `layer_types` lists, or that a rule names where there is no list.
  ///
  /// A `sliding_window` of null stands for none; one that is not mentioned for 4096, as in Hugging Face's own classes.
  func windows(_ nLayers: Int, isWindowed rule: (_ layer: Int) -> Bool) throws(CheckpointError) -> [Int?] {
    let types = try texts("layer_types")
    if let types {
      guard types.count == nLayers else {
        throw fail("layer_types", "lists \(types.count) layers; \(nLayers) was expected")
      }
      for type in types where type != "sliding_attention" && type != "full_attention" {
        throw fail("layer_types", "holds '\(type)'; full_attention or sliding_attention was expected")
      }
    }
    let isWindowed = (0..<nLayers).map { layer in types.map { $0[layer] == "sliding_attention" } ?? rule(layer) }
    guard isWindowed.contains(true), has("sliding_window") || !mentions("sliding_window") else { return [] }
    let window = try size("sliding_window", default: 4096)
    return isWindowed.map { $0 ? window : nil }
  }

  /// A size that may be absent.
  func optionalSize(_ key: String) throws(CheckpointError) -> Int? { has(key) ? try size(key) : nil }
}
