// What TransformerLens 4.3 and plain PyTorch measured by intervening in the models of fixtures/transformer/analysis.

import Tensors

@testable import Transformer

/// One model of the references, with its prompts and the metric that was measured.
struct InterventionReference: CustomStringConvertible, Sendable {
  private let reference: AnalysisReference
  let model: HookedTransformer
  let clean: TokenBatch
  let corrupted: TokenBatch
  let metric: Metric

  var description: String { reference.description }

  /// The names of the models.
  static let names = AnalysisReference.all.map(\.description)

  init(_ name: String) throws {
    reference = AnalysisReference(description: name)
    model = try reference.model()
    let prompts = try reference.prompts()
    (clean, corrupted) = (prompts.clean, prompts.corrupted)
    metric = .logitDifference(correct: prompts.right, incorrect: prompts.wrong)
  }

  /// What was measured, from one of the files.
  func measured(_ file: String) throws -> Checkpoint { try reference.file(file) }
}
