// Products of a few rows with a large matrix: short prompts, and whatever reads all weights for little.
//
// Such a product waits for memory. The loops of few_rows.h, beside the door to OpenBLAS, read the matrix once and in
// order, where a matrix product of BLAS would copy it first.

import COpenBLAS

enum FewRows {
  /// The most rows for which reading the matrix costs more than multiplying.
  static let limit = 24
  /// The least elements of a matrix for which it matters how it is read: 256 KiB, which no first-level cache holds.
  static let leastElements = 1 << 16

  /// The loops for a product C ← α·A·op(B) + β·C; nil where it is not one of few rows, or there are none.
  static func instructions(rows: Int, columns: Int, inner: Int, alpha: Float, beta: Float) -> VectorInstructions? {
    rows <= limit && inner * columns >= leastElements && alpha == 1 && (beta == 0 || beta == 1)
      ? VectorInstructions.chosen : nil
  }

  /// Computes C ← A·op(B), or adds it to what C holds; the other arguments are those of `BLAS.gemm`.
  static func multiply(
    with instructions: VectorInstructions, transposeB: Bool, rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, leadingA: Int, _ b: UnsafePointer<Float>, leadingB: Int, adding: Bool,
    _ c: UnsafeMutablePointer<Float>, leadingC: Int
  ) {
    #if arch(x86_64)
      let (transposed, adds): (Int32, Int32) = (transposeB ? 1 : 0, adding ? 1 : 0)
      switch instructions {
      case .avx512:
        few_rows_avx512(transposed, rows, columns, inner, a, leadingA, b, leadingB, c, leadingC, adds)
      case .avx2:
        few_rows_avx2(transposed, rows, columns, inner, a, leadingA, b, leadingB, c, leadingC, adds)
      }
    #else
      preconditionFailure("there are no loops for few rows on this processor")
    #endif
  }
}
