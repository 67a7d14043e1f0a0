// Checkpoints in TransformerLens's form against what TransformerLens computes with them, and our translation of Hugging
// Face's folders against its own.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("TransformerLens's models")
struct TransformerLensReferenceTests {
  private static let folder = URL(filePath: FamilyFixture.folder).deletingLastPathComponent().appending(path: "lens")
    .path

  @Test(arguments: [
    "alibi", "attention-only", "bidirectional", "layernorm-gelu", "layernorm-pre-relu", "no-norm", "rmsnorm-gated-gqa",
    "rmsnorm-pre-caps", "shortformer", "solu", "legacy-solu",
  ])
  func `a configuration and a state dictionary load, and compute what they do there`(_ name: String) throws {
    let folder = "\(Self.folder)/\(name)"
    let weights = name == "legacy-solu" ? "SoLU_2L_final.pth" : "weights.safetensors"
    let model = try HookedTransformer(contentsOf: "\(folder)/\(weights)")
    let cache = try Checkpoint(at: folder + "/cache.safetensors")
    let shape = try cache.shape(of: "tokens")
    let tokens = TokenBatch(tokens: try cache.integers("tokens"), batch: shape[0], positions: shape[1])
    let (logits, activations) = try model.runWithCache(tokens, names: .each(.residPost))
    #expect(logits.maximumDifference(from: try cache.tensor("logits64")) <= 2e-5)
    for layer in 0..<model.configuration.nLayers where cache.contains("blocks.\(layer).hook_resid_post") {
      let expected = try cache.tensor("blocks.\(layer).hook_resid_post")
      #expect(activations[HookPoint(.residPost, layer: layer)].maximumDifference(from: expected) <= 2e-5)
    }
  }

  @Test(arguments: ["gpt2", "llama-gqa", "gpt-neox"])
  func `our state dictionary of Hugging Face's folders is TransformerLens's`(_ name: String) throws {
    let theirs = try Checkpoint(at: "\(Self.folder)/family-\(name)/weights.safetensors")
    let model = try HookedTransformer(contentsOf: path(name))
    let ours = Dictionary(
      uniqueKeysWithValues: model.stateDictionary.map {
        // TransformerLens marks grouped keys and values in its own files; the reference has no marks.
        ($0.name.replacing("._", with: "."), $0.tensor)
      })
    for name in theirs.names where ours[name] == nil {
      // Biases that Hugging Face does not have are zeros there.
      #expect(try theirs.tensor(name).magnitudes().maximum() == 0, "\(name)")
    }
    for (name, tensor) in ours { #expect(try theirs.tensor(name) == tensor, "\(name)") }
  }
}
