// Arithmetic, scalar forms and functions of one element.

import Foundation
import Tensors

extension OperationCase {
  private static let mask = Tensor([1, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0], [3, 4])
  private static let rowMask = Tensor([1, 0, 1, 0], [4])

  static let elementwise: [OperationCase] = [
    pair("add", .add, [3, 5], [3, 5], { $0 + $1 }, { $0 + $1 }),
    pair("add a row", .add, [3, 4], [4], { $0 + $1 }, { $0 + $1 }),
    pair("add a column", .add, [3, 4], [3, 1], { $0 + $1 }, { $0 + $1 }),
    pair("add a scalar", .add, [2, 3], [], { $0 + $1 }, { $0 + $1 }),
    pair("subtract", .subtract, [3, 5], [3, 5], { $0 - $1 }, { $0 - $1 }),
    pair("subtract, both stretched", .subtract, [2, 1, 3], [4, 1], { $0 - $1 }, { $0 - $1 }),
    pair("multiply", .multiply, [3, 5], [3, 5], { $0 * $1 }, { $0 * $1 }),
    pair("multiply, both stretched", .multiply, [2, 3, 1], [1, 4], { $0 * $1 }, { $0 * $1 }),
    one("multiply by itself", .multiply, .normal, [7], { $0 * $0 }, { $0 * $0 }),
    pair("divide", .divide, [3, 5], [3, 5], from: .positive, { $0 / $1 }, { $0 / $1 }),
    pair("divide by a column", .divide, [3, 4], [3, 1], from: .positive, { $0 / $1 }, { $0 / $1 }),
    OperationCase(
      "select", .select, inputs: [[3, 4], [3, 4]],
      apply: { Variable.select(where: mask, $0[0], otherwise: $0[1]) },
      is: { select(mask, $0[0], $0[1]) }),
    OperationCase(
      "select, all stretched", .select, inputs: [[3, 1], []],
      apply: { Variable.select(where: rowMask, $0[0], otherwise: $0[1]) },
      is: { select(rowMask, $0[0], $0[1]) }),
    one("scale and shift", .scaleAndShift, .normal, [3, 3], { 3 - (2 * $0 - 1) / 4 + (-$0) }) {
      3 - (2 * $0 - 1) / 4 - $0
    },
    one("reciprocal", .reciprocal, .positive, [5], { 2 / $0 }, { 2 / $0 }),
  ]

  static let functions: [OperationCase] = [
    one("exp", .exp, .normal, [3, 3], { $0.exp() }, { Foundation.exp($0) }),
    one("log", .log, .positive, [3, 3], { $0.log() }, { Foundation.log($0) }),
    one("square root", .sqrt, .positive, [3, 3], { $0.squareRoots() }, { $0.squareRoot() }),
    one("square", .square, .normal, [3, 3], { $0.squared() }, { $0 * $0 }),
    one("magnitude", .abs, .apart, [3, 3], { $0.magnitudes() }, { abs($0) }),
    one("power", .power, .positive, [3, 3], { $0.power(2.5) }, { pow($0, 2.5) }),
    one("negative power", .power, .positive, [3, 3], { $0.power(-1.5) }, { pow($0, -1.5) }),
    one("tanh", .tanh, .normal, [3, 3], { $0.tanh() }, { Foundation.tanh($0) }),
    one("sigmoid", .sigmoid, .normal, [3, 3], { $0.sigmoid() }, { logistic($0) }),
    one("relu", .relu, .apart, [3, 5], { $0.relu() }, { max($0, 0) }),
    one("gelu", .geluExact, .normal, [3, 5], { $0.gelu() }, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
    one("gelu, tanh form", .geluTanh, .normal, [3, 5], { $0.geluTanh() }) { x in
      0.5 * x * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    },
    one("silu", .silu, .normal, [3, 5], { $0.silu() }, { $0 * logistic($0) }),
    one("softplus", .softplus, .normal, [3, 5], { $0.softplus() }, { log1p(Foundation.exp($0)) }),
  ]

  private static func logistic(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }

  private static func select(_ mask: Tensor, _ a: DoubleArray, _ b: DoubleArray) -> DoubleArray {
    let mask = DoubleArray(mask.elements, mask.shape)
    let shape = DoubleArray.broadcast(DoubleArray.broadcast(a.shape, b.shape), mask.shape)
    let elements = DoubleArray.positions(shape).map { mask.stretched($0) != 0 ? a.stretched($0) : b.stretched($0) }
    return DoubleArray(elements, shape)
  }

  private static func one(
    _ name: String, _ operation: Tensors.Operation, _ domain: Domain, _ shape: [Int],
    _ apply: @escaping @Sendable (Variable) -> Variable, _ reference: @escaping @Sendable (Double) -> Double
  ) -> OperationCase {
    OperationCase(
      name, operation, inputs: [shape], from: domain, apply: { apply($0[0]) }, is: { $0[0].map(reference) })
  }

  private static func pair(
    _ name: String, _ operation: Tensors.Operation, _ left: [Int], _ right: [Int], from domain: Domain = .normal,
    _ apply: @escaping @Sendable (Variable, Variable) -> Variable,
    _ reference: @escaping @Sendable (Double, Double) -> Double
  ) -> OperationCase {
    OperationCase(
      name, operation, inputs: [left, right], from: .normal, domain, apply: { apply($0[0], $0[1]) },
      is: { DoubleArray.zip2($0[0], $0[1], reference) })
  }
}
