// The steps that make weights easier to read without changing what a model computes, as marks on a model.

/// What was done to the weights of a model since they were trained or loaded.
public struct Processing: OptionSet, Sendable, Hashable {
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
}
