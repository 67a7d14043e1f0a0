// What a model loses on every token of some rows, as plain numbers to average over positions.

import Foundation
import Tensors
import Transformer

/// −ln P of each token that has a predecessor, in nats.
struct TokenLosses: Sendable, Equatable {
  /// The number of rows.
  let rows: Int
  /// The number of predicted tokens in a row: one less than it has tokens.
  let count: Int
  /// The losses, `[row, predicted token]`, row after row.
  let values: [Float]

  /// The losses of given values.
  init(rows: Int, values: [Float]) {
    self.rows = rows
    count = rows > 0 ? values.count / rows : 0
    self.values = values
  }

  /// The losses that logits `[row, position, dVocabOut]` give to the tokens that they predict.
  init(_ logits: Tensor, _ tokens: TokenBatch) {
    let (positions, width) = (tokens.positions, logits.shape[2])
    precondition(logits.shape.dropLast() == tokens.shape[...], "logits \(logits.shape) of tokens \(tokens.shape)")
    var values: [Float] = []
    values.reserveCapacity(tokens.batch * (positions - 1))
    logits.logSoftmax().withUnsafeElements { logarithms in
      for row in 0..<tokens.batch {
        for position in 0..<positions - 1 {
          let at = row * positions + position
          let target = tokens.tokens[at + 1]
          precondition(0..<width ~= target, "there is no logit of token \(target)")
          values.append(-logarithms[at * width + target])
        }
      }
    }
    self.init(rows: tokens.batch, values: values)
  }

  /// The loss of one token of one row; 0 is the first token that is predicted.
  subscript(row: Int, place: Int) -> Double { Double(values[row * count + place]) }

  /// The mean over all tokens.
  var mean: Double { mean(at: 0..<count) }

  /// The mean over the tokens at some places of every row.
  func mean(at places: Range<Int>) -> Double {
    var sum = 0.0
    for row in 0..<rows {
      for place in places { sum += self[row, place] }
    }
    return sum / Double(rows * places.count)
  }
}
