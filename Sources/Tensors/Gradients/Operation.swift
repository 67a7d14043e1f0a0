// The closed list of what a tape can hold: each case is one operation with its own backward rule.

/// The kind of step that a tape recorded.
public enum Operation: String, Sendable, CaseIterable {
  /// Elementwise, of two operands; `select` picks one of them by a mask.
  case add, subtract, multiply, divide, select
  /// Elementwise, of one operand.
  case scaleAndShift, reciprocal, exp, log, sqrt, square, abs, power
  /// An activation function, elementwise.
  case tanh, sigmoid, relu, geluExact, geluTanh, silu, softplus
  /// A matrix product; `linear` adds a bias.
  case matrixProduct, linear
  /// A reduction along an axis.
  case sum, maximum, l1Norm, l2Norm
  /// A rearrangement of elements.
  case reshape, transpose, slice, concatenate, gather
  /// A normalisation of rows; `topK` keeps the largest elements of each.
  case softmax, logSoftmax, layerNorm, rmsNorm, topK
  /// A block or a loss with a fused backward rule.
  case causalAttention, attentionScores, attentionMixture, crossEntropy, linearCrossEntropy, weightedSquaredError
  /// A step whose backward rule the caller gives.
  case custom
}
