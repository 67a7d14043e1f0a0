// What TransformerLens computes with small random models: fixtures/transformer/lens/, see the README there.

import Foundation
import Tensors
import Testing
import Transformer

/// One model of TransformerLens with its weights, activations and gradients.
struct LensFixture: Sendable, CustomStringConvertible {
  let description: String

  private var folder: URL {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appending(path: "fixtures/transformer/lens/\(description)")
  }

  /// The models that have a configuration of their own.
  static let all = [
    "layernorm-gelu", "rmsnorm-gated-gqa", "attention-only", "layernorm-pre-relu", "no-norm", "solu",
    "rmsnorm-pre-caps", "bidirectional", "shortformer", "alibi",
  ].map(LensFixture.init)

  /// Those whose weights TransformerLens processed.
  static let processed = ["layernorm-gelu", "rmsnorm-gated-gqa", "attention-only", "solu"].map(LensFixture.init)

  /// Those whose activations after processing are there.
  static let processedCaches = ["layernorm-gelu", "rmsnorm-gated-gqa"].map(LensFixture.init)

  init(_ name: String) { description = name }

  /// A path that is relative to the model's folder.
  func path(of name: String) -> String { folder.appending(path: name).standardized.path }

  func file(_ name: String) throws -> Checkpoint { try Checkpoint(at: path(of: name)) }

  func model() throws -> HookedTransformer {
    try HookedTransformer(contentsOf: path(of: "weights.safetensors"))
  }
}

extension Checkpoint {
  /// The tokens of a fixture.
  func batch(_ name: String = "tokens") throws -> TokenBatch {
    let shape = try shape(of: name)
    return TokenBatch(tokens: try integers(name), batch: shape[0], positions: shape[1])
  }

  /// The names of activations, in the file's order.
  var activations: [String] { names.filter { HookPoint($0) != nil } }
}

/// Whether two tensors agree within a tolerance, relative to the reference where it is above one.
func agree(_ tensor: Tensor, _ reference: Tensor, within tolerance: Float = 2e-5) -> Bool {
  let scale = max(1, reference.elements.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 })
  return tensor.difference(from: reference) <= tolerance * scale
}
