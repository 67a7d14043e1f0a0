// The small processed models of fixtures/transformer/analysis, with their prompts and what was measured on them.

import Foundation
import Tensors
import Transformer

/// One of the models whose analysis is known.
struct AnalysisReference: Sendable, CustomStringConvertible {
  let description: String

  /// GPT-2's kind, one without MLPs, Llama's (rotary, grouped keys and values, RMSNorm, gates), and GPT-NeoX's (parallel).
  static let all = ["layernorm", "attention-only", "rotary", "parallel"].map(AnalysisReference.init)

  private var folder: URL {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../fixtures/transformer/analysis/\(description)").standardized
  }

  /// What was measured, from one of the files.
  func file(_ name: String) throws -> Checkpoint {
    try Checkpoint(at: folder.appending(path: "\(name).safetensors").path)
  }

  /// The names of the rows of a stack.
  func labels(_ stack: String) throws -> [String] {
    let text = try JSONValue(contentsOf: folder.appending(path: "labels.json").path)
    return (text[stack]?.array ?? []).compactMap(\.string)
  }

  /// The processed model.
  func model() throws -> HookedTransformer {
    try HookedTransformer(contentsOf: folder.appending(path: "weights.safetensors").path)
  }

  /// The prompts, and the right and the wrong answer to each.
  func prompts() throws -> (clean: TokenBatch, corrupted: TokenBatch, right: [Int], wrong: [Int]) {
    let file = try file("prompts")
    let answers = try file.integers("answers")
    return (
      try file.batch("clean"), try file.batch("corrupt"),
      stride(from: 0, to: answers.count, by: 2).map { answers[$0] },
      stride(from: 1, to: answers.count, by: 2).map { answers[$0] }
    )
  }
}

extension Checkpoint {
  /// A tensor that is known to be there.
  subscript(_ name: String) -> Tensor {
    guard let tensor = try? tensor(name) else { preconditionFailure("\(path) has no tensor \(name)") }
    return tensor
  }
}
