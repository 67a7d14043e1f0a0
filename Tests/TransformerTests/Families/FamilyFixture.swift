// The tiny models of fixtures/transformer/families, and what Hugging Face computed with them.

import Foundation
import Tensors

@testable import Transformer

/// One folder of fixtures/transformer/families.
struct FamilyFixture {
  /// Every family, and more of GPT-2, GPT-NeoX and Llama.
  static let families = [
    "gemma", "gemma2", "gpt-neo", "gpt-neox", "gpt-neox-sequential", "gpt2", "gpt2-inverse-layer", "gptj", "llama",
    "llama-gqa", "llama3", "mistral", "opt", "phi", "qwen2", "qwen3",
  ]
  /// Other file formats, types of elements and spellings of configurations; without gradients.
  static let variants = [
    "gpt-neox-published", "gpt2-bin", "gpt2-float16", "gpt2-legacy-bin", "gpt2-published", "llama-bfloat16",
    "llama-published", "llama-sharded",
  ]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/transformer/families").path

  let name: String
  let model: HookedTransformer
  let reference: Checkpoint

  init(_ name: String) throws {
    self.name = name
    model = try HookedTransformer(contentsOf: path(name))
    reference = try Checkpoint(at: path(name) + "/reference.safetensors")
  }

  /// The cases: one token, five, two rows of sixteen, three rows padded on the left and on the right.
  var cases: [String] {
    ["one", "five", "sixteen", "left", "right"].filter { reference.contains("tokens.\($0)") }
  }

  /// The tokens of a case, with its padding and its positions.
  func tokens(_ name: String) throws -> TokenBatch {
    let shape = try reference.shape(of: "tokens.\(name)")
    var batch = TokenBatch(tokens: try reference.integers("tokens.\(name)"), batch: shape[0], positions: shape[1])
    let mask = try reference.integers("mask.\(name)").map { $0 == 1 }
    if mask.contains(false) {
      batch.mask = mask
      batch.positionIDs = try reference.integers("positions.\(name)")
    }
    return batch
  }

  /// The largest difference at positions that are no padding.
  func difference(_ found: Tensor, _ name: String, _ tokens: TokenBatch) throws -> Float {
    let expected = try reference.tensor(name)
    guard found.shape == expected.shape else { return .infinity }
    let width = expected.count / tokens.tokens.count
    var largest: Float = 0
    for row in tokens.tokens.indices where tokens.mask?[row] ?? true {
      for place in row * width..<(row + 1) * width {
        let difference = abs(found.elements[place] - expected.elements[place])
        if !(difference <= largest) { largest = difference }
      }
    }
    return largest
  }
}

/// The folder of a fixture.
func path(_ name: String) -> String { FamilyFixture.folder + "/" + name }
