// Attention and the losses.

import Foundation
import Tensors

extension OperationCase {
  private static let targets = [2, 0, 4, 1, -1, 3]

  static let blocks: [OperationCase] = [
    attention("attention", [2, 4, 2, 3], [2, 4, 2, 3]),
    attention("attention, wide", [1, 10, 1, 4], [1, 10, 1, 4]),
    attention("attention, grouped queries", [2, 3, 4, 2], [2, 3, 2, 2]),
    attention("attention, cached keys", [1, 2, 2, 3], [1, 5, 2, 3]),
    attention("attention, not causal", [2, 3, 2, 2], [2, 4, 2, 2], scale: 0.7, isCausal: false),
    OperationCase(
      "self-attention of one variable", .causalAttention, inputs: [[1, 4, 2, 3]],
      apply: { Variable.attention(queries: $0[0], keys: $0[0], values: $0[0]).output },
      is: { mixture($0[0], $0[0], $0[0], 1 / 3.0.squareRoot(), true) }),
    OperationCase(
      "cross-entropy", .crossEntropy, inputs: [[6, 5]],
      apply: { $0[0].crossEntropy(targets: targets.map { max($0, 0) }) },
      is: { mean(crossEntropies($0[0], targets.map { max($0, 0) })) }),
    OperationCase(
      "cross-entropy, summed", .crossEntropy, inputs: [[6, 5]],
      apply: { $0[0].crossEntropy(targets: targets.map { max($0, 0) }, reduction: .sum) },
      is: { crossEntropies($0[0], targets.map { max($0, 0) }).sum([0]) }),
    OperationCase(
      "cross-entropy, ignoring", .crossEntropy, inputs: [[6, 5]],
      apply: { $0[0].crossEntropy(targets: targets, ignoring: -1) },
      is: { crossEntropies($0[0], targets).sum([0]).map { $0 / 5 } }),
    OperationCase(
      "cross-entropy per position", .crossEntropy, inputs: [[2, 3, 5]],
      apply: { $0[0].crossEntropy(targets: targets, ignoring: -1, reduction: .none) },
      is: { crossEntropies($0[0].reshaped([6, 5]), targets).reshaped([2, 3]) }),
    error("weighted squared error", [3, 5], Tensor([1, 0.5, 0.25, 2, 0.1], [5]), 3),
    error("weighted squared error over instances", [2, 4, 3], Tensor([1, 0.5, 0.1, 0.2, 3, 1], [2, 1, 3]), 4),
    OperationCase(
      "custom", .custom, inputs: [[4], [4]],
      apply: { operands in
        let (a, b) = (operands[0].value, operands[1].value)
        return Variable.custom(operands, result: a * a * a * b) { [3 * a * a * b * $0, a * a * a * $0] }
      },
      is: { DoubleArray.zip2($0[0], $0[1]) { $0 * $0 * $0 * $1 } }),
    linearCrossEntropy("linear cross-entropy", [6, 3], [3, 5]),
    linearCrossEntropy("linear cross-entropy with a bias", [2, 3, 4], [4, 5], [5], ignoring: -1),
    linearCrossEntropy("linear cross-entropy of transposed weights", [6, 3], [5, 3], isTransposed: true),
    attention("attention in blocks", [1, 35, 1, 2], [1, 35, 1, 2]),
    attention("attention in blocks, grouped, cached keys", [1, 33, 2, 2], [1, 34, 1, 2]),
    OperationCase(
      "attention scores", .attentionScores, inputs: [[2, 3, 4, 2], [2, 5, 2, 2]],
      apply: { Variable.attentionScores(queries: $0[0], keys: $0[1], scale: 0.7) },
      is: { scores($0[0], $0[1]) }),
    OperationCase(
      "attention mixture", .attentionMixture, inputs: [[2, 4, 3, 5], [2, 5, 2, 3]],
      apply: { Variable.attentionMixture(pattern: $0[0], values: $0[1]) },
      is: { mixture(pattern: $0[0], $0[1]) }),
  ]

  /// 0.7 · q·kᵀ of four query heads that share two key heads.
  private static func scores(_ q: DoubleArray, _ k: DoubleArray) -> DoubleArray {
    let shape = [q.shape[0], q.shape[2], q.shape[1], k.shape[1]]
    let elements = DoubleArray.positions(shape).map { position in
      let (row, head, query, key) = (position[0], position[1], position[2], position[3])
      return (0..<q.shape[3]).reduce(0.0) { $0 + 0.7 * q[[row, query, head, $1]] * k[[row, key, head / 2, $1]] }
    }
    return DoubleArray(elements, shape)
  }

