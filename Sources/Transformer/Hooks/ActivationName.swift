// The named activations of a transformer, with TransformerLens's names.
//
// The raw value is what follows `blocks.<layer>.` in a hook's name, or the whole name where there are no layers. Cases
// are in the order in which a block computes them.

import Tensors

/// A kind of activation that can be read and changed while a transformer runs.
public enum ActivationName: String, Sendable, CaseIterable, Hashable {
  /// The token embedding, `[batch, position, dModel]`.
  case embed = "hook_embed"
  /// The position embedding, `[batch, position, dModel]`; only where positions are learned vectors.
  case posEmbed = "hook_pos_embed"

  /// The residual stream before a block, `[batch, position, dModel]`.
  case residPre = "hook_resid_pre"
  /// What attention reads before its normalisation, one copy a head: `[batch, position, head, dModel]`.
  ///
  /// Where a hook changes it, or one of the three that follow, each head reads an input of its own: `ln1` then fires
  /// for queries, keys and values in turn, with an axis of heads, as in TransformerLens. With grouped queries, keys
  /// and values read `kInput` and `vInput`, which have fewer copies, and this one is the queries' alone.
  case attnIn = "hook_attn_in"
  /// What the queries of each head read before normalisation, `[batch, position, head, dModel]`.
  case qInput = "hook_q_input"
  /// What the keys of each head read before normalisation, `[batch, position, keyValueHead, dModel]`.
  case kInput = "hook_k_input"
  /// What the values of each head read before normalisation, `[batch, position, keyValueHead, dModel]`.
  case vInput = "hook_v_input"
  /// The divisor of the normalisation before attention, `[batch, position, 1]`.
  case ln1Scale = "ln1.hook_scale"
  /// The normalised stream before attention, before weights and bias: `[batch, position, dModel]`.
  case ln1Normalized = "ln1.hook_normalized"
  /// The queries, `[batch, position, head, dHead]`.
  case q = "attn.hook_q"
  /// The keys, `[batch, position, keyValueHead, dHead]`.
  case k = "attn.hook_k"
  /// The values, `[batch, position, keyValueHead, dHead]`.
  case v = "attn.hook_v"
  /// The queries after rotation, `[batch, position, head, dHead]`.
  case rotQ = "attn.hook_rot_q"
  /// The keys after rotation, `[batch, position, keyValueHead, dHead]`.
  case rotK = "attn.hook_rot_k"
  /// The scores after scale and mask, `[batch, head, query, key]`.
  case attnScores = "attn.hook_attn_scores"
  /// The attention pattern, `[batch, head, query, key]`.
  case pattern = "attn.hook_pattern"
  /// The mixture of values of each head, `[batch, position, head, dHead]`.
  case z = "attn.hook_z"
  /// What each head writes, without the bias: `[batch, position, head, dModel]`.
  case result = "attn.hook_result"
  /// The divisor of the normalisation after attention, `[batch, position, 1]`.
  case ln1PostScale = "ln1_post.hook_scale"
  /// The normalised output of attention, `[batch, position, dModel]`.
  case ln1PostNormalized = "ln1_post.hook_normalized"
  /// What attention adds to the stream, `[batch, position, dModel]`.
  case attnOut = "hook_attn_out"
  /// The residual stream between attention and MLP, `[batch, position, dModel]`.
  case residMid = "hook_resid_mid"
  /// What the MLP reads before its normalisation, `[batch, position, dModel]`.
  case mlpIn = "hook_mlp_in"
  /// The divisor of the normalisation before the MLP, `[batch, position, 1]`.
  case ln2Scale = "ln2.hook_scale"
  /// The normalised stream before the MLP, `[batch, position, dModel]`.
  case ln2Normalized = "ln2.hook_normalized"
  /// The neurons before the activation function, `[batch, position, dMLP]`; the gate where there is one.
  case pre = "mlp.hook_pre"
  /// What the gate multiplies, `[batch, position, dMLP]`; only in gated MLPs.
  case preLinear = "mlp.hook_pre_linear"
  /// The neurons of a SoLU between the activation function and its LayerNorm, `[batch, position, dMLP]`.
  case mid = "mlp.hook_mid"
  /// The divisor of a SoLU's LayerNorm, `[batch, position, 1]`.
  case mlpScale = "mlp.ln.hook_scale"
  /// The normalised neurons of a SoLU, `[batch, position, dMLP]`.
  case mlpNormalized = "mlp.ln.hook_normalized"
  /// The neurons after the activation function, `[batch, position, dMLP]`.
  case post = "mlp.hook_post"
  /// The divisor of the normalisation after the MLP, `[batch, position, 1]`.
  case ln2PostScale = "ln2_post.hook_scale"
  /// The normalised output of the MLP, `[batch, position, dModel]`.
  case ln2PostNormalized = "ln2_post.hook_normalized"
  /// What the MLP adds to the stream, `[batch, position, dModel]`.
  case mlpOut = "hook_mlp_out"
  /// The residual stream after a block, `[batch, position, dModel]`.
  case residPost = "hook_resid_post"

  /// The divisor of the normalisation before the unembedding, `[batch, position, 1]`.
  case lnFinalScale = "ln_final.hook_scale"
  /// The normalised stream that is unembedded, `[batch, position, dModel]`.
  case lnFinalNormalized = "ln_final.hook_normalized"

  /// Whether there is one of it in each block.
  public var isInBlock: Bool {
    switch self {
    case .embed, .posEmbed, .lnFinalScale, .lnFinalNormalized: false
    default: true
    }
  }

  /// Whether it exists only once it is named: one copy a head of what is otherwise shared, or a product that is
  /// otherwise fused.
  public var isOnRequest: Bool {
    switch self {
    case .attnIn, .qInput, .kInput, .vInput, .mlpIn, .result: true
    default: false
    }
  }

  /// Whether its axes are `[batch, head, query, key]`.
  public var isBetweenPositions: Bool { self == .attnScores || self == .pattern }

  /// The axis of positions; of the queries where there are two.
  var positionAxis: Int { isBetweenPositions ? 2 : 1 }
}

/// One place in one transformer where an activation can be read and changed.
public struct HookPoint: Sendable, Hashable, CustomStringConvertible {
  /// What is there.
  public let activation: ActivationName
  /// The block it is in; nil before and after the blocks.
  public let layer: Int?

  /// Creates a place; whether a model has it is decided when the model runs.
  public init(_ activation: ActivationName, layer: Int? = nil) {
    precondition(
      activation.isInBlock == (layer != nil),
      "\(activation.rawValue) \(activation.isInBlock ? "needs" : "has no") layer")
    self.activation = activation
    self.layer = layer
  }

  /// The place with a name such as `blocks.5.attn.hook_pattern`; nil when there is none.
  public init?(_ name: String) {
    if let global = ActivationName(rawValue: name), !global.isInBlock {
      self.init(global)
      return
    }
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard
      parts.count == 3, parts[0] == "blocks", let layer = Int(parts[1]), layer >= 0, String(layer) == parts[1],
      let activation = ActivationName(rawValue: String(parts[2])), activation.isInBlock
    else { return nil }
    self.init(activation, layer: layer)
  }

  /// The full name, byte for byte TransformerLens's.
  public var name: String { layer.map { "blocks.\($0).\(activation.rawValue)" } ?? activation.rawValue }

  /// The full name.
  public var description: String { name }
}
