// The minimal model of Edelman et al. 2024 that learns Markov chains in context, with one parameter for each thing that
// a statistical induction head needs.
//
//   layer 1   A[t, s] = softmax over s ≤ t of v[t − s]            looks back by distance
//   layer 2   logits[t] = Σ_{s ≤ t} (e[t]·W·(A e)[s]) e[s]        matches what was looked at, copies what is there
//
// e are one-hot symbols. With v uniform the second layer sees the frequencies of symbols; with v on distance 1 and W the
// identity it adds up what followed the present symbol: the bigrams. Source: the authors' mingpt/new_min.py (first
// layer) and min_model.py (second).

import Tensors

/// A two-layer attention model of scalars for distances and a matrix over symbols.
public struct MinimalInductionModel: Sendable, Equatable {
  /// The scalar v of each distance, `[context]`.
  public var distances: Tensor
  /// How much a symbol attends to what the first layer has seen, W, `[symbol, symbol]`.
  public var weights: Tensor

  /// Creates a model from its parameters.
  public init(distances: Tensor, weights: Tensor) {
    precondition(
      distances.rank == 1 && weights.rank == 2 && weights.shape[0] == weights.shape[1],
      "distances of shape \(distances.shape) and weights of shape \(weights.shape)")
    self.distances = distances
    self.weights = weights
  }

  /// The published beginning: all distances alike, all symbols attend alike to all.
  public init(context: Int, symbols: Int) {
    self.init(distances: Tensor(zeros: [context]), weights: Tensor(repeating: 0.01, [symbols, symbols]))
  }

  /// The longest sequence that can be read.
  public var context: Int { distances.count }

  /// The number of symbols.
  public var symbols: Int { weights.shape[0] }

  /// The attention of the first layer, `[query, key]`, the same for all sequences.
  public func pattern(positions: Int) -> Tensor {
    precondition(positions <= context, "\(positions) positions in a model of \(context)")
    var scores = Tensor(repeating: -.infinity, [positions, positions])
    scores.withUnsafeMutableElements { scores in
      distances.withUnsafeElements { distances in
        for query in 0..<positions {
          for key in 0...query { scores[query * positions + key] = distances[query - key] }
        }
      }
    }
    return scores.softmax()
  }

  /// The mean weight of the symbol before in the first layer, over positions from the second on.
  public var previousTokenWeight: Double {
    let pattern = pattern(positions: context)
    return (1..<context).reduce(0) { $0 + Double(pattern[$1, $1 - 1]) } / Double(context - 1)
  }
}