  private static func mixture(pattern: DoubleArray, _ v: DoubleArray) -> DoubleArray {
    let shape = [pattern.shape[0], pattern.shape[2], pattern.shape[1], v.shape[3]]
    let group = pattern.shape[1] / v.shape[2]
    let elements = DoubleArray.positions(shape).map { position in
      let (row, query, head, column) = (position[0], position[1], position[2], position[3])
      return (0..<v.shape[1]).reduce(0.0) { sum, key in
        sum + pattern[[row, head, query, key]] * v[[row, key, head / group, column]]
      }
    }
    return DoubleArray(elements, shape)
  }

  private static func attention(
    _ name: String, _ queries: [Int], _ keys: [Int], scale: Float? = nil, isCausal: Bool = true
  ) -> OperationCase {
    let factor = scale.map(Double.init) ?? 1 / Double(queries[3]).squareRoot()
    return OperationCase(
      name, .causalAttention, inputs: [queries, keys, keys],
      apply: {
        Variable.attention(queries: $0[0], keys: $0[1], values: $0[2], scale: scale, isCausal: isCausal).output
      },
      is: { mixture($0[0], $0[1], $0[2], factor, isCausal) })
  }

  private static func mixture(
    _ q: DoubleArray, _ k: DoubleArray, _ v: DoubleArray, _ scale: Double, _ isCausal: Bool
  ) -> DoubleArray {
    let (queries, keys, width, group) = (q.shape[1], k.shape[1], q.shape[3], q.shape[2] / k.shape[2])
    let elements = DoubleArray.positions(q.shape).map { position in
      let (row, query, head, column) = (position[0], position[1], position[2], position[3])
      let visible = isCausal ? keys - queries + query + 1 : keys
      let weights = softmax(
        (0..<visible).map { key in
          (0..<width).reduce(0.0) { $0 + q[[row, query, head, $1]] * k[[row, key, head / group, $1]] } * scale
        })
      return (0..<visible).reduce(0.0) { $0 + weights[$1] * v[[row, $1, head / group, column]] }
    }
    return DoubleArray(elements, q.shape)
  }

  private static func crossEntropies(_ logits: DoubleArray, _ targets: [Int]) -> DoubleArray {
    let width = logits.rowLength
    let losses = targets.enumerated().map { row, target -> Double in
      guard target >= 0 else { return 0 }
      return -Foundation.log(softmax(Array(logits.elements[row * width..<(row + 1) * width]))[target])
    }
    return DoubleArray(losses, [targets.count])
  }

  private static func linearCrossEntropy(
    _ name: String, _ x: [Int], _ weights: [Int], _ bias: [Int]? = nil, isTransposed: Bool = false,
    ignoring ignored: Int? = nil
  ) -> OperationCase {
    let counted = ignored == nil ? targets.map { max($0, 0) } : targets
    return OperationCase(
      name, .linearCrossEntropy, inputs: [x, weights] + [bias].compactMap { $0 },
      apply: {
        $0[0].linearCrossEntropy(
          $0[1], bias: $0.count > 2 ? $0[2] : nil, transposingWeights: isTransposed, targets: counted,
          ignoring: ignored)
      },
      is: {
        let (x, weights, classes) = ($0[0], $0[1], weights[isTransposed ? 0 : 1])
        let bias = $0.count > 2 ? $0[2].elements : Array(repeating: 0, count: classes)
        let logits = (0..<6 * classes).map { place in
          let (row, column) = (place / classes, place % classes)
          return (0..<x.rowLength).reduce(bias[column]) {
            $0 + x.elements[row * x.rowLength + $1] * weights[isTransposed ? [column, $1] : [$1, column]]
          }
        }
        let losses = crossEntropies(DoubleArray(logits, [6, classes]), counted)
        return losses.sum([0]).map { $0 / Double(counted.count { $0 >= 0 }) }
      })
  }

  private static func mean(_ losses: DoubleArray) -> DoubleArray {
    losses.sum([0]).map { $0 / Double(losses.elements.count) }
  }

  private static func error(_ name: String, _ shape: [Int], _ weights: Tensor, _ divisor: Float) -> OperationCase {
    OperationCase(
      name, .weightedSquaredError, inputs: [shape, shape],
      apply: { $0[0].weightedSquaredError(to: $0[1], weights: weights, dividingBy: divisor) },
      is: {
        let squares = DoubleArray.zip2($0[0], $0[1]) { ($1 - $0) * ($1 - $0) }
        let weighted = DoubleArray.zip2(squares, DoubleArray(weights.elements, weights.shape), *)
        return weighted.sum(Set(shape.indices)).map { $0 / Double(divisor) }
      })
  }
}
