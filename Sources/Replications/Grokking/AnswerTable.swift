// Everything a modular-addition model answers: its logits for all p² pairs and p numbers. The logit of "=" is left out,
// as in the authors' analysis.
//
// The part of the logits along cos and sin of w_k(a + b) depends on a + b alone, so it is found from the logits averaged
// over the pairs of each sum, a p × p matrix (Nanda et al. 2023, section 5.1).

import Foundation
import Tensors
import ToyModels

/// The logits of a model for all pairs.
struct AnswerTable: Sendable {
  let prime: Int
  /// `[a·p + b, c]`.
  let logits: Tensor
  /// The logits averaged over the pairs of each sum, `[sum][c]`.
  let meansBySum: [[Double]]

  init(_ model: ModularAdditionModel) {
    let all = model.activations(on: .all(prime: model.shape.prime)).logits
    self.init(prime: model.shape.prime, logits: Self.withoutEquals(all, model.shape.prime))
  }

  init(prime: Int, logits: Tensor) {
    self.prime = prime
    self.logits = logits
    meansBySum = Self.meansBySum(logits, prime)
  }

  private static func withoutEquals(_ all: Tensor, _ prime: Int) -> Tensor {
    var kept = Tensor(uninitialized: [prime * prime, prime])
    all.withUnsafeElements { all in
      kept.withUnsafeMutableElements { kept in
        for pair in 0..<prime * prime {
          for c in 0..<prime { kept[pair * prime + c] = all[pair * (prime + 1) + c] }
        }
      }
    }
    return kept
  }

  private static func meansBySum(_ logits: Tensor, _ prime: Int) -> [[Double]] {
    var flat = Array(repeating: 0.0, count: prime * prime)
    logits.withUnsafeElements { logits in
      for a in 0..<prime {
        for b in 0..<prime {
          let (sum, pair) = ((a + b) % prime * prime, (a * prime + b) * prime)
          for c in 0..<prime { flat[sum + c] += Double(logits[pair + c]) }
        }
      }
    }
    return (0..<prime).map { sum in (0..<prime).map { flat[sum * prime + $0] / Double(prime) } }
  }

  // MARK: Components

  /// The part of the logits along cos and sin of w_k(a + b), k in `frequencies`: `[sum][c]`.
  func components(_ frequencies: [Int]) -> [[Double]] {
    // The projection's kernel, a function of the difference of two sums.
    let kernel = (0..<prime).map { x in
      frequencies.reduce(0) { $0 + cos(FourierBasis.angle($1, x, prime)) } * 2 / Double(prime)
    }
    return (0..<prime).map { sum in
      var row = Array(repeating: 0.0, count: prime)
      for other in 0..<prime {
        let (weight, means) = (kernel[(sum - other + prime) % prime], meansBySum[other])
        for c in 0..<prime { row[c] += weight * means[c] }
      }
      return row
    }
  }

  /// The share of the variance of all logits, each pair's mean taken off, that Σ_k α_k cos(w_k(a + b − c)) explains.
  func varianceShare(_ frequencies: [Int]) -> Double {
    var total = 0.0
    logits.withUnsafeElements { logits in
      for pair in 0..<prime * prime {
        var (sum, squares) = (0.0, 0.0)
        for index in pair * prime..<(pair + 1) * prime {
          sum += Double(logits[index])
          squares += Double(logits[index]) * Double(logits[index])
        }
        total += squares - sum * sum / Double(prime)
      }
    }
    // The cosines are orthogonal, each of squared norm p³/2.
    let explained = frequencies.reduce(0) { explained, k in
      var product = 0.0
      for sum in 0..<prime {
        for c in 0..<prime {
          product += cos(FourierBasis.angle(k, (sum - c + prime) % prime, prime)) * meansBySum[sum][c]
        }
      }
      product *= Double(prime)
      return explained + product * product / (Double(prime * prime * prime) / 2)
    }
    return explained / total
  }

  // MARK: Losses

  /// The loss and the accuracy on given pairs.
  func quality(on pairs: ModularAdditionPairs) -> AnswerQuality { quality(on: pairs, without: nil) }

  /// The loss on given pairs without the components of given frequencies.
  func excludedLoss(on pairs: ModularAdditionPairs, without frequencies: [Int]) -> Double {
    quality(on: pairs, without: components(frequencies)).loss
  }

  /// The loss on given pairs of the mean logit of each class and the components of given frequencies alone.
  func restrictedLoss(on pairs: ModularAdditionPairs, to frequencies: [Int]) -> Double {
    let means = (0..<prime).map { c in meansBySum.reduce(0) { $0 + $1[c] } / Double(prime) }
    let losses = components(frequencies).enumerated().map { sum, row in
      Self.loss(zip(row, means).map(+), answer: sum)
    }
    return (0..<pairs.count).reduce(0) { $0 + losses[pairs.sum($1)] } / Double(pairs.count)
  }

  private func quality(on pairs: ModularAdditionPairs, without removed: [[Double]]?) -> AnswerQuality {
    var (loss, right) = (0.0, 0)
    logits.withUnsafeElements { logits in
      var row = Array(repeating: 0.0, count: prime)
      for index in 0..<pairs.count {
        let (start, sum) = ((pairs.a[index] * prime + pairs.b[index]) * prime, pairs.sum(index))
        for c in 0..<prime { row[c] = Double(logits[start + c]) }
        if let removed { for c in 0..<prime { row[c] -= removed[sum][c] } }
        loss += Self.loss(row, answer: sum)
        right += row.allSatisfy { $0 <= row[sum] } ? 1 : 0
      }
    }
    return AnswerQuality(loss: loss / Double(pairs.count), accuracy: Double(right) / Double(pairs.count))
  }

  /// The cross-entropy of one answer, exact also where it is near zero.
  static func loss(_ row: [Double], answer: Int) -> Double {
    let top = row.reduce(-.infinity, max)
    var others = 0.0
    for (c, value) in row.enumerated() where c != answer { others += exp(value - top) }
    return row[answer] == top ? log1p(others) : top - row[answer] + log(others + exp(row[answer] - top))
  }
}
