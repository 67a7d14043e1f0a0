// Matrix decompositions through LAPACK.
//
// LAPACK counts by columns, this project by rows: a row-major matrix is LAPACK's transposed one, so A = U·S·Vᵀ is read
// off as Aᵀ = V·S·Uᵀ without copying, and only where that does not work is a matrix transposed. NaN and infinities are
// refused beforehand, since LAPACK may loop or return nonsense on them. Signs and, for equal values, bases of vectors
// are whatever the library chose.

import COpenBLAS

extension Tensor {
  /// The singular value decomposition of a matrix, thin unless asked to be full.
  public func svd(full: Bool = false) throws(DecompositionError) -> SingularValueDecomposition {
    let (rows, columns) = matrixSize("a singular value decomposition")
    try requireFinite("the singular value decomposition", "the matrix")
    let smaller = min(rows, columns)
    var values = Tensor(zeros: [smaller])
    var u = full ? Tensor.identity(rows) : Tensor(zeros: [rows, smaller])
    var vTransposed = full ? Tensor.identity(columns) : Tensor(zeros: [smaller, columns])
    guard smaller > 0 else { return SingularValueDecomposition(u: u, values: values, vTransposed: vTransposed) }
    var matrix = self
    var integers = [CInt](repeating: 0, count: 8 * smaller)
    var job = CChar(bitPattern: UInt8(ascii: full ? "A" : "S"))
    // LAPACK's matrix is Aᵀ, [columns, rows]: its left vectors are our right ones.
    var (m, n) = (CInt(columns), CInt(rows))
    var leadingRight = CInt(full ? rows : smaller)
    let code = withWorkspace { work, size in
      matrix.withUnsafeMutableElements { a in
        values.withUnsafeMutableElements { s in
          u.withUnsafeMutableElements { u in
            vTransposed.withUnsafeMutableElements { v in
              var code: CInt = 0
              sgesdd_(
                &job, &m, &n, a.baseAddress, &m, s.baseAddress, v.baseAddress, &m, u.baseAddress, &leadingRight, work,
                size, &integers, &code)
              return code
            }
          }
        }
      }
    }
    guard code == 0 else { throw .notConverged(operation: "the singular value decomposition", code: code) }
    return SingularValueDecomposition(u: u, values: values, vTransposed: vTransposed)
  }

  /// The eigenvalues and eigenvectors of a symmetric matrix, of which only the lower triangle is read.
  public func symmetricEigen() throws(DecompositionError) -> SymmetricEigendecomposition {
    let size = squareSize("a symmetric eigendecomposition")
    try requireFinite("the symmetric eigendecomposition", "the matrix")
    var values = Tensor(zeros: [size])
    var vectors = self
    guard size > 0 else { return SymmetricEigendecomposition(values: values, vectors: vectors) }
    var integers = [CInt](repeating: 0, count: 3 + 5 * size)
    var (job, triangle) = (CChar(bitPattern: UInt8(ascii: "V")), CChar(bitPattern: UInt8(ascii: "U")))
    var (n, integerCount) = (CInt(size), CInt(3 + 5 * size))
    let code = withWorkspace { work, workSize in
      vectors.withUnsafeMutableElements { a in
        values.withUnsafeMutableElements { w in
          var code: CInt = 0
          ssyevd_(
            &job, &triangle, &n, a.baseAddress, &n, w.baseAddress, work, workSize, &integers, &integerCount, &code)
          return code
        }
      }
    }
    guard code == 0 else { throw .notConverged(operation: "the symmetric eigendecomposition", code: code) }
    return SymmetricEigendecomposition(values: values, vectors: vectors.transposed())
  }

  /// The complex eigenvalues and right eigenvectors of a square matrix.
  public func eigen() throws(DecompositionError) -> Eigendecomposition {
    let size = squareSize("an eigendecomposition")
    try requireFinite("the eigendecomposition", "the matrix")
    var (real, imaginary) = (Tensor(zeros: [size]), Tensor(zeros: [size]))
    var packed = Tensor(zeros: [size, size])
    guard size > 0 else {
      return Eigendecomposition(
        realValues: real, imaginaryValues: imaginary, realVectors: packed, imaginaryVectors: packed)
    }
    var matrix = transposed()
    var (none, all) = (CChar(bitPattern: UInt8(ascii: "N")), CChar(bitPattern: UInt8(ascii: "V")))
    var n = CInt(size)
    let code = withWorkspace { work, workSize in
      matrix.withUnsafeMutableElements { a in
        real.withUnsafeMutableElements { wr in
          imaginary.withUnsafeMutableElements { wi in
            packed.withUnsafeMutableElements { v in
              var code: CInt = 0
              sgeev_(
                &none, &all, &n, a.baseAddress, &n, wr.baseAddress, wi.baseAddress, nil, &n, v.baseAddress, &n, work,
                workSize, &code)
              return code
            }
          }
        }
      }
    }
    guard code == 0 else { throw .notConverged(operation: "the eigendecomposition", code: code) }
    let (realVectors, imaginaryVectors) = Tensor.unpack(packed, imaginary.elements)
    return Eigendecomposition(
      realValues: real, imaginaryValues: imaginary, realVectors: realVectors.transposed(),
      imaginaryVectors: imaginaryVectors.transposed())
  }

