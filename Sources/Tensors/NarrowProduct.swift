// Products with one narrow matrix, cut so that OpenBLAS takes its kernels for small matrices.
//
// Training small transformers is thousands of rows times matrices of 32 or 128 columns. OpenBLAS copies both operands of
// a large product into an order of its own, which here costs as much as half of the arithmetic; below 100³
// multiplications its AVX-512 kernels read them where they lie. So a tall product is done in pieces of that size. Those
// kernels are slow at one thing, a transposed right operand: a narrow one is transposed first.

import COpenBLAS

extension BLAS {
  /// The multiplications up to which nothing is copied (`sgemm_small_kernel_permit_skylakex.c`).
  private static let smallWork = 1_000_000

  /// Elements of a matrix that is narrow enough: a piece then has at least 48 rows.
  private static let narrowCount = 1 << 14

  /// Whether the library has kernels for small matrices on this processor; without them pieces would be copied too.
  private static let hasSmallKernels = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(coreName)

  /// Computes C ← α·op(A)·op(B) + β·C on one thread, where nothing is empty.
  static func multiply(
    _ transposeA: Bool, _ transposeB: Bool, _ rows: Int, _ columns: Int, _ inner: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ leadingA: Int, _ b: UnsafePointer<Float>, _ leadingB: Int, _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ leadingC: Int
  ) {
    let isTall = !transposeA && inner * columns <= narrowCount && rows >= 32
    let isDeep = transposeA && !transposeB && rows * columns <= narrowCount / 4
    let isLarge = rows * columns * inner > smallWork
    guard hasSmallKernels && (isTall && (isLarge || transposeB) || isDeep && isLarge) else {
      return sgemm(
        transposeA, transposeB, rows, columns, inner, alpha, a, leadingA, b, leadingB, beta, c, leadingC)
    }
    if isDeep {
      // Sums of sums are more exact than one long sum.
      let step = min(512, smallWork / (rows * columns) & ~15)
      for first in stride(from: 0, to: inner, by: step) {
        sgemm(
          true, false, rows, columns, min(step, inner - first), alpha, a + first * leadingA, leadingA,
          b + first * leadingB, leadingB, first == 0 ? beta : 1, c, leadingC)
      }
    } else if transposeB {
      withUnsafeTemporaryAllocation(of: Float.self, capacity: inner * columns) { turned in
        guard let turned = turned.baseAddress else { return }
        Kernels.transpose(b, stride: leadingB, rows: columns, columns: inner, into: turned, pitch: columns)
        multiplyTall(rows, columns, inner, alpha, a, leadingA, turned, columns, beta, c, leadingC)
      }
    } else {
      multiplyTall(rows, columns, inner, alpha, a, leadingA, b, leadingB, beta, c, leadingC)
    }
  }

  private static func multiplyTall(
    _ rows: Int, _ columns: Int, _ inner: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ leadingA: Int,
    _ b: UnsafePointer<Float>, _ leadingB: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ leadingC: Int
  ) {
    let step = smallWork / (inner * columns) & ~15
    for first in stride(from: 0, to: rows, by: step) {
      sgemm(
        false, false, min(step, rows - first), columns, inner, alpha, a + first * leadingA, leadingA, b, leadingB, beta,
        c + first * leadingC, leadingC)
    }
  }

  private static func sgemm(
    _ transposeA: Bool, _ transposeB: Bool, _ rows: Int, _ columns: Int, _ inner: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ leadingA: Int, _ b: UnsafePointer<Float>, _ leadingB: Int, _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ leadingC: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, blasint(rows),
      blasint(columns), blasint(inner), alpha, a, blasint(leadingA), b, blasint(leadingB), beta, c, blasint(leadingC))
  }
}
