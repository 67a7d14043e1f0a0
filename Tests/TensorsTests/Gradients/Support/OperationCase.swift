// One case of the operation tests: how to compute it, what it should compute, and what goes in.

import Foundation
import Tensors

/// An operation with arguments of given shapes, beside its reference in double precision.
struct OperationCase: Sendable, CustomStringConvertible {
  /// Where arguments are drawn from, so that no kink is near.
  enum Domain: Sendable {
    /// Normal numbers.
    case normal
    /// Numbers in 0.5 ..< 2.5.
    case positive
    /// Numbers that keep away from each other and from zero.
    case apart
  }

  let name: String
  let operations: [Tensors.Operation]
  let inputs: [(shape: [Int], domain: Domain)]
  let apply: @Sendable ([Variable]) -> Variable
  let reference: @Sendable ([DoubleArray]) -> DoubleArray

  init(
    _ name: String, _ operations: Tensors.Operation..., inputs: [[Int]], from domains: Domain...,
    apply: @escaping @Sendable ([Variable]) -> Variable,
    is reference: @escaping @Sendable ([DoubleArray]) -> DoubleArray
  ) {
    self.name = name
    self.operations = operations
    self.inputs = inputs.enumerated().map { ($1, domains.isEmpty ? .normal : domains[min($0, domains.count - 1)]) }
    self.apply = apply
    self.reference = reference
  }

  var description: String { name }

  static let all: [OperationCase] = elementwise + functions + products + rows + blocks

  /// Arguments drawn for this case; the same every time.
  func drawInputs() -> [Tensor] {
    var stream = RandomStream(seed: 1).derived(name)
    return inputs.map { shape, domain in
      switch domain {
      case .normal: return stream.normal(shape)
      case .positive: return stream.uniform(shape, in: 0.5..<2.5)
      case .apart:
        let count = Tensor.count(of: shape)
        let order = stream.permutation(count)
        return Tensor(order.map { (Float($0) - Float(count) / 2 + 0.25) * 4 / Float(count) }, shape)
      }
    }
  }
}
