// Which steps of processing leave the predictions of an architecture as they are, and why the others do not.

extension HookedTransformer {
  /// Those steps of `Processing.standard` that change nothing of what this model predicts.
  ///
  /// All of them for a GPT-2 or a Pythia. A stream that is normalised without its mean, as in Llama, Mistral, Qwen and
  /// Gemma, keeps its writing weights; capped logits, as in Gemma 2, their unembedding.
  public var exactSteps: Processing {
    Processing.standard.steps.filter { obstacle(to: $0) == nil }.reduce(into: []) { $0.insert($1) }
  }

  /// Those steps of `Processing.standard` that `processed()` passes over, each with its reason.
  public var skippedSteps: [ProcessingError] { Processing.standard.steps.compactMap(obstacle) }

  /// Why one step would change what this model computes; nil for a step that is exact.
  func obstacle(to step: Processing) -> ProcessingError? {
    let c = configuration
    let reason: String?
    switch step {
    case .foldedLayerNorm where c.positions == .shortformer && c.normalization.hasWeights:
      reason = "queries and keys read position vectors that are not normalised"
    case .foldedLayerNorm where hasBiasesBeforeGates: reason = "a gated MLP has no biases for those of ln2"
    case .centeredWritingWeights where !c.normalization.centers || !c.unembeddingNormalization.centers:
      reason = "the mean of the residual stream is read where it is not subtracted"
    case .centeredUnembedding where c.logitSoftCap != nil: reason = "logits are capped, which depends on their mean"
    case .refactoredAttention where c.positions.rotary != nil || c.normalizesQueriesAndKeys:
      reason = "queries and keys are rotated or normalised in the basis they are in"
    case .refactoredAttention where c.nKeyValueHeads != c.nHeads:
      reason = "several heads share one head's keys and values"
    default: reason = nil
    }
    return reason.map { .notExact(step: step.description, reason: $0) }
  }

  /// Whether a gated MLP reads a normalisation that adds something.
  private var hasBiasesBeforeGates: Bool {
    configuration.isGated && blocks.contains { $0.ln2.b?.elements.contains { $0 != 0 } ?? false }
  }
}
