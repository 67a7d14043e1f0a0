// The weights of one attention layer, laid out as products read them.
//
// TransformerLens keeps W_Q as [head, dModel, dHead], one product for each head. Here it is [dModel, head · dHead], so
// that the queries of all heads are one product and come out as [batch, position, head, dHead]. `HookedTransformer.W_Q`
// gives TransformerLens's shape.

import Tensors

/// The weights of the attention layer of one block.
public struct AttentionWeights: Parameterized, Sendable {
  /// Residual stream to queries, `[dModel, head · dHead]`.
  public var W_Q: Tensor
  /// Residual stream to keys, `[dModel, keyValueHead · dHead]`.
  public var W_K: Tensor
  /// Residual stream to values, `[dModel, keyValueHead · dHead]`.
  public var W_V: Tensor
  /// Mixed values to residual stream, `[head · dHead, dModel]`.
  public var W_O: Tensor
  /// Added to the queries, `[head · dHead]`.
  public var b_Q: Tensor?
  /// Added to the keys, `[keyValueHead · dHead]`.
  public var b_K: Tensor?
  /// Added to the values, `[keyValueHead · dHead]`.
  public var b_V: Tensor?
  /// Added to what all heads write, `[dModel]`.
  public var b_O: Tensor?
  /// The weights of the queries' normalisation, `[dHead]`.
  public var qNorm: Tensor?
  /// The weights of the keys' normalisation, `[dHead]`.
  public var kNorm: Tensor?
  /// The α of smeared keys, `[keyValueHead]`: σ(α) is the share of a position's own key.
  public var smear: Tensor?

  /// Creates the weights of a layer without biases; they are properties.
  public init(W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor) {
    self.W_Q = W_Q
    self.W_K = W_K
    self.W_V = W_V
    self.W_O = W_O
  }

  /// Shows every weight that is there under its name in TransformerLens.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("W_Q", &W_Q)
    visit("W_K", &W_K)
    visit("W_V", &W_V)
    visit("W_O", &W_O)
    visitOptional("b_Q", &b_Q, visit)
    visitOptional("b_K", &b_K, visit)
    visitOptional("b_V", &b_V, visit)
    visitOptional("b_O", &b_O, visit)
    visitOptional("q_norm.w", &qNorm, visit)
    visitOptional("k_norm.w", &kNorm, visit)
    visitOptional("smear", &smear, visit)
  }
}

/// Shows a weight if it is there.
func visitOptional(_ name: String, _ weight: inout Tensor?, _ visit: ParameterVisitor) {
  guard var tensor = weight.take() else { return }
  visit(name, &tensor)
  weight = tensor
}
