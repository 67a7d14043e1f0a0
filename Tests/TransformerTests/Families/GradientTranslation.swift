// Gradients of our parameters as gradients of Hugging Face's: other names, other axes, and sums where one of theirs is
// two of ours.
//
// Written apart from the loader, so that a mistake there is not repeated here.

import Tensors

@testable import Transformer

/// Finds the gradient of a parameter by the name that Hugging Face has for it.
struct GradientTranslation {
  /// How a parameter is made of ours.
  private enum Source {
    case same(String)
    case transposed(String)
    /// One normalisation there, two here.
    case sum(String, String)
    /// Side by side along the last axis.
    case joined([String])
    /// Query, key and value of each head, one head after the other.
    case byHead([String])
    /// Rows that stand for no position come first, and have no gradient.
    case below(Int, String)
  }

  private let gradients: Gradients
  private let model: HookedTransformer
  private let family: String
  private var used: Set<String> = []

  init(_ gradients: Gradients, of model: HookedTransformer, family: String) {
    self.gradients = gradients
    self.model = model
    self.family = family
  }

  /// The parameters of ours that nobody asked for.
  var unused: [String] { gradients.names.filter { !used.contains($0) } }

  /// The gradient of a parameter; nil for a name that is not known.
  mutating func gradient(of name: String) -> Tensor? {
    let parts = name.split(separator: ".")
    let place = parts.firstIndex { Int($0) != nil }
    let layer = place.map { "blocks.\(parts[$0])." } ?? ""
    let tail = parts[(place.map { $0 + 1 } ?? 0)...].joined(separator: ".")
    guard let source = source(of: tail, isInBlock: place != nil) else { return nil }
    func read(_ names: [String]) -> [Tensor] {
      names.map { name in
        used.insert(layer + name)
        return gradients[layer + name]
      }
    }
    switch source {
    case .same(let name): return read([name])[0]
    case .transposed(let name): return read([name])[0].transposed()
    case .sum(let one, let other):
      let both = read([one, other])
      return both[0] + both[1]
    case .joined(let names):
      let tensors = read(names)
      return Tensor.concatenated(tensors, axis: tensors[0].rank - 1)
    case .byHead(let names):
      let (heads, width) = (model.configuration.nHeads, model.configuration.dHead)
      // [head · dHead, dModel] or [head · dHead] of each, taken apart by head and put between each other.
      let rows = read(names).map { tensor in
        let tensor = tensor.rank == 2 ? tensor.transposed() : tensor
        return tensor.reshaped([heads, 1, width] + tensor.shape.dropFirst())
      }
      let all = Tensor.concatenated(rows, axis: 1)
      return all.reshaped([3 * heads * width] + all.shape.dropFirst(3))
    case .below(let count, let name):
      let tensor = read([name])[0]
      return Tensor.concatenated([Tensor(zeros: [count, tensor.shape[1]]), tensor], axis: 0)
    }
  }

  private func source(of tail: String, isInBlock: Bool) -> Source? {
    let layers = ["attn.W_Q", "attn.W_K", "attn.W_V"]
    let biases = ["attn.b_Q", "attn.b_K", "attn.b_V"]
    guard isInBlock else {
      return switch tail.split(separator: ".").suffix(2).joined(separator: ".") {
      case "wte.weight", "embed_in.weight", "embed_tokens.weight": .same("embed.W_E")
      case "wpe.weight": .same("pos_embed.W_pos")
      case "embed_positions.weight": .below(2, "pos_embed.W_pos")
      case "ln_f.weight", "final_layer_norm.weight", "final_layernorm.weight", "norm.weight": .same("ln_final.w")
      case "ln_f.bias", "final_layer_norm.bias", "final_layernorm.bias": .same("ln_final.b")
      case "lm_head.weight", "embed_out.weight": .transposed("unembed.W_U")
      case "lm_head.bias": .same("unembed.b_U")
      default: nil
      }
    }
    let sharesNorm = family == "gptj" || family == "phi"
    if family.hasPrefix("gpt2") {
      switch tail {
      case "attn.c_attn.weight": return .joined(layers)
      case "attn.c_attn.bias": return .joined(biases)
      case "attn.c_proj.weight": return .same("attn.W_O")
      case "attn.c_proj.bias": return .same("attn.b_O")
      case "mlp.c_fc.weight": return .same("mlp.W_in")
      case "mlp.c_proj.weight": return .same("mlp.W_out")
      default: break
      }
    }
    switch tail {
    case "attention.query_key_value.weight": return .byHead(layers)
    case "attention.query_key_value.bias": return .byHead(biases)
    case "ln_1.weight", "input_layernorm.weight": return sharesNorm ? .sum("ln1.w", "ln2.w") : .same("ln1.w")
    case "ln_1.bias", "input_layernorm.bias": return sharesNorm ? .sum("ln1.b", "ln2.b") : .same("ln1.b")
    case "self_attn_layer_norm.weight": return .same("ln1.w")
    case "self_attn_layer_norm.bias": return .same("ln1.b")
    case "post_attention_layernorm.weight": return .same(family == "gemma2" ? "ln1_post.w" : "ln2.w")
    case "ln_2.weight", "final_layer_norm.weight", "pre_feedforward_layernorm.weight": return .same("ln2.w")
    case "ln_2.bias", "post_attention_layernorm.bias", "final_layer_norm.bias": return .same("ln2.b")
    case "post_feedforward_layernorm.weight": return .same("ln2_post.w")
    default: break
    }
    let parts = tail.split(separator: ".")
    guard parts.count >= 2 else { return nil }
    let (layer, isWeight) = (parts[parts.count - 2], parts.last == "weight")
    switch layer {
    case "q_proj": return isWeight ? .transposed("attn.W_Q") : .same("attn.b_Q")
    case "k_proj": return isWeight ? .transposed("attn.W_K") : .same("attn.b_K")
    case "v_proj": return isWeight ? .transposed("attn.W_V") : .same("attn.b_V")
    case "out_proj", "o_proj", "dense": return isWeight ? .transposed("attn.W_O") : .same("attn.b_O")
    case "q_norm": return .same("attn.q_norm.w")
    case "k_norm": return .same("attn.k_norm.w")
    case "c_fc", "fc_in", "fc1", "dense_h_to_4h", "up_proj":
      return isWeight ? .transposed("mlp.W_in") : .same("mlp.b_in")
    case "gate_proj": return .transposed("mlp.W_gate")
    case "c_proj", "fc_out", "fc2", "dense_4h_to_h", "down_proj":
      return isWeight ? .transposed("mlp.W_out") : .same("mlp.b_out")
    default: return nil
    }
  }
}
