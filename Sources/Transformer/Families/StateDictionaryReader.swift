// Builds a transformer from a state dictionary with TransformerLens's names and shapes.
//
// TransformerLens keeps W_Q, W_K, W_V as [head, dModel, dHead] and W_O as [head, dHead, dModel]; here the heads are
// side by side in one matrix. Of grouped-query attention it keeps `_W_K` and `_W_V`, one for each key/value head.

import Tensors

/// Reads a state dictionary into a model.
struct StateDictionaryReader {
  private var reader: WeightReader
  /// Whether the names and axes are those of the first SoLU models.
  private let isOld: Bool

  init(_ checkpoint: Checkpoint) {
    reader = WeightReader(checkpoint)
    isOld = checkpoint.contains("norm.w") && !checkpoint.contains("ln_final.w")
  }

  /// Reads all weights.
  func read(_ configuration: TransformerConfiguration) throws(CheckpointError) -> HookedTransformer {
    var reading = Reading(reader: reader, c: configuration, isOld: isOld)
    return try reading.model()
  }
}

/// One reading in progress.
private struct Reading {
  var reader: WeightReader
  let c: TransformerConfiguration
  let isOld: Bool

  /// Matrices of the first SoLU models of up to 6 layers are [outputs, inputs].
  private var isOutputsFirst: Bool { isOld && c.nLayers <= 6 }

  mutating func model() throws(CheckpointError) -> HookedTransformer {
    let W_E = try matrix("embed.W_E", c.dVocab, c.dModel)
    var W_pos: Tensor?
    if let rows = c.positionRows {
      let isTransposed = isOld && c.nLayers <= 8
      W_pos = try reader.matrix("pos_embed.W_pos", inputs: rows, outputs: c.dModel, isInputsFirst: !isTransposed)
    }
    var blocks: [BlockWeights] = []
    for layer in 0..<c.nLayers { blocks.append(try block("blocks.\(layer).")) }
    let lnFinal = try norm("ln_final", c.unembeddingNormalization, c.dModel)
    var configuration = c
    // Processing changes an unembedding that was tied before.
    if c.tiesEmbeddings { configuration.tiesEmbeddings = try isUnembedding(W_E) }
    let W_U = configuration.tiesEmbeddings ? nil : try matrix("unembed.W_U", c.dModel, c.dVocabOut)
    var model = HookedTransformer(configuration, W_E: W_E, W_pos: W_pos, blocks: blocks, untiedUnembedding: W_U)
    model.lnFinal = lnFinal
    model.b_U = try optional("unembed.b_U", [c.dVocabOut])
    try reader.finish(
      ignoring: [".attn.mask", ".attn.IGNORE", ".attn.rotary_sin", ".attn.rotary_cos"])
    return model
  }

  private mutating func block(_ prefix: String) throws(CheckpointError) -> BlockWeights {
    var block = BlockWeights(attn: try attention(prefix + "attn."))
    block.ln1 = try norm(prefix + "ln1", c.normalization, c.dModel)
    if c.normalizesOutputs { block.ln1Post = try outputNorm(prefix + "ln1_post") }
    guard !c.isAttentionOnly else { return block }
    block.ln2 = try norm(prefix + "ln2", c.normalization, c.dModel)
    if c.normalizesOutputs { block.ln2Post = try outputNorm(prefix + "ln2_post") }
    let W_in = try matrix(prefix + "mlp.W_in", c.dModel, c.dMLP)
    let W_gate = c.isGated ? try matrix(prefix + "mlp.W_gate", c.dModel, c.dMLP) : nil
    var mlp = MLPWeights(W_in: W_in, W_gate: W_gate, W_out: try matrix(prefix + "mlp.W_out", c.dMLP, c.dModel))
    mlp.b_in = try optional(prefix + "mlp.b_in", [c.dMLP])
    mlp.b_out = try optional(prefix + "mlp.b_out", [c.dModel])
    if c.activation == .solu {
      let kind: Normalization = reader.contains(name(prefix + "mlp.ln.w")) ? .layerNorm : .layerNormPre
      mlp.ln = try norm(prefix + "mlp.ln", kind, c.dMLP)
    }
    block.mlp = mlp
    return block
  }

