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

  /// The folders of Hugging Face that TransformerLens opened.
  static let families = [
    "gpt2", "gpt-neo", "gptj", "gpt-neox", "opt", "llama-gqa", "llama3", "mistral", "qwen2", "qwen3", "gemma", "gemma2",
    "phi",
  ].map { LensFixture("family-\($0)") }

  /// Those of them whose weights TransformerLens processed, as it did those of all families.
  static let processed = ["layernorm-gelu", "rmsnorm-gated-gqa", "attention-only", "solu"].map(LensFixture.init)

  /// Those whose attention TransformerLens refactored, or rightly refused to.
  static let refactored = processed + [LensFixture("family-gpt2")]

  /// Those whose activations after processing are there.
  static let processedCaches = ["layernorm-gelu", "rmsnorm-gated-gqa"].map(LensFixture.init)

  init(_ name: String) { description = name }

  /// A path that is relative to the model's folder.
  func path(of name: String) -> String { folder.appending(path: name).standardized.path }

  func file(_ name: String) throws -> Checkpoint { try Checkpoint(at: path(of: name)) }

  /// The model: with its own configuration, or from the folder of its family as Hugging Face writes it.
  func model() throws -> HookedTransformer {
    let family = description.hasPrefix("family-") ? "../../families/\(description.dropFirst(7))" : nil
    return try HookedTransformer(contentsOf: path(of: family ?? "weights.safetensors"))
  }
}

/// What a model computes with some tokens: two rows, one row, or three of which two are padded on the left.
enum LensCase: String, CaseIterable {
  case two = "cache"
  case one = "cache-one"
  case left = "cache-left"
}

extension Checkpoint {
  /// The tokens of a fixture, with its padding and its positions where it has them.
  func batch(_ name: String = "tokens") throws -> TokenBatch {
    let shape = try shape(of: name)
    var batch = TokenBatch(tokens: try integers(name), batch: shape[0], positions: shape[1])
    if contains("mask") {
      batch.mask = try integers("mask").map { $0 == 1 }
      batch.positionIDs = try integers("positions")
    }
    return batch
  }

  /// The names of activations, in the file's order.
  var activations: [String] { names.filter { HookPoint($0)?.name == $0 } }
}

extension Tensor {
  /// The tensor with zeros where the fixtures have them: at padding, and between a query and a key of which one is padding.
  func withoutPadding(_ tokens: TokenBatch, betweenPositions: Bool) -> Tensor {
    guard let mask = tokens.mask else { return self }
    var result = self
    let positions = tokens.positions
    let width = count / max(1, mask.count)
    result.withUnsafeMutableElements { elements in
      for index in elements.indices {
        let isReal: Bool
        if betweenPositions {
          let row = index / (width * positions) * positions
          isReal = mask[row + index % positions] && mask[row + index / positions % positions]
        } else {
          isReal = mask[index / width]
        }
        if !isReal { elements[index] = 0 }
      }
    }
    return result
  }
}

/// How far a tensor may be from a reference in double precision, however large its elements are.
enum Agreement {
  static let tolerance: Float = 2e-5
}

/// Whether two tensors agree within a tolerance.
func agree(_ tensor: Tensor, _ reference: Tensor, within tolerance: Float = Agreement.tolerance) -> Bool {
  tensor.difference(from: reference) <= tolerance
}

/// Expects that two tensors agree, and says by how much they do not.
func expectAgreement(
  _ tensor: Tensor, _ reference: Tensor, _ name: String, location: SourceLocation = #_sourceLocation
) {
  let difference = tensor.difference(from: reference)
  #expect(difference <= Agreement.tolerance, "\(name) is off by \(difference)", sourceLocation: location)
}
