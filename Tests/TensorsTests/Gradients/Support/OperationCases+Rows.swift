// Reductions, shape, and what works along rows.

import Foundation
import Tensors

extension OperationCase {
  static let rows: [OperationCase] = reductions + shapes + normalizations

  private static let reductions: [OperationCase] = [
    OperationCase("sum", .sum, inputs: [[3, 4]], apply: { $0[0].sum() }, is: { $0[0].sum([0, 1]) }),
    OperationCase(
      "sum over the first axis", .sum, inputs: [[3, 4]], apply: { $0[0].sum(axes: [0]) }, is: { $0[0].sum([0]) }),
    OperationCase(
      "sum over outer axes", .sum, inputs: [[2, 3, 4]], apply: { $0[0].sum(axes: [0, -1], keepingAxes: true) },
      is: { $0[0].sum([0, 2], keepingAxes: true) }),
    OperationCase(
      "mean over the last axis", .sum, .scaleAndShift, inputs: [[2, 3, 5]], apply: { $0[0].mean(axes: [-1]) },
      is: { $0[0].reduceRows { $0.reduce(0, +) / Double($0.count) } }),
    OperationCase(
      "maximum over the last axis", .maximum, inputs: [[3, 5]], from: .apart, apply: { $0[0].maximum(axis: -1) },
      is: { $0[0].reduceRows { $0.max() ?? 0 } }),
    OperationCase(
      "maximum over a middle axis", .maximum, inputs: [[2, 5, 3]], from: .apart, apply: { $0[0].maximum(axis: 1) },
      is: { $0[0].permuted([0, 2, 1]).reduceRows { $0.max() ?? 0 } }),
    OperationCase(
      "L1 norm", .l1Norm, inputs: [[3, 5]], from: .apart, apply: { $0[0].l1Norm() },
      is: { $0[0].reduceRows { $0.reduce(0) { $0 + abs($1) } } }),
    OperationCase(
      "L2 norm", .l2Norm, inputs: [[3, 5]], apply: { $0[0].l2Norm() },
      is: { $0[0].reduceRows { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() } }),
  ]

  private static let shapes: [OperationCase] = [
    OperationCase(
      "reshape", .reshape, inputs: [[3, 4]], apply: { $0[0].reshaped([2, -1]) }, is: { $0[0].reshaped([2, 6]) }),
    OperationCase(
      "transpose", .transpose, inputs: [[2, 3, 4]], apply: { $0[0].transposed([2, 0, 1]) },
      is: { $0[0].permuted([2, 0, 1]) }),
    OperationCase(
      "slice", .slice, inputs: [[2, 4, 3]], apply: { $0[0].slice(axis: 1, 1..<3) }, is: { $0[0].slice(1, 1..<3) }),
    OperationCase(
      "overlapping slices", .slice, inputs: [[2, 4]],
      apply: { $0[0].slice(axis: -1, 0..<3) * $0[0].slice(axis: -1, 1..<4) },
      is: { DoubleArray.zip2($0[0].slice(1, 0..<3), $0[0].slice(1, 1..<4), *) }),
    OperationCase(
      "concatenate", .concatenate, inputs: [[2, 3], [2, 1]],
      apply: { Variable.concatenated([$0[0], $0[1], $0[0]], axis: 1) },
      is: { DoubleArray.joined([$0[0], $0[1], $0[0]]) }),
    OperationCase(
      "gather", .gather, inputs: [[4, 3]], apply: { $0[0].gathered(at: [3, 1, 3, 0]) },
      is: { $0[0].rows([3, 1, 3, 0]) }),
    OperationCase(
      "gather into a grid", .gather, inputs: [[3, 2]],
      apply: { $0[0].gathered(at: [0, 2, 2, 2, 1, 0], shape: [3, 2]) },
      is: { $0[0].rows([0, 2, 2, 2, 1, 0]).reshaped([3, 2, 2]) }),
  ]

  private static let normalizations: [OperationCase] = [
    OperationCase(
      "softmax", .softmax, inputs: [[2, 3, 9]], apply: { $0[0].softmax() }, is: { $0[0].mapRows(softmax) }),
    OperationCase(
      "softmax of one column", .softmax, inputs: [[3, 1]], apply: { $0[0].softmax() },
      is: { $0[0].mapRows(softmax) }),
    OperationCase(
      "log softmax", .logSoftmax, inputs: [[3, 9]], apply: { $0[0].logSoftmax() },
      is: { $0[0].mapRows { softmax($0).map { Foundation.log($0) } } }),
    OperationCase(
      "layer norm", .layerNorm, inputs: [[2, 2, 9]], apply: { $0[0].layerNorm() }, is: { $0[0].mapRows(normalize) }),
    OperationCase(
      "layer norm, affine", .layerNorm, inputs: [[3, 9], [9], [9]],
      apply: { $0[0].layerNorm(weight: $0[1], bias: $0[2]) },
      is: { DoubleArray.zip2(DoubleArray.zip2($0[0].mapRows(normalize), $0[1], *), $0[2], +) }),
    OperationCase("rms norm", .rmsNorm, inputs: [[3, 9]], apply: { $0[0].rmsNorm() }, is: { $0[0].mapRows(scale) }),
    OperationCase(
      "rms norm, weighted", .rmsNorm, inputs: [[3, 9], [9]], apply: { $0[0].rmsNorm(weight: $0[1]) },
      is: { DoubleArray.zip2($0[0].mapRows(scale), $0[1], *) }),
    OperationCase(
      "top k", .topK, inputs: [[3, 7]], from: .apart, apply: { $0[0].topK(2) },
      is: { $0[0].mapRows { row in row.map { x in row.count { $0 > x } < 2 ? x : 0 } } }),
  ]

  static func softmax(_ row: [Double]) -> [Double] {
    let powers = row.map { Foundation.exp($0) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  private static func normalize(_ row: [Double]) -> [Double] {
    let mean = row.reduce(0, +) / Double(row.count)
    return scale(row.map { $0 - mean })
  }

  private static func scale(_ row: [Double]) -> [Double] {
    let meanSquare = row.reduce(0) { $0 + $1 * $1 } / Double(row.count)
    return row.map { $0 / (meanSquare + 1e-5).squareRoot() }
  }
}
