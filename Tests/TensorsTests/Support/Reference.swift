// What tests compare with: plain loops in double precision, and errors in units in the last place.

import Tensors

extension Tensor {
  /// Normal numbers from a fixed stream, another for each label.
  static func normal(_ shape: [Int], _ label: String = "test") -> Tensor {
    var stream = RandomStream(seed: 1).derived(label)
    return stream.normal(shape)
  }

  /// The elements 0, 1, 2, … in row-major order.
  static func counting(_ shape: [Int]) -> Tensor {
    Tensor((0..<Tensor.count(of: shape)).map { Float($0) }, shape)
  }
}

/// The distance between floats at a value's magnitude.
func spacing(at value: Double) -> Double {
  let magnitude = Float(value.magnitude)
  return magnitude.isFinite ? Double(magnitude.ulp) : Double(Float.greatestFiniteMagnitude.ulp)
}

/// The product of row-major matrices in double precision, each optionally stored transposed.
func referenceProduct(
  _ a: [Float], transposed transposeA: Bool, leading leadingA: Int, _ b: [Float], transposed transposeB: Bool,
  leading leadingB: Int, rows: Int, columns: Int, inner: Int
) -> [Double] {
  var product = [Double](repeating: 0, count: rows * columns)
  for row in 0..<rows {
    for column in 0..<columns {
      var sum = 0.0
      for k in 0..<inner {
        let left = a[transposeA ? k * leadingA + row : row * leadingA + k]
        let right = b[transposeB ? column * leadingB + k : k * leadingB + column]
        sum += Double(left) * Double(right)
      }
      product[row * columns + column] = sum
    }
  }
  return product
}
