// Rows of random tokens in which a bell rings behind every token that has come before in its row: what next-token
// prediction can only get right by looking for the present token among the earlier ones.

import Tensors
import Transformer

/// Rows of random tokens with bells.
struct RingingRows: Sendable {
  /// When bells ring.
  enum Bells: Sendable {
    /// Behind tokens that have come before.
    case behindDuplicates
    /// Behind any token with a fixed probability.
    case atRandom(Double)
  }

  /// The number of random tokens; the bell is one more, `vocabulary` itself.
  var vocabulary: Int
  /// The number of tokens in a row, bells included, without the beginning-of-sequence token.
  var length: Int
  /// When bells ring.
  var bells: Bells

  /// The token that rings.
  var bell: Int { vocabulary }
  /// The token that each row begins with.
  var bos: Int { vocabulary + 1 }

  /// Draws rows of equal length.
  func batch(_ rows: Int, using stream: inout RandomStream) -> TokenBatch {
    TokenBatch((0..<rows).map { _ in row(using: &stream) })
  }

  private func row(using stream: inout RandomStream) -> [Int] {
    var row = [bos]
    var known = Array(repeating: false, count: vocabulary)
    while row.count <= length {
      let token = stream.integer(below: vocabulary)
      row.append(token)
      let rings =
        switch bells {
        case .behindDuplicates: known[token]
        case .atRandom(let rate): stream.uniformDouble() < rate
        }
      if rings, row.count <= length { row.append(bell) }
      known[token] = true
    }
    return row
  }
}
