// The attention layers of GPT-2 small as a model without anything else: enough for what weights alone show.
//
// Reads Hugging Face's names from the full checkpoint or from a file that has the attention weights only. LayerNorm's
// gain is folded into what reads the stream, and the mean is taken out of what writes to it, as TransformerLens does, so
// that products of weights of two heads say what the one reads of the other.

import Foundation
import Tensors
import Transformer

/// The attention weights of GPT-2 small.
struct GPT2Attention {
  /// The asset, the full checkpoint or a part of it.
  static let asset = "gpt2-small-attention or gpt2"

  /// The number of layers, and of heads in each.
  static let (layers, heads) = (12, 12)

  private static let width = 768

  /// The heads as an attention-only model with folded, centred weights; its embedding is empty.
  let model: HookedTransformer

  /// The vectors that are added for positions, `[1024, 768]`, as they are stored.
  let positions: Tensor

  /// Reads a checkpoint; the error names the tensor that is missing or of another shape.
  init(contentsOf url: URL) throws {
    let checkpoint = try Checkpoint(at: url.path)
    let prefix = checkpoint.contains("wpe.weight") ? "" : "transformer."
    func tensor(_ name: String, _ shape: [Int], columns: Range<Int>? = nil) throws -> Tensor {
      let found = try checkpoint.shape(of: prefix + name)
      guard found == shape else {
        throw CheckpointError(
          file: url.path, reason: "the tensor '\(prefix + name)' has the shape \(found), expected \(shape)")
      }
      return try checkpoint.tensor(prefix + name, columns: columns)
    }
    let width = Self.width
    let blocks = try (0..<Self.layers).map { layer in
      let name = "h.\(layer).attn.c_attn.weight"
      func third(_ index: Int) throws -> Tensor {
        try tensor(name, [width, 3 * width], columns: index * width..<(index + 1) * width)
      }
      let W_O = try tensor("h.\(layer).attn.c_proj.weight", [width, width])
      var block = BlockWeights(
        attn: AttentionWeights(W_Q: try third(0), W_K: try third(1), W_V: try third(2), W_O: W_O))
      block.ln1 = NormalizationWeights(w: try tensor("h.\(layer).ln_1.weight", [width]))
      return block
    }
    positions = try tensor("wpe.weight", [1024, width])
    var configuration = TransformerConfiguration(
      nLayers: Self.layers, dModel: width, nHeads: Self.heads, dMLP: 0, dVocab: 1, nContext: 1024)
    configuration.tiesEmbeddings = true
    model = try HookedTransformer(
      configuration, W_E: Tensor(zeros: [1, width]), W_pos: positions, blocks: blocks
    ).processed([.foldedLayerNorm, .centeredWritingWeights])
  }
}
