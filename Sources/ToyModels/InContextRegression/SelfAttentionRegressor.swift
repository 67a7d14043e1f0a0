// A layer of self-attention that predicts the y of a query from a context of pairs: the model of von Oswald et al. 2022,
// section 3.
//
//   ŷ = −Σⱼ a(eⱼᵀKᵀQ e) · (P V eⱼ)_y        e the query's token, j over all tokens; a the identity, or a softmax
//
// With a linear, K = Q = the identity over inputs, V reading y and P = −η this is a step of gradient descent
// (proposition 1). Only the products KᵀQ and the last row of PV matter.

import Tensors

/// One layer of self-attention, read at the query's y.
public struct SelfAttentionRegressor: Sendable, Parameterized {
  /// What is done to the scores.
  public enum Attention: String, Sendable, CaseIterable {
    /// Nothing: linear self-attention.
    case linear
    /// A softmax over all tokens.
    case softmax
  }

  /// What is done to the scores.
  public let attention: Attention
  /// Keys, queries and values of tokens, `[width, width]`, applied from the left.
  public var K, Q, V: Tensor
  /// What is written of the values, `[width, width]`, applied from the left.
  public var P: Tensor

  /// Creates a layer from its matrices.
  public init(_ attention: Attention = .linear, K: Tensor, Q: Tensor, V: Tensor, P: Tensor) {
    let width = K.shape[0]
    for matrix in [K, Q, V, P] {
      precondition(matrix.shape == [width, width], "a matrix of shape \(matrix.shape) in a layer of width \(width)")
    }
    self.attention = attention
    (self.K, self.Q, self.V, self.P) = (K, Q, V, P)
  }

  /// Draws normally distributed matrices.
  public init(_ attention: Attention = .linear, dimensions: Int, standardDeviation: Float, using stream: RandomStream) {
    func matrix(_ name: String) -> Tensor {
      var stream = stream.derived(name)
      return stream.normal([dimensions + 1, dimensions + 1], standardDeviation: standardDeviation)
    }
    self.init(attention, K: matrix("K"), Q: matrix("Q"), V: matrix("V"), P: matrix("P"))
  }

  /// Creates a linear layer from what its matrices multiply to: KᵀQ `[width, width]` and the last row of PV `[width]`.
  public init(keyQuery: Tensor, readout: Tensor) {
    let width = readout.count
    var identity = Tensor(zeros: [width, width])
    var values = Tensor(zeros: [width, width])
    for index in 0..<width {
      identity[index, index] = 1
      values[width - 1, index] = readout[index]
    }
    self.init(.linear, K: identity, Q: keyQuery, V: values, P: identity)
  }

  /// The construction of proposition 1: one step of gradient descent from zero.
  public static func gradientDescent(dimensions: Int, rate: Float) -> SelfAttentionRegressor {
    var (inputs, readout) = (Tensor(zeros: [dimensions + 1, dimensions + 1]), Tensor(zeros: [dimensions + 1]))
    for index in 0..<dimensions { inputs[index, index] = 1 }
    readout[dimensions] = -rate
    return SelfAttentionRegressor(keyQuery: inputs, readout: readout)
  }

  /// The width of a token.
  public var width: Int { K.shape[0] }

  /// KᵀQ, `[width, width]`: its element (i, j) is how much element j of the query attends to element i of a token.
  public var keyQuery: Tensor { K.matmul(Q, transposingSelf: true) }

  /// The last row of PV, `[width]`: what of a token is added to the query's y.
  public var readout: Tensor { P.slice(axis: 0, width - 1..<width).matmul(V).reshaped([width]) }

  /// Shows the four matrices.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("K", &K)
    visit("Q", &Q)
    visit("V", &V)
    visit("P", &P)
  }
}
