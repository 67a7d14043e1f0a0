// Matrix products in every transposition and way of batching.

import Tensors

extension OperationCase {
  static let products: [OperationCase] = [
    product("product", [3, 4], [4, 5]),
    product("product, left transposed", [4, 3], [4, 5], left: true),
    product("product, right transposed", [3, 4], [5, 4], right: true),
    product("product, both transposed", [4, 3], [5, 4], left: true, right: true),
    product("product of ones", [1, 1], [1, 1]),
    product("batch product", [2, 3, 4], [2, 4, 5]),
    product("batch product, both transposed", [2, 4, 3], [2, 5, 4], left: true, right: true),
    product("batch times matrix", [2, 3, 4], [4, 5]),
    product("transposed batch times matrix", [2, 4, 3], [4, 5], left: true),
    product("matrix times batch", [3, 4], [2, 4, 5]),
    product("batches stretched", [2, 1, 3, 4], [3, 4, 2]),
    OperationCase(
      "product with itself", .matrixProduct, inputs: [[3, 4]],
      apply: { $0[0].matmul($0[0], transposingOther: true) }, is: { $0[0].times($0[0].transposed()) }),
    OperationCase(
      "linear", .linear, inputs: [[3, 4], [4, 5]], apply: { $0[0].linear($0[1]) }, is: { $0[0].times($0[1]) }),
    OperationCase(
      "linear with bias", .linear, inputs: [[2, 3, 4], [4, 5], [5]],
      apply: { $0[0].linear($0[1], bias: $0[2]) }, is: { DoubleArray.zip2($0[0].times($0[1]), $0[2], +) }),
    OperationCase(
      "linear, transposed", .linear, inputs: [[3, 4], [5, 4], [5]],
      apply: { $0[0].linear($0[1], bias: $0[2], transposingWeights: true) },
      is: { DoubleArray.zip2($0[0].times($0[1].transposed()), $0[2], +) }),
    OperationCase(
      "linear of one row", .linear, inputs: [[4], [4, 3], [3]],
      apply: { $0[0].linear($0[1], bias: $0[2]) },
      is: { DoubleArray.zip2($0[0].reshaped([1, 4]).times($0[1]), $0[2], +).reshaped([3]) }),
  ]

  private static func product(
    _ name: String, _ a: [Int], _ b: [Int], left: Bool = false, right: Bool = false
  ) -> OperationCase {
    OperationCase(
      name, .matrixProduct, inputs: [a, b],
      apply: { $0[0].matmul($0[1], transposingSelf: left, transposingOther: right) },
      is: { $0[0].transposed(if: left).times($0[1].transposed(if: right)) })
  }
}
