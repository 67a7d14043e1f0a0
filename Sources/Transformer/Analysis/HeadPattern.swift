// The attention that a head of a known kind would show on given tokens.
//
// The patterns of TransformerLens's head detector: pure functions of the tokens, 1 where such a head attends and 0
// elsewhere.

import Tensors

/// A kind of head, known by where it attends.
public enum HeadPattern: Sendable {
  /// To the token before.
  case previousToken
  /// To earlier occurrences of the present token.
  case duplicateToken
  /// To what followed earlier occurrences of the present token.
  case induction
  /// Where a matrix `[query, key]` says, whatever the tokens are.
  case custom(Tensor)

  /// Where such a head attends, `[query, key]`.
  public func pattern(for tokens: [Int]) -> Tensor {
    let count = tokens.count
    switch self {
    case .previousToken: return HeadPattern.matrix(count) { query, key in key == query - 1 }
    case .duplicateToken: return HeadPattern.matrix(count) { query, key in key < query && tokens[key] == tokens[query] }
    case .induction:
      return HeadPattern.matrix(count) { query, key in
        key > 0 && key <= query && tokens[key - 1] == tokens[query]
      }
    case .custom(let pattern):
      precondition(pattern.shape == [count, count], "a pattern of shape \(pattern.shape) for \(count) tokens")
      return pattern
    }
  }

  private static func matrix(_ count: Int, _ holds: (_ query: Int, _ key: Int) -> Bool) -> Tensor {
    var matrix = Tensor(zeros: [count, count])
    for query in 0..<count {
      for key in 0..<count where holds(query, key) { matrix[query, key] = 1 }
    }
    return matrix
  }
}

/// How a head's attention is compared with the pattern of a kind of head.
public enum DetectionMeasure: String, Sendable, CaseIterable {
  /// The share of the attention that lies where the pattern is 1: from 0 to 1.
  case mul
  /// 1 less the mean over queries of the summed absolute differences: from −1 to 1.
  case abs
}
