// Products of tensors: matrices, batches of matrices with broadcasting, vectors.

extension Tensor {
  /// The matrix product with another tensor, batched over all axes but the last two, which broadcast.
  ///
  /// `[…, rows, inner] × […, inner, columns] → […, rows, columns]`; a transposition flag exchanges the last two axes of
  /// its operand without copying. As in NumPy, a vector on the left counts as one row and on the right as one column,
  /// and that axis is absent from the result. A product over an empty inner axis is zero.
  public func matmul(_ other: Tensor, transposingSelf: Bool = false, transposingOther: Bool = false) -> Tensor {
    precondition(rank > 0 && other.rank > 0, "a scalar has no matrix product; multiply with *")
    let left = rank == 1 ? reshaped([1, count]) : self
    let right = other.rank == 1 ? other.reshaped([other.count, 1]) : other
    let (transposeA, transposeB) = (transposingSelf && rank > 1, transposingOther && other.rank > 1)
    var product = Tensor.batchedProduct(left, transposeA, right, transposeB)
    if rank == 1 || other.rank == 1 {
      var newShape = product.shape
      if other.rank == 1 { newShape.removeLast() }
      if rank == 1 { newShape.remove(at: newShape.count - (other.rank == 1 ? 1 : 2)) }
      product = product.reshaped(newShape)
    }
    return product
  }

  /// The scalar product of two vectors of one length.
  public func dot(_ other: Tensor) -> Float {
    precondition(rank == 1 && shape == other.shape, "no scalar product of the shapes \(shape) and \(other.shape)")
    return withUnsafeElements { x in
      other.withUnsafeElements { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
        return BLAS.dot(count, x, y)
      }
    }
  }

  /// The outer product of two vectors, `[count, other.count]`.
  public func outer(_ other: Tensor) -> Tensor {
    precondition(rank == 1 && other.rank == 1, "no outer product of the shapes \(shape) and \(other.shape)")
    return insertingAxis(at: 1) * other.insertingAxis(at: 0)
  }

  private static func batchedProduct(
    _ left: Tensor, _ transposeA: Bool, _ right: Tensor, _ transposeB: Bool
  ) -> Tensor {
    let (a, b) = (left.shape.suffix(2), right.shape.suffix(2))
    let (storedA, storedB) = (
      (rows: a[a.startIndex], columns: a[a.startIndex + 1]), (rows: b[b.startIndex], columns: b[b.startIndex + 1])
    )
    let rows = transposeA ? storedA.columns : storedA.rows
    let inner = transposeA ? storedA.rows : storedA.columns
    let columns = transposeB ? storedB.rows : storedB.columns
    let batchA = Array(left.shape.dropLast(2)), batchB = Array(right.shape.dropLast(2))
    guard inner == (transposeB ? storedB.columns : storedB.rows), let batch = broadcastShape(batchA, batchB) else {
      preconditionFailure(
        "no matrix product of \(left.shape)\(transposeA ? "ᵀ" : "") and \(right.shape)\(transposeB ? "ᵀ" : "")")
    }
    var result = Tensor(uninitialized: batch + [rows, columns])
    guard result.count > 0 else { return result }
    guard inner > 0 else { return Tensor(zeros: result.shape) }
    // One matrix on the right serves a whole batch on the left: its members are more rows of one product.
    let isOneProduct = count(of: batchB) == 1 && !transposeA && batch == batchA
    let plan = isOneProduct ? BroadcastPlan([], [], []) : BroadcastPlan(batch, batchA, batchB)
    let productRows = isOneProduct ? rows * count(of: batch) : rows
    left.withUnsafeElements { left in
      right.withUnsafeElements { right in
        result.withUnsafeMutableElements { target in
          guard let a = left.baseAddress, let b = right.baseAddress, let c = target.baseAddress else { return }
          plan.forEachRun { output, firstA, firstB in
            BLAS.gemm(
              batch: plan.innerCount, transposeA: transposeA, transposeB: transposeB, rows: productRows,
              columns: columns, inner: inner, a + firstA * rows * inner, leadingA: storedA.columns,
              strideA: plan.leftVaries ? rows * inner : 0, b + firstB * inner * columns, leadingB: storedB.columns,
              strideB: plan.rightVaries ? inner * columns : 0, c + output * rows * columns, leadingC: columns,
              strideC: rows * columns)
          }
        }
      }
    }
    return result
  }
}
