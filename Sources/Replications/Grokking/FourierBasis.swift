// The Fourier basis of functions of a number modulo a prime, and what is measured in it (Nanda et al. 2023, sections 3
// to 5): norms of components, key frequencies, and how few components carry a matrix (Gini coefficient).

import Foundation
import Tensors

/// The orthonormal real Fourier basis modulo a prime p: the constant, then cos and sin of w_k x, w_k = 2πk/p, for
/// k = 1 … (p − 1)/2.
struct FourierBasis: Sendable {
  let prime: Int
  /// `[component, x]`; components are the constant, cos 1, sin 1, cos 2, …
  let rows: Tensor

  init(prime: Int) {
    precondition(prime > 2 && prime % 2 == 1, "the basis is that of an odd prime, not of \(prime)")
    self.prime = prime
    var elements = Array(repeating: Float(1 / Double(prime).squareRoot()), count: prime)
    let scale = (2 / Double(prime)).squareRoot()
    for k in 1...prime / 2 {
      elements += (0..<prime).map { Float(scale * cos(Self.angle(k, $0, prime))) }
      elements += (0..<prime).map { Float(scale * sin(Self.angle(k, $0, prime))) }
    }
    rows = Tensor(elements, [prime, prime])
  }

  /// The frequencies k.
  var frequencies: ClosedRange<Int> { 1...prime / 2 }

  /// w_k x, with the product taken modulo p so that no digits are lost.
  static func angle(_ k: Int, _ x: Int, _ prime: Int) -> Double {
    2 * .pi * Double((k * x) % prime) / Double(prime)
  }

  /// The norm of each component of a matrix `[x, column]` over its columns.
  func norms(_ matrix: Tensor) -> [Double] {
    let components = rows.matmul(matrix)
    let columns = matrix.shape[1]
    return components.withUnsafeElements { elements in
      (0..<prime).map { component in
        var total = 0.0
        for index in component * columns..<(component + 1) * columns {
          total += Double(elements[index] * elements[index])
        }
        return total.squareRoot()
      }
    }
  }

  /// The norm of each frequency, cos and sin together, from the norms of the components.
  func byFrequency(_ norms: [Double]) -> [Double] {
    frequencies.map { (norms[2 * $0 - 1] * norms[2 * $0 - 1] + norms[2 * $0] * norms[2 * $0]).squareRoot() }
  }
}

/// The Gini coefficient: 0 where all values are equal, near 1 where a few carry everything.
func giniCoefficient(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let total = sorted.reduce(0, +)
  let weighted = sorted.enumerated().reduce(0) { $0 + Double(2 * $1.offset + 1 - sorted.count) * $1.element }
  return weighted / (Double(sorted.count) * total)
}
