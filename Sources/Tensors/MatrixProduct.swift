// Matrix and vector products through BLAS, on pointers: what everything else is built on.
//
// Zero sizes, one-row products and β = 0 are settled here rather than left to the library, whose releases differ: a
// product over an empty inner axis is zero, and with β = 0 the old content never matters, NaN included.

import COpenBLAS

extension BLAS {
  /// Computes C ← α·op(A)·op(B) + β·C on row-major memory.
  ///
  /// op(A) is `[rows, inner]`, op(B) `[inner, columns]`, C `[rows, columns]`; a leading dimension is the distance in
  /// elements between the starts of two stored rows. With β = 0, C may hold anything, NaN included. Products with one
  /// row or one column are matrix-vector products.
  public static func gemm(
    transposeA: Bool = false, transposeB: Bool = false, rows: Int, columns: Int, inner: Int, alpha: Float = 1,
    _ a: UnsafePointer<Float>, leadingA: Int, _ b: UnsafePointer<Float>, leadingB: Int, beta: Float = 0,
    _ c: UnsafeMutablePointer<Float>, leadingC: Int
  ) {
    _ = ready
    precondition(rows >= 0 && columns >= 0 && inner >= 0, "a product of sizes \(rows), \(inner), \(columns)")
    precondition(leadingC >= columns, "rows of \(columns) do not fit a leading dimension of \(leadingC)")
    guard rows > 0, columns > 0 else { return }
    guard inner > 0 else {
      for row in 0..<rows { scale(columns, beta, c + row * leadingC) }
      return
    }
    precondition(leadingA >= (transposeA ? rows : inner), "the rows of A overlap: leading dimension \(leadingA)")
    precondition(leadingB >= (transposeB ? inner : columns), "the rows of B overlap: leading dimension \(leadingB)")
    if rows == 1 {
      // The row of A times B is Bᵀ times it.
      gemv(
        transpose: !transposeB, rows: transposeB ? columns : inner, columns: transposeB ? inner : columns, alpha: alpha,
        b, leading: leadingB, a, strideX: transposeA ? leadingA : 1, beta: beta, c)
    } else if columns == 1 {
      gemv(
        transpose: transposeA, rows: transposeA ? inner : rows, columns: transposeA ? rows : inner, alpha: alpha,
        a, leading: leadingA, b, strideX: transposeB ? 1 : leadingB, beta: beta, c, strideY: leadingC)
    } else {
      // The longer side of C is cut; every element of it is still one sum in one place.
      let cutsRows = rows >= columns
      let grain = max(16, parallelWork / (inner * min(rows, columns)))
      let fewRows =
        transposeA ? nil : FewRows.instructions(rows: rows, columns: columns, inner: inner, alpha: alpha, beta: beta)
      Parallelism.forEachRange(cutsRows ? rows : columns, grain: grain) { range in
        let (row, column) = cutsRows ? (range.lowerBound, 0) : (0, range.lowerBound)
        let (rows, columns) = cutsRows ? (range.count, columns) : (rows, range.count)
        let (a, b) = (a + (transposeA ? row : row * leadingA), b + (transposeB ? column * leadingB : column))
        let c = c + row * leadingC + column
        if let fewRows {
          FewRows.multiply(
            with: fewRows, transposeB: transposeB, rows: rows, columns: columns, inner: inner, a, leadingA: leadingA,
            b, leadingB: leadingB, adding: beta == 1, c, leadingC: leadingC)
        } else {
          multiply(
            transposeA, transposeB, rows, columns, inner, alpha, a, leadingA, b, leadingB, beta, c, leadingC)
        }
      }
    }
  }

  /// Multiplications that are worth a thread of their own.
  private static let parallelWork = 1 << 19

  /// Computes one product for each member of a batch; a stride is the distance between two members, zero to share one.
  public static func gemm(
    batch: Int, transposeA: Bool = false, transposeB: Bool = false, rows: Int, columns: Int, inner: Int,
    alpha: Float = 1, _ a: UnsafePointer<Float>, leadingA: Int, strideA: Int, _ b: UnsafePointer<Float>,
    leadingB: Int, strideB: Int, beta: Float = 0, _ c: UnsafeMutablePointer<Float>, leadingC: Int, strideC: Int
  ) {
    for member in 0..<batch {
      gemm(
        transposeA: transposeA, transposeB: transposeB, rows: rows, columns: columns, inner: inner, alpha: alpha,
        a + member * strideA, leadingA: leadingA, b + member * strideB, leadingB: leadingB, beta: beta,
        c + member * strideC, leadingC: leadingC)
    }
  }

  /// Computes y ← α·op(A)·x + β·y, where A is stored as `[rows, columns]`.
  public static func gemv(
    transpose: Bool = false, rows: Int, columns: Int, alpha: Float = 1, _ a: UnsafePointer<Float>, leading: Int,
    _ x: UnsafePointer<Float>, strideX: Int = 1, beta: Float = 0, _ y: UnsafeMutablePointer<Float>, strideY: Int = 1
  ) {
    _ = ready
    let outputs = transpose ? columns : rows
    if beta == 0 {
      for index in 0..<outputs { y[index * strideY] = 0 }
    } else if rows == 0 || columns == 0 {
      for index in 0..<outputs { y[index * strideY] *= beta }
    }
    guard rows > 0, columns > 0 else { return }
    cblas_sgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), alpha, a,
      blasint(leading), x, blasint(strideX), beta == 0 ? 1 : beta, y, blasint(strideY))
  }

  /// Adds the outer product: A ← A + α·x·yᵀ, where A is `[rows, columns]`.
  public static func outer(
    rows: Int, columns: Int, alpha: Float = 1, _ x: UnsafePointer<Float>, strideX: Int = 1, _ y: UnsafePointer<Float>,
    strideY: Int = 1, _ a: UnsafeMutablePointer<Float>, leading: Int
  ) {
    _ = ready
    guard rows > 0, columns > 0 else { return }
    cblas_sger(
      CblasRowMajor, blasint(rows), blasint(columns), alpha, x, blasint(strideX), y, blasint(strideY), a,
      blasint(leading))
  }

  /// The scalar product of two vectors; zero for none.
  public static func dot(
    _ count: Int, _ x: UnsafePointer<Float>, strideX: Int = 1, _ y: UnsafePointer<Float>, strideY: Int = 1
  ) -> Float {
    _ = ready
    return count > 0 ? cblas_sdot(blasint(count), x, blasint(strideX), y, blasint(strideY)) : 0
  }

  /// The Euclidean norm of a vector, without overflow on the way; zero for none.
  public static func norm(_ count: Int, _ x: UnsafePointer<Float>, stride: Int = 1) -> Float {
    _ = ready
    return count > 0 ? cblas_snrm2(blasint(count), x, blasint(stride)) : 0
  }

  /// Adds a multiple: y ← y + α·x.
  public static func axpy(
    _ count: Int, _ alpha: Float, _ x: UnsafePointer<Float>, strideX: Int = 1, _ y: UnsafeMutablePointer<Float>,
    strideY: Int = 1
  ) {
    _ = ready
    guard count > 0 else { return }
    cblas_saxpy(blasint(count), alpha, x, blasint(strideX), y, blasint(strideY))
  }

  /// Multiplies a vector; a factor of zero clears it whatever it held, NaN included.
  public static func scale(_ count: Int, _ factor: Float, _ x: UnsafeMutablePointer<Float>) {
    if factor == 0 {
      x.update(repeating: 0, count: max(count, 0))
    } else if factor != 1 {
      for index in 0..<count { x[index] *= factor }
    }
  }
}
