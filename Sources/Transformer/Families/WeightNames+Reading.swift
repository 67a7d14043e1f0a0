// Builds a transformer from a checkpoint whose names a family has told.

import Tensors

extension WeightNames {
  /// Reads all weights, one tensor at a time, each straight into its final layout.
  func read(
    _ configuration: TransformerConfiguration, from checkpoint: Checkpoint
  ) throws(CheckpointError) -> HookedTransformer {
    let c = configuration
    var reader = WeightReader(checkpoint)
    guard let prefix = prefixes.first(where: { reader.contains($0 + embedding + ".weight") }) else {
      let others = prefixes.dropFirst().map { " or '\($0)\(embedding).weight'" }.joined()
      throw reader.missing("\(prefixes[0])\(embedding).weight", "it was expected under this name\(others)")
    }
    let W_E = try reader.tensor(prefix + embedding + ".weight", [c.dVocab, c.dModel])
    var W_pos: Tensor?
    if let positions {
      let (first, name) = (positions.skippedRows, prefix + positions.name + ".weight")
      W_pos = try reader.rows(first..<first + c.nContext, of: name, [first + c.nContext, c.dModel])
    }
    var blocks: [BlockWeights] = []
    for layer in 0..<c.nLayers { blocks.append(try readBlock(c, prefix + "\(block)\(layer).", &reader)) }
    let lnFinal = try norm(prefix + lnFinal, c, &reader)

    let head = unembedding.first { reader.contains($0 + ".weight") } ?? unembedding[0]
    var W_U: Tensor?
    if c.tiesEmbeddings {
      for name in unembedding { reader.pass(over: name + ".weight") }
    } else {
      W_U = try reader.matrix(head + ".weight", inputs: c.dModel, outputs: c.dVocabOut, isInputsFirst: false)
    }
    var model = HookedTransformer(c, W_E: W_E, W_pos: W_pos, blocks: blocks, untiedUnembedding: W_U)
    model.lnFinal = lnFinal
    if hasUnembeddingBias { model.b_U = try reader.tensor(head + ".bias", [c.dVocabOut]) }
    try reader.finish(ignoring: ignoredEndings)
    return model
  }

  private func readBlock(
    _ c: TransformerConfiguration, _ prefix: String, _ reader: inout WeightReader
  ) throws(CheckpointError) -> BlockWeights {
    let queries = c.nHeads * c.dHead
    var attn = try readQueriesKeysValues(c, prefix, &reader)
    attn.W_O = try reader.matrix(
      prefix + output + ".weight", inputs: queries, outputs: c.dModel, isInputsFirst: isInputsFirst)
    if hasOutputBias { attn.b_O = try reader.tensor(prefix + output + ".bias", [c.dModel]) }
    if let headNorms {
      attn.qNorm = try reader.tensor(prefix + headNorms.q + ".weight", [c.dHead])
      attn.kNorm = try reader.tensor(prefix + headNorms.k + ".weight", [c.dHead])
    }

    func matrix(_ name: String, _ inputs: Int, _ outputs: Int) throws(CheckpointError) -> Tensor {
      try reader.matrix(prefix + name + ".weight", inputs: inputs, outputs: outputs, isInputsFirst: isInputsFirst)
    }
    let W_gate: Tensor? = if let mlpGate { try matrix(mlpGate, c.dModel, c.dMLP) } else { nil }
    var mlp = MLPWeights(
      W_in: try matrix(mlpIn, c.dModel, c.dMLP), W_gate: W_gate, W_out: try matrix(mlpOut, c.dMLP, c.dModel))
    if hasMLPBiases {
      mlp.b_in = try reader.tensor(prefix + mlpIn + ".bias", [c.dMLP])
      mlp.b_out = try reader.tensor(prefix + mlpOut + ".bias", [c.dModel])
    }

    var block = BlockWeights(attn: attn, mlp: mlp)
    block.ln1 = try norm(prefix + ln1, c, &reader)
    block.ln2 = ln2 == ln1 ? block.ln1 : try norm(prefix + ln2, c, &reader)
    if let post {
      block.ln1Post = try norm(prefix + post.ln1, c, &reader)
      block.ln2Post = try norm(prefix + post.ln2, c, &reader)
    }
    return block
  }

  /// The weights of a normalisation of the residual stream.
  private func norm(
    _ name: String, _ c: TransformerConfiguration, _ reader: inout WeightReader
  ) throws(CheckpointError) -> NormalizationWeights {
    var w = try reader.tensor(name + ".weight", [c.dModel])
    if gainOffset != 0 { w += gainOffset }
    return NormalizationWeights(w: w, b: c.normalization.centers ? try reader.tensor(name + ".bias", [c.dModel]) : nil)
  }

  // MARK: - Queries, keys, values

  /// The weights of attention up to its output, which is empty still.
  private func readQueriesKeysValues(
    _ c: TransformerConfiguration, _ prefix: String, _ reader: inout WeightReader
  ) throws(CheckpointError) -> AttentionWeights {
    let (queries, keys) = (c.nHeads * c.dHead, c.nKeyValueHeads * c.dHead)
    let widths = [queries, keys, keys]
    var matrices: [Tensor] = []
    var biases: [Tensor] = []
    switch queriesKeysValues {
    case .separate(let q, let k, let v):
      for (name, width) in zip([q, k, v], widths) {
        matrices.append(
          try reader.matrix(
            prefix + name + ".weight", inputs: c.dModel, outputs: width, isInputsFirst: isInputsFirst))
        if hasQueryKeyValueBiases { biases.append(try reader.tensor(prefix + name + ".bias", [width])) }
      }
    case .joined(let name):
      var start = 0
      let all = queries + 2 * keys
      for width in widths {
        let range = start..<start + width
        matrices.append(
          try reader.matrix(
            prefix + name + ".weight", inputs: c.dModel, outputs: all, columns: range, isInputsFirst: isInputsFirst))
        if hasQueryKeyValueBiases { biases.append(try reader.rows(range, of: prefix + name + ".bias", [all])) }
        start += width
      }
    case .joinedByHead(let name):
      let joined = try reader.matrix(
        prefix + name + ".weight", inputs: c.dModel, outputs: 3 * queries, isInputsFirst: isInputsFirst
      ).reshaped([c.dModel, c.nHeads, 3, c.dHead])
      matrices = (0..<3).map { joined.slice(axis: 2, at: $0).reshaped([c.dModel, queries]) }
      if hasQueryKeyValueBiases {
        let joined = try reader.tensor(prefix + name + ".bias", [3 * queries]).reshaped([c.nHeads, 3, c.dHead])
        biases = (0..<3).map { joined.slice(axis: 1, at: $0).reshaped([queries]) }
      }
    }
    var attn = AttentionWeights(W_Q: matrices[0], W_K: matrices[1], W_V: matrices[2], W_O: Tensor(zeros: [0]))
    if hasQueryKeyValueBiases { (attn.b_Q, attn.b_K, attn.b_V) = (biases[0], biases[1], biases[2]) }
    return attn
  }
}
