// The steps that make weights easier to read without changing what a model predicts, as marks on a model.

/// What was done to the weights of a model since they were trained or loaded.
public struct Processing: OptionSet, Sendable, Hashable, CustomStringConvertible {
  /// The bits, one for each step.
  public let rawValue: Int

  /// Creates a set from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The weights of the normalisations were multiplied into the layers that read.
  public static let foldedLayerNorm = Processing(rawValue: 1)
  /// What writes to the residual stream has mean zero.
  public static let centeredWritingWeights = Processing(rawValue: 2)
  /// The unembedding has mean zero over tokens.
  public static let centeredUnembedding = Processing(rawValue: 4)
  /// The values' biases were moved into the bias of attention's output.
  public static let foldedValueBiases = Processing(rawValue: 8)
  /// Queries and keys, values and outputs were rotated into their singular vectors.
  public static let refactoredAttention = Processing(rawValue: 16)

  /// What TransformerLens does to a model unless told otherwise: all steps but the refactoring of attention.
  public static let standard: Processing = [
    .foldedLayerNorm, .centeredWritingWeights, .centeredUnembedding, .foldedValueBiases,
  ]

  /// The steps with their names, in the order in which they are taken.
  static let named: [(step: Processing, name: String)] = [
    (.foldedLayerNorm, "folded LayerNorm"), (.centeredWritingWeights, "centered writing weights"),
    (.centeredUnembedding, "centered unembedding"), (.foldedValueBiases, "folded value biases"),
    (.refactoredAttention, "refactored attention"),
  ]

  /// The steps, one by one.
  var steps: [Processing] { Processing.named.map(\.step).filter(contains) }

  /// The names of the steps.
  public var description: String {
    isEmpty ? "raw" : Processing.named.filter { contains($0.step) }.map(\.name).joined(separator: ", ")
  }
}

/// A step that would change what a model predicts.
public enum ProcessingError: Error, Equatable, CustomStringConvertible {
  /// Why a step is not exact for this architecture.
  case notExact(step: String, reason: String)

  /// A sentence that names the step and the reason.
  public var description: String {
    switch self {
    case .notExact(let step, let reason): "the step \"\(step)\" would change what the model computes: \(reason)"
    }
  }
}
