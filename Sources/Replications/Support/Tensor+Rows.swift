// A matrix as plain numbers, for readings and figures.

import Tensors

extension Tensor {
  /// The rows of a matrix in double precision.
  var rows: [[Double]] {
    let width = shape[1]
    return elements.withUnsafeBufferPointer { elements in
      (0..<shape[0]).map { row in elements[row * width..<(row + 1) * width].map(Double.init) }
    }
  }
}
