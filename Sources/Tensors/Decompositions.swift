// What decompositions of a matrix result in, and why there may be no result: see `Tensor+Decompositions.swift`.

/// Why a decomposition has no result.
public enum DecompositionError: Error, Equatable, CustomStringConvertible {
  /// The named operand holds NaN or an infinity at a row-major position.
  case notFinite(operation: String, operand: String, position: Int)
  /// The iteration of the named operation did not converge; LAPACK's code says how far it came.
  case notConverged(operation: String, code: Int)

  /// A sentence that says what happened.
  public var description: String {
    switch self {
    case .notFinite(let operation, let operand, let position):
      "\(operation) needs finite numbers, but \(operand) holds NaN or an infinity at element \(position)"
    case .notConverged(let operation, let code):
      "\(operation) did not converge (LAPACK reports \(code))"
    }
  }
}

/// A = U · diag(S) · Vᵀ.
public struct SingularValueDecomposition: Sendable {
  /// The left vectors as columns: `[rows, smaller]`, or `[rows, rows]` when full.
  public var u: Tensor
  /// The singular values, descending: `[smaller]`.
  public var values: Tensor
  /// The right vectors as rows: `[smaller, columns]`, or `[columns, columns]` when full.
  public var vTransposed: Tensor
}

/// A · V = V · diag(λ) for a symmetric A.
public struct SymmetricEigendecomposition: Sendable {
  /// The eigenvalues, ascending: `[n]`.
  public var values: Tensor
  /// The orthonormal eigenvectors as columns: `[n, n]`.
  public var vectors: Tensor
}

/// A · V = V · diag(λ) for a general real A; complex pairs stand side by side, the positive imaginary part first.
public struct Eigendecomposition: Sendable {
  /// The real parts of the eigenvalues: `[n]`.
  public var realValues: Tensor
  /// The imaginary parts of the eigenvalues: `[n]`.
  public var imaginaryValues: Tensor
  /// The real parts of the eigenvectors of norm one, as columns: `[n, n]`.
  public var realVectors: Tensor
  /// The imaginary parts of the eigenvectors, as columns: `[n, n]`.
  public var imaginaryVectors: Tensor
}

/// The solution of A · X ≈ B of least squares and, among those, of least norm.
public struct LeastSquaresSolution: Sendable {
  /// The solution: `[columns]` or `[columns, right sides]`.
  public var solution: Tensor
  /// The numerical rank of A.
  public var rank: Int
  /// The singular values of A, descending.
  public var singularValues: Tensor
}