  private mutating func attention(_ prefix: String) throws(CheckpointError) -> AttentionWeights {
    let (queries, keys) = (c.nHeads, c.nKeyValueHeads)
    let W_O = try heads(prefix + "W_O", [queries, c.dHead, c.dModel]).reshaped([queries * c.dHead, c.dModel])
    var attn = AttentionWeights(
      W_Q: try sideBySide(prefix + "W_Q", queries), W_K: try sideBySide(grouped(prefix, "W_K"), keys),
      W_V: try sideBySide(grouped(prefix, "W_V"), keys), W_O: W_O)
    attn.b_Q = try optional(prefix + "b_Q", [queries, c.dHead])?.reshaped([queries * c.dHead])
    attn.b_K = try optional(grouped(prefix, "b_K"), [keys, c.dHead])?.reshaped([keys * c.dHead])
    attn.b_V = try optional(grouped(prefix, "b_V"), [keys, c.dHead])?.reshaped([keys * c.dHead])
    attn.b_O = try optional(prefix + "b_O", [c.dModel])
    if c.normalizesQueriesAndKeys {
      attn.qNorm = try reader.tensor(prefix + "q_norm.w", [c.dHead])
      attn.kNorm = try reader.tensor(prefix + "k_norm.w", [c.dHead])
    }
    if c.smearsKeys { attn.smear = try reader.tensor(prefix + "smear", [keys]) }
    return attn
  }

  // MARK: - Tensors

  /// The name in the file: the first SoLU models say `norm` for `ln`.
  private func name(_ name: String) -> String {
    guard isOld else { return name }
    if name.hasPrefix("ln_final.") { return "norm." + name.dropFirst("ln_final.".count) }
    return name.split(separator: ".").map { $0.hasPrefix("ln") ? "norm" + $0.dropFirst(2) : String($0) }
      .joined(separator: ".")
  }

  /// The name of a weight of keys or values, which grouped-query attention marks.
  private func grouped(_ prefix: String, _ name: String) -> String {
    reader.contains("\(prefix)_\(name)") ? "\(prefix)_\(name)" : prefix + name
  }

  /// Whether the unembedding is the embedding turned, or is not there: compared piece by piece, so that neither is held
  /// twice.
  private mutating func isUnembedding(_ W_E: Tensor) throws(CheckpointError) -> Bool {
    let name = "unembed.W_U"
    guard reader.contains(name) else { return true }
    let shape = isOutputsFirst ? [c.dVocabOut, c.dModel] : [c.dModel, c.dVocabOut]
    let step = max(1, Self.pieceElements / max(1, shape[1]))
    for first in stride(from: 0, to: shape[0], by: step) {
      let range = first..<min(first + step, shape[0])
      let own = isOutputsFirst ? W_E.slice(axis: 0, range) : W_E.slice(axis: 1, range).transposed()
      guard try reader.rows(range, of: name, shape) == own else { return false }
    }
    return true
  }

  /// The elements of a piece that is compared.
  private static let pieceElements = 1 << 18

  private mutating func matrix(_ name: String, _ inputs: Int, _ outputs: Int) throws(CheckpointError) -> Tensor {
    try reader.matrix(name, inputs: inputs, outputs: outputs, isInputsFirst: !isOutputsFirst)
  }

  /// A matrix for each head.
  private mutating func heads(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor {
    guard isOutputsFirst else { return try reader.tensor(name, shape) }
    return try reader.tensor(name, [shape[0], shape[2], shape[1]]).transposed([0, 2, 1])
  }

  /// `[head, dModel, dHead]` as `[dModel, head · dHead]`.
  private mutating func sideBySide(_ name: String, _ count: Int) throws(CheckpointError) -> Tensor {
    try heads(name, [count, c.dModel, c.dHead]).transposed([1, 0, 2]).reshaped([c.dModel, count * c.dHead])
  }

  private mutating func optional(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor? {
    reader.contains(name) ? try reader.tensor(name, shape) : nil
  }

  /// The weights behind attention or an MLP, which stay where those before them have been folded.
  private mutating func outputNorm(_ stem: String) throws(CheckpointError) -> NormalizationWeights {
    let isFolded = !c.normalization.hasWeights && reader.contains(name(stem + ".w"))
    guard isFolded else { return try norm(stem, c.normalization, c.dModel) }
    return NormalizationWeights(
      w: try reader.tensor(name(stem + ".w"), [c.dModel]), b: try optional(name(stem + ".b"), [c.dModel]))
  }

  private mutating func norm(
    _ stem: String, _ kind: Normalization, _ width: Int
  ) throws(CheckpointError) -> NormalizationWeights {
    guard kind.hasWeights else { return NormalizationWeights() }
    let w = try reader.tensor(name(stem + ".w"), [width])
    return NormalizationWeights(w: w, b: kind.centers ? try reader.tensor(name(stem + ".b"), [width]) : nil)
  }
}
