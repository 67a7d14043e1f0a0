// The attention-only transformer of Edelman et al. 2024: one head a layer, LayerNorm, and positions that enter as a learned
// vector for each distance, added to the keys.
//
//   score[t, s] = (q[t]·k[s] + q[t]·r[t − s]) / √width        r the vector of the distance
//
// Source: the authors' mingpt/model.py with relative positions (after Shaw et al. 2018). The transformer of the module
// Transformer has no positions of this kind, and rotary ones, which come closest, find the head that looks one back only
// from some beginnings.

import Tensors

/// An attention-only transformer with learned vectors for distances.
public struct RelativeTransformer: Sendable, Parameterized {
  /// One layer of attention with the normalisation before it.
  public struct Layer: Sendable, Parameterized {
    /// Queries, keys, values and output, `[width, width]`, applied from the right; their biases are `[width]`.
    public var W_Q, W_K, W_V, W_O: Tensor
    /// What is added to queries, keys, values and output, `[width]`.
    public var b_Q, b_K, b_V, b_O: Tensor
    /// The vector of each distance, `[context, width]`.
    public var distances: Tensor
    /// The weight and bias of the normalisation, `[width]`.
    public var lnWeight, lnBias: Tensor

    /// Shows every parameter.
    public mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("ln.w", &lnWeight)
      visit("ln.b", &lnBias)
      visit("W_Q", &W_Q)
      visit("b_Q", &b_Q)
      visit("W_K", &W_K)
      visit("b_K", &b_K)
      visit("W_V", &W_V)
      visit("b_V", &b_V)
      visit("W_O", &W_O)
      visit("b_O", &b_O)
      visit("distances", &distances)
    }
  }

  /// Symbols to residual stream, `[symbol, width]`.
  public var W_E: Tensor
  /// The layers.
  public var layers: [Layer]
  /// The weight and bias of the normalisation before the unembedding, `[width]`.
  public var lnWeight, lnBias: Tensor
  /// Residual stream to logits, `[width, symbol]`, and what is added to them, `[symbol]`.
  public var W_U, b_U: Tensor

  /// Draws normally distributed weights; biases are zero and normalisations change nothing.
  public init(
    layers: Int, width: Int, symbols: Int, context: Int, standardDeviation: Float, using stream: RandomStream
  ) {
    func normal(_ name: String, _ shape: [Int]) -> Tensor {
      var stream = stream.derived(name)
      return stream.normal(shape, standardDeviation: standardDeviation)
    }
    let (zeros, ones) = (Tensor(zeros: [width]), Tensor(ones: [width]))
    W_E = normal("W_E", [symbols, width])
    self.layers = (0..<layers).map { layer in
      func matrix(_ name: String) -> Tensor { normal("\(layer).\(name)", [width, width]) }
      return Layer(
        W_Q: matrix("W_Q"), W_K: matrix("W_K"), W_V: matrix("W_V"), W_O: matrix("W_O"), b_Q: zeros, b_K: zeros,
        b_V: zeros, b_O: zeros, distances: normal("\(layer).distances", [context, width]), lnWeight: ones,
        lnBias: zeros)
    }
    (lnWeight, lnBias) = (ones, zeros)
    W_U = normal("W_U", [width, symbols])
    b_U = Tensor(zeros: [symbols])
  }

  /// Shows every parameter.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("W_E", &W_E)
    for index in layers.indices { visitParameters(under: "\(index)", of: &layers[index], visit) }
    visit("ln.w", &lnWeight)
    visit("ln.b", &lnBias)
    visit("W_U", &W_U)
    visit("b_U", &b_U)
  }

  /// The mean cross-entropy of next symbols, as a function of parameters.
  public func loss(_ chains: MarkovChains, parameters: Parameters) -> Variable {
    let targets = (0..<chains.count).flatMap { chains.tokens[$0 * chains.length + 1..<($0 + 1) * chains.length] }
    return logits(chains, parameters: parameters).logits.crossEntropy(targets: targets)
  }

  /// The log-probabilities of each symbol's successor, `[chain, position, symbol]`, for all symbols but the last, and the
  /// attention of each layer, `[chain, query, key]`.
  public func run(_ chains: MarkovChains) -> (logProbabilities: Tensor, patterns: [Tensor]) {
    let (logits, patterns) = logits(chains, parameters: Parameters(of: self))
    return (logits.value.logSoftmax(), patterns)
  }

  private func logits(_ chains: MarkovChains, parameters: Parameters) -> (logits: Variable, patterns: [Tensor]) {
    let (count, positions, width) = (chains.count, chains.length - 1, W_E.shape[1])
    let tokens = (0..<count).flatMap { chains.tokens[$0 * chains.length..<($0 + 1) * chains.length - 1] }
    var stream = parameters["W_E"].gathered(at: tokens, shape: [count, positions])
    var patterns: [Tensor] = []
    for index in layers.indices {
      let layer = parameters.part("\(index)")
      let x = stream.layerNorm(weight: layer["ln.w"], bias: layer["ln.b"])
      let q = x.linear(layer["W_Q"], bias: layer["b_Q"]) * (1 / Float(width).squareRoot())
      let k = x.linear(layer["W_K"], bias: layer["b_K"])
      let byDistance = q.linear(layer["distances"].slice(axis: 0, 0..<positions), transposingWeights: true)
      let scores = q.matmul(k, transposingOther: true) + byDistance.fromDistancesToKeys()
      let pattern = scores.softmax()
      patterns.append(pattern.value)
      let mixture = pattern.matmul(x.linear(layer["W_V"], bias: layer["b_V"]))
      stream = stream + mixture.linear(layer["W_O"], bias: layer["b_O"])
    }
    let last = stream.layerNorm(weight: parameters["ln.w"], bias: parameters["ln.b"])
    return (last.linear(parameters["W_U"], bias: parameters["b_U"]), patterns)
  }
}

extension Variable {
  /// Numbers by distance, `[batch, query, distance]`, moved to the keys at that distance, `[batch, query, key]`; later keys
  /// have −∞.
  fileprivate func fromDistancesToKeys() -> Variable {
    let positions = shape[2]
    let rows = value.count / max(positions, 1)
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableElements { result in
      value.withUnsafeElements { value in
        for row in 0..<rows {
          let (start, query) = (row * positions, row % positions)
          for key in 0..<positions { result[start + key] = key <= query ? value[start + query - key] : -.infinity }
        }
      }
    }
    return .custom([self], result: result) { gradient in
      var moved = Tensor(zeros: gradient.shape)
      moved.withUnsafeMutableElements { moved in
        gradient.withUnsafeElements { gradient in
          for row in 0..<rows {
            let (start, query) = (row * positions, row % positions)
            for key in 0...query { moved[start + query - key] = gradient[start + key] }
          }
        }
      }
      return [moved]
    }
  }
}
