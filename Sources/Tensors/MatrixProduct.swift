// Matrix products through BLAS: the pointer-level call that everything else is built on.

import COpenBLAS

extension BLAS {
  /// Computes C ← α·op(A)·op(B) + β·C on row-major memory.
  ///
  /// op(A) is `[rows, inner]`, op(B) `[inner, columns]`, C `[rows, columns]`; a leading dimension is the distance in
  /// elements between the starts of two stored rows. With β = 0, C may hold anything, NaN included.
  public static func gemm(
    transposeA: Bool = false, transposeB: Bool = false, rows: Int, columns: Int, inner: Int, alpha: Float = 1,
    _ a: UnsafePointer<Float>, leadingA: Int, _ b: UnsafePointer<Float>, leadingB: Int, beta: Float = 0,
    _ c: UnsafeMutablePointer<Float>, leadingC: Int
  ) {
    _ = ready
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), alpha, a, blasint(leadingA), b, blasint(leadingB), beta,
      c, blasint(leadingC))
  }
}