  /// The least-squares solution of this matrix times X = `other`, of least norm where several fit equally well.
  ///
  /// `other` is `[rows]` or `[rows, right sides]`. Singular values below `tolerance` times the largest count as zero;
  /// without a tolerance it is the machine's precision times the larger side, as in NumPy.
  public func leastSquares(
    _ other: Tensor, tolerance: Float? = nil
  ) throws(DecompositionError) -> LeastSquaresSolution {
    let (rows, columns) = matrixSize("least squares")
    precondition(
      (other.rank == 1 || other.rank == 2) && other.shape[0] == rows,
      "right sides of shape \(other.shape) for a matrix of shape \(shape)")
    try requireFinite("least squares", "the matrix")
    try other.requireFinite("least squares", "the right side")
    let sides = other.rank == 1 ? 1 : other.shape[1]
    let solutionShape = other.rank == 1 ? [columns] : [columns, sides]
    let smaller = min(rows, columns)
    var values = Tensor(zeros: [smaller])
    guard smaller > 0 else {
      return LeastSquaresSolution(solution: Tensor(zeros: solutionShape), rank: 0, singularValues: values)
    }
    let tall = max(rows, columns)
    var matrix = transposed()
    // [right sides, tall] here is LAPACK's [tall, right sides]; the solution comes back in the same place.
    let padding = Tensor(zeros: [max(sides, 1), tall - rows])
    let right = sides > 0 ? other.reshaped([rows, sides]).transposed() : Tensor(zeros: [1, rows])
    var both = Tensor.concatenated([right, padding], axis: 1)
    var integers = [CInt](repeating: 0, count: 64 + smaller * (3 * Int.bitWidth + 11))
    var (m, n, k, leading) = (CInt(rows), CInt(columns), CInt(max(sides, 1)), CInt(tall))
    var limit = tolerance ?? Float.ulpOfOne * Float(tall)
    var effectiveRank: CInt = 0
    let code = withWorkspace { work, workSize in
      matrix.withUnsafeMutableElements { a in
        both.withUnsafeMutableElements { b in
          values.withUnsafeMutableElements { s in
            var code: CInt = 0
            sgelsd_(
              &m, &n, &k, a.baseAddress, &m, b.baseAddress, &leading, s.baseAddress, &limit, &effectiveRank, work,
              workSize, &integers, &code)
            return code
          }
        }
      }
    }
    guard code == 0 else { throw .notConverged(operation: "least squares", code: code) }
    let solution = both.slice(axis: 1, 0..<columns).slice(axis: 0, 0..<sides).transposed().reshaped(solutionShape)
    return LeastSquaresSolution(solution: solution, rank: Int(effectiveRank), singularValues: values)
  }

  /// The Moore–Penrose inverse, `[columns, rows]`; singular values below `tolerance` times the largest count as zero.
  public func pseudoInverse(tolerance: Float? = nil) throws(DecompositionError) -> Tensor {
    let (rows, columns) = matrixSize("a pseudo-inverse")
    let parts = try svd()
    let limit = (tolerance ?? Float.ulpOfOne * Float(max(rows, columns))) * (parts.values.elements.first ?? 0)
    let reciprocals = parts.values.map { $0 > limit ? 1 / $0 : 0 }
    return (parts.u * reciprocals).matmul(parts.vTransposed).transposed()
  }

  /// The square matrix with ones on its diagonal.
  public static func identity(_ size: Int) -> Tensor {
    var matrix = Tensor(zeros: [size, size])
    matrix.withUnsafeMutableElements { elements in
      for index in 0..<size { elements[index * (size + 1)] = 1 }
    }
    return matrix
  }
}

// MARK: - Shared steps

extension Tensor {
  private func matrixSize(_ operation: String) -> (rows: Int, columns: Int) {
    precondition(rank == 2, "\(operation) is of a matrix, not of a tensor of shape \(shape)")
    return (shape[0], shape[1])
  }

  private func squareSize(_ operation: String) -> Int {
    precondition(rank == 2 && shape[0] == shape[1], "\(operation) is of a square matrix, not of the shape \(shape)")
    return shape[0]
  }

  private func requireFinite(_ operation: String, _ operand: String) throws(DecompositionError) {
    guard let position = withUnsafeElements({ $0.firstIndex { !$0.isFinite } }) else { return }
    throw .notFinite(operation: operation, operand: operand, position: position)
  }

  /// Separates LAPACK's eigenvectors, one a row here: a complex pair shares two rows, real part then imaginary part.
  private static func unpack(_ packed: Tensor, _ imaginaryValues: [Float]) -> (real: Tensor, imaginary: Tensor) {
    var (real, imaginary) = (packed, Tensor(zeros: packed.shape))
    let size = imaginaryValues.count
    var row = 0
    while row < size {
      guard imaginaryValues[row] != 0, row + 1 < size else {
        row += 1
        continue
      }
      for column in 0..<size {
        let part = packed[row + 1, column]
        real[row + 1, column] = packed[row, column]
        imaginary[row, column] = part
        imaginary[row + 1, column] = -part
      }
      row += 2
    }
    return (real, imaginary)
  }
}

/// Runs a LAPACK routine twice: once to ask how much workspace it wants, once with that.
private func withWorkspace(
  _ routine: (_ work: UnsafeMutablePointer<Float>, _ size: UnsafeMutablePointer<CInt>) -> CInt
) -> Int {
  _ = BLAS.ready
  var wanted: Float = 0
  var size: CInt = -1
  let code = routine(&wanted, &size)
  guard code == 0 else { return Int(code) }
  // The size comes as a float: above 2²⁴ it may have been rounded down.
  size = CInt(wanted.nextUp.rounded(.up))
  return withUnsafeTemporaryAllocation(of: Float.self, capacity: Int(size)) { work in
    guard let base = work.baseAddress else { return -1 }
    return Int(routine(base, &size))
  }
}
