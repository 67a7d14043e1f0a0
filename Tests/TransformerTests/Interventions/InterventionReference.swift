// The small models of fixtures/transformer/analysis and what TransformerLens 4.3 and plain PyTorch measured on them.

import Foundation
import Tensors

@testable import Transformer

/// One model of the analysis references, with its prompts.
struct InterventionReference: CustomStringConvertible, Sendable {
  let description: String
  let model: HookedTransformer
  let clean: TokenBatch
  let corrupted: TokenBatch
  let metric: Metric
  private let folder: String

  /// The names of the models.
  static let names = ["layernorm", "attention-only"]

  init(_ name: String) throws {
    description = name
    folder =
      URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "fixtures/transformer/analysis/\(name)").path
    var c = TransformerConfiguration(nLayers: 3, dModel: 16, nHeads: 4, dHead: 4, dMLP: 20, dVocab: 23, nContext: 12)
    c.normalization = .layerNormPre
    c.epsilon = 0.01
    if name == "attention-only" { c.dMLP = 0 }
    let weights = try Checkpoint(at: folder + "/weights.safetensors")
    var model = HookedTransformer(c, initializedFrom: RandomStream(seed: 0))
    var missing: [String] = []
    model.visitParameters { name, tensor in
      guard let stored = try? weights.tensor(name) else { return missing.append(name) }
      // One matrix a head there, all heads side by side here.
      let isByHead = stored.rank == 3 && !name.hasSuffix("W_O")
      tensor = (isByHead ? stored.transposed([1, 0, 2]) : stored).reshaped(tensor.shape)
    }
    guard missing.isEmpty, model.namedParameters.count == weights.names.count else {
      throw CheckpointError(file: folder, reason: "lacks \(missing) or holds more than the model")
    }
    self.model = model
    let prompts = try Checkpoint(at: folder + "/prompts.safetensors")
    func tokens(_ name: String) throws -> TokenBatch {
      TokenBatch(tokens: try prompts.integers(name), batch: 5, positions: 9)
    }
    clean = try tokens("clean")
    corrupted = try tokens("corrupt")
    let answers = try prompts.integers("answers")
    metric = .logitDifference(
      correct: (0..<5).map { answers[2 * $0] }, incorrect: (0..<5).map { answers[2 * $0 + 1] })
  }

  /// What was measured, from one of the files.
  func measured(_ file: String) throws -> Checkpoint { try Checkpoint(at: folder + "/\(file).safetensors") }
}
