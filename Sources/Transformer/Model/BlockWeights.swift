// The weights of one block: attention, MLP, and the normalisations around them.

import Tensors

/// The weights of a normalisation; a folded one has none.
public struct NormalizationWeights: Parameterized, Sendable {
  /// The factors, `[width]`.
  public var w: Tensor?
  /// The offsets, `[width]`; only where the mean is subtracted.
  public var b: Tensor?

  /// Creates the weights of a normalisation.
  public init(w: Tensor? = nil, b: Tensor? = nil) {
    self.w = w
    self.b = b
  }

  /// The weights that change nothing.
  init(identityFor normalization: Normalization, width: Int) {
    w = normalization.hasWeights ? Tensor(ones: [width]) : nil
    b = normalization == .layerNorm ? Tensor(zeros: [width]) : nil
  }

  /// Shows the weights that are there as `w` and `b`.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visitOptional("w", &w, visit)
    visitOptional("b", &b, visit)
  }
}

/// The weights of the MLP of one block.
public struct MLPWeights: Parameterized, Sendable {
  /// Residual stream to neurons, `[dModel, dMLP]`; what the gate multiplies where there is one.
  public var W_in: Tensor
  /// Residual stream to gates, `[dModel, dMLP]`.
  public var W_gate: Tensor?
  /// Neurons to residual stream, `[dMLP, dModel]`.
  public var W_out: Tensor
  /// Added to the neurons, `[dMLP]`: before the activation function, or in a gated MLP after the product.
  public var b_in: Tensor?
  /// Added to what all neurons write, `[dModel]`.
  public var b_out: Tensor?
  /// The LayerNorm behind a SoLU.
  public var ln: NormalizationWeights?

  /// Creates the weights of an MLP without biases; they are properties.
  public init(W_in: Tensor, W_gate: Tensor? = nil, W_out: Tensor) {
    self.W_in = W_in
    self.W_gate = W_gate
    self.W_out = W_out
  }

  /// Shows every weight that is there under its name in TransformerLens.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("W_in", &W_in)
    visitOptional("W_gate", &W_gate, visit)
    visit("W_out", &W_out)
    visitOptional("b_in", &b_in, visit)
    visitOptional("b_out", &b_out, visit)
    guard var norm = ln.take() else { return }
    visitParameters(under: "ln", of: &norm, visit)
    ln = norm
  }
}

/// The weights of one block.
public struct BlockWeights: Parameterized, Sendable {
  /// The normalisation before attention.
  public var ln1 = NormalizationWeights()
  /// The normalisation after attention.
  public var ln1Post = NormalizationWeights()
  /// The normalisation before the MLP.
  public var ln2 = NormalizationWeights()
  /// The normalisation after the MLP.
  public var ln2Post = NormalizationWeights()
  /// Attention.
  public var attn: AttentionWeights
  /// The MLP; nil in an attention-only model.
  public var mlp: MLPWeights?

  /// Creates the weights of a block whose normalisations have none; they are properties.
  public init(attn: AttentionWeights, mlp: MLPWeights? = nil) {
    self.attn = attn
    self.mlp = mlp
  }

  /// Shows every weight that is there under its name in TransformerLens.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visitParameters(under: "ln1", of: &ln1, visit)
    visitParameters(under: "attn", of: &attn, visit)
    visitParameters(under: "ln1_post", of: &ln1Post, visit)
    visitParameters(under: "ln2", of: &ln2, visit)
    if var weights = mlp.take() {
      visitParameters(under: "mlp", of: &weights, visit)
      mlp = weights
    }
    visitParameters(under: "ln2_post", of: &ln2Post, visit)
  }
}
