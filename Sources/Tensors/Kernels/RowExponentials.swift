// What every softmax is made of: the largest element of a row, and exponentials of what lies below it.
//
// Below the maximum there is no overflow, and what is smaller than e⁻⁸⁷ of the largest adds nothing to a sum: without the
// two ends of the range the exponential costs two thirds of `Kernels.exp`. The same bits on every processor: the loops are
// those of row_functions.h.

import COpenBLAS

extension Kernels {
  /// The largest of so many elements, −∞ of none; NaN counts as smaller than everything.
  static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (a, b) = (SIMD4<Float>(repeating: -.infinity), SIMD4<Float>(repeating: -.infinity))
    var index = 0
    while index + 8 <= count {
      let (first, second) = (load(x + index), load(x + index + 4))
      for lane in 0..<4 {
        a[lane] = first[lane] > a[lane] ? first[lane] : a[lane]
        b[lane] = second[lane] > b[lane] ? second[lane] : b[lane]
      }
      index += 8
    }
    for lane in 0..<4 { a[lane] = b[lane] > a[lane] ? b[lane] : a[lane] }
    var largest = a[0]
    for lane in 1..<4 where a[lane] > largest { largest = a[lane] }
    while index < count {
      largest = x[index] > largest ? x[index] : largest
      index += 1
    }
    return largest
  }

  /// Writes e^(x − shift) for each of so many elements, none far above the shift, and returns their sum; in place is
  /// allowed.
  ///
  /// Each is at most 1 ulp from the truth for a difference in −87 ... 88, and 0 below; NaN stays. The sum takes short
  /// stretches in single precision and adds them in double.
  @discardableResult
  static func exponentials(
    _ x: UnsafePointer<Float>, _ count: Int, less shift: Float, into y: UnsafeMutablePointer<Float>,
    with instructions: VectorInstructions? = VectorInstructions.chosen
  ) -> Double {
    #if arch(x86_64)
      switch instructions {
      case .avx512: return row_exponentials_avx512(x, count, shift, y)
      case .avx2: return row_exponentials_avx2(x, count, shift, y)
      case nil: break
      }
    #endif
    return row_exponentials_plain(x, count, shift, y)
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
  }
}
