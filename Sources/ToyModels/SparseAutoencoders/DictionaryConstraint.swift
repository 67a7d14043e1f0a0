// Dictionary vectors of unit length: what the constraint does to gradients before a step and to vectors after it.
//
// "After each update the dictionary vectors are normalised; the gradient's component parallel to them is removed before
// the step, for Adam's moments would otherwise follow a motion that the constraint undoes" (Bricken et al. 2023).

import Tensors

/// The unit sphere that dictionary vectors stay on.
enum DictionaryConstraint {
  private typealias Lanes = SIMD8<Float>

  /// Removes from each row's gradient what is parallel to the row.
  static func removeParallel(
    _ gradients: UnsafeMutablePointer<Float>, to vectors: UnsafePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let (gradient, vector) = (gradients + row * width, vectors + row * width)
      let parallel = LatentKernels.dot(gradient, vector, width)
      var index = 0
      while index + 8 <= width {
        store(load(gradient + index) - parallel * load(vector + index), gradient + index)
        index += 8
      }
      while index < width {
        gradient[index] -= parallel * vector[index]
        index += 1
      }
    }
  }

  /// Gives each row unit length; a row of zeros stays.
  static func normalize(_ vectors: UnsafeMutablePointer<Float>, rows: Int, width: Int) {
    for row in 0..<rows {
      let vector = vectors + row * width
      let length = LatentKernels.dot(vector, vector, width).squareRoot()
      guard length > 0 else { continue }
      for index in 0..<width { vector[index] /= length }
    }
  }

  /// Gives unit length to rows that lack it by more than rounding; others keep their bits.
  static func project(_ vectors: inout Tensor) {
    let (rows, width) = (vectors.shape[0], vectors.shape[1])
    vectors.withUnsafeMutableElements { elements in
      guard let start = elements.baseAddress else { return }
      for row in 0..<rows {
        let vector = start + row * width
        if abs(LatentKernels.dot(vector, vector, width) - 1) > 1e-5 { normalize(vector, rows: 1, width: width) }
      }
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private static func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  }
}
