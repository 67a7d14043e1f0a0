// The model of Nanda et al. 2023, "Progress measures for grokking via mechanistic interpretability": a one-layer ReLU
// transformer that adds modulo a prime p.
//
// Its input is three tokens, "a b =", of a vocabulary of p numbers and "="; what it says at "=" is the answer. There is
// no LayerNorm, embedding and unembedding are not tied, and only the MLP has biases. Names and layouts of the weights
// are those of TransformerLens; all of them lie one after the other in a single tensor, as optimisers like it.

import Tensors

/// The sizes of a one-layer transformer that adds modulo a prime.
public struct ModularAdditionShape: Sendable, Equatable {
  /// The prime p; numbers are 0 ..< p, and the token p is "=".
  public var prime: Int
  /// The width of the residual stream.
  public var dModel: Int
  /// The number of attention heads.
  public var nHeads: Int
  /// The width of a head.
  public var dHead: Int
  /// The number of neurons.
  public var dMLP: Int

  /// Creates sizes; what is not given is as published, for p = 113.
  public init(prime: Int = 113, dModel: Int = 128, nHeads: Int = 4, dHead: Int = 32, dMLP: Int = 512) {
    precondition(
      prime > 1 && dModel > 0 && nHeads > 0 && dHead > 0 && dMLP > 0, "sizes of a model are positive, and p above one")
    self.prime = prime
    self.dModel = dModel
    self.nHeads = nHeads
    self.dHead = dHead
    self.dMLP = dMLP
  }

  /// The number of tokens: the numbers and "=".
  public var dVocab: Int { prime + 1 }
  /// The width of all heads together.
  var dAttention: Int { nHeads * dHead }

  /// A weight, by TransformerLens's name.
  public enum Weight: String, Sendable, CaseIterable {
    /// The embedding, `[dVocab, dModel]`.
    case W_E
    /// The position embedding, `[3, dModel]`.
    case W_pos
    /// Residual stream to queries, `[head, dModel, dHead]`.
    case W_Q
    /// Residual stream to keys, `[head, dModel, dHead]`.
    case W_K
    /// Residual stream to values, `[head, dModel, dHead]`.
    case W_V
    /// Heads to residual stream, `[head, dHead, dModel]`.
    case W_O
    /// Residual stream to neurons, `[dModel, dMLP]`.
    case W_in
    /// The neurons' bias, `[dMLP]`.
    case b_in
    /// Neurons to residual stream, `[dMLP, dModel]`.
    case W_out
    /// The bias of the MLP's output, `[dModel]`.
    case b_out
    /// The unembedding, `[dModel, dVocab]`.
    case W_U
  }

  /// The shape of a weight.
  public func shape(of weight: Weight) -> [Int] {
    switch weight {
    case .W_E: [dVocab, dModel]
    case .W_pos: [3, dModel]
    case .W_Q, .W_K, .W_V: [nHeads, dModel, dHead]
    case .W_O: [nHeads, dHead, dModel]
    case .W_in: [dModel, dMLP]
    case .b_in: [dMLP]
    case .W_out: [dMLP, dModel]
    case .b_out: [dModel]
    case .W_U: [dModel, dVocab]
    }
  }

  /// Where a weight lies among all parameters.
  func range(of weight: Weight) -> Range<Int> {
    var start = 0
    for other in Weight.allCases {
      let end = start + Tensor.count(of: shape(of: other))
      if other == weight { return start..<end }
      start = end
    }
    return start..<start
  }

  /// The number of parameters.
  public var parameterCount: Int { Weight.allCases.reduce(0) { $0 + Tensor.count(of: shape(of: $1)) } }
}

/// A one-layer ReLU transformer that adds modulo a prime.
public struct ModularAdditionModel: Sendable, Equatable {
  /// The sizes.
  public let shape: ModularAdditionShape
  /// All weights one after the other, in the order of `ModularAdditionShape.Weight`.
  public internal(set) var parameters: Tensor

  /// Creates a model from its weights; every one must be there in its shape.
  public init(_ shape: ModularAdditionShape, weights: [ModularAdditionShape.Weight: Tensor]) {
    self.shape = shape
    var elements: [Float] = []
    for weight in ModularAdditionShape.Weight.allCases {
      guard let tensor = weights[weight] else { preconditionFailure("the weight \(weight) is missing") }
      let expected = shape.shape(of: weight)
      precondition(tensor.shape == expected, "\(weight) has shape \(tensor.shape), not \(expected)")
      elements += tensor.elements
    }
    parameters = Tensor(elements, [shape.parameterCount])
  }

  /// Creates an untrained model as the authors' code does: normal weights of deviation 1/√dModel, 1/√dVocab for the
  /// unembedding, and zero biases.
  public init(_ shape: ModularAdditionShape, initializedFrom random: RandomStream) {
    var weights: [ModularAdditionShape.Weight: Tensor] = [:]
    for weight in ModularAdditionShape.Weight.allCases {
      var stream = random.derived(weight.rawValue)
      let deviation: Float =
        switch weight {
        case .b_in, .b_out: 0
        case .W_U: 1 / Float(shape.dVocab).squareRoot()
        default: 1 / Float(shape.dModel).squareRoot()
        }
      weights[weight] = stream.normal(shape.shape(of: weight), standardDeviation: deviation)
    }
    self.init(shape, weights: weights)
  }

  /// One weight, copied.
  public subscript(weight: ModularAdditionShape.Weight) -> Tensor {
    let range = shape.range(of: weight)
    return parameters.withUnsafeElements { Tensor(Array($0[range]), shape.shape(of: weight)) }
  }

  /// The sum of the squares of all weights.
  public var sumOfSquares: Double {
    parameters.withUnsafeElements { elements in
      var total = 0.0
      for element in elements { total += Double(element) * Double(element) }
      return total
    }
  }

  /// The map from neurons to the logits of the numbers, W_L = W_out W_U without "=", `[dMLP, p]`.
  public var neuronsToLogits: Tensor {
    let all = self[.W_out].matmul(self[.W_U])
    let (p, tokens) = (shape.prime, shape.dVocab)
    var result = Tensor(uninitialized: [shape.dMLP, p])
    all.withUnsafeElements { all in
      result.withUnsafeMutableElements { result in
        for neuron in 0..<shape.dMLP { for c in 0..<p { result[neuron * p + c] = all[neuron * tokens + c] } }
      }
    }
    return result
  }
}
