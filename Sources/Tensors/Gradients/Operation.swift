// The closed list of what a tape can hold: each case is one operation with its own backward rule.

/// The kind of step that a tape recorded.
public enum Operation: String, Sendable, CaseIterable {
  // Elementwise, two operands
  case add, subtract, multiply, divide, select
  // Elementwise, one operand
  case scaleAndShift, reciprocal, exp, log, sqrt, square, abs, power
  case tanh, sigmoid, relu, geluExact, geluTanh, silu, softplus
  // Products
  case matrixProduct, linear
  // Reductions
  case sum, maximum, l1Norm, l2Norm
  // Shape
  case reshape, transpose, slice, concatenate, gather
  // Normalisation
  case softmax, logSoftmax, layerNorm, rmsNorm, topK
  // Fused blocks and losses
  case causalAttention, crossEntropy, weightedSquaredError
  // The caller's own
  case custom
}
