// Norm, trace, singular values and eigenvalues of a product, from its factors.

import Tensors

extension FactoredMatrix {
  /// The Frobenius norm of each matrix, `[…]`.
  ///
  /// ‖A·B‖² is the sum of the elements of AᵀA ∘ BBᵀ. Where A and B are nearly orthogonal that sum cancels: a norm
  /// below 3·10⁻⁴ ‖A‖‖B‖ is noise.
  public var norm: Tensor {
    let grams = A.matmul(A, transposingSelf: true) * B.matmul(B, transposingOther: true)
    return grams.sum(axes: [grams.rank - 2, grams.rank - 1]).map { max($0, 0).squareRoot() }
  }

  /// The sum of the diagonal of each square matrix, `[…]`: Σᵢⱼ Aᵢⱼ Bⱼᵢ.
  public var trace: Tensor {
    precondition(rows == columns, "the trace of a matrix of shape \(shape): only a square one has it")
    let products = A * B.transposed()
    return products.sum(axes: [products.rank - 2, products.rank - 1])
  }

  /// The singular value decomposition A·B = U·diag(S)·Vᵀ.
  public struct SVD: Sendable {
    /// The left singular vectors as columns, `[…, m, k]`, where k is the least of m, r and n.
    public let U: Tensor
    /// The singular values, descending, `[…, k]`.
    public let S: Tensor
    /// The right singular vectors as columns, `[…, n, k]`: V, not Vᵀ.
    public let V: Tensor
  }

  /// The singular values and vectors of each matrix; V is not transposed.
  ///
  /// Each factor is decomposed, then the small matrix between their orthonormal bases.
  public func svd() throws(DecompositionError) -> SVD {
    var parts: [SVD] = []
    for member in members { parts.append(try member.singleSVD()) }
    let count = min(rows, inner, columns)
    return SVD(
      U: FactoredMatrix.joined(parts.map(\.U), batch, [rows, count]),
      S: FactoredMatrix.joined(parts.map(\.S), batch, [count]),
      V: FactoredMatrix.joined(parts.map(\.V), batch, [columns, count]))
  }

  /// Factors of the same product that share its size: U·√S and √S·Vᵀ.
  public func makeEven() throws(DecompositionError) -> FactoredMatrix {
    let parts = try svd()
    let roots = parts.S.squareRoots()
    return FactoredMatrix(
      parts.U * roots.insertingAxis(at: roots.rank - 1),
      (parts.V * roots.insertingAxis(at: roots.rank - 1)).transposed())
  }

  /// The eigenvalues of each square matrix that are not zero, as many as r, by falling magnitude.
  ///
  /// They are those of the small product B·A; where r exceeds m, zeros are among them.
  public func eigenvalues() throws(DecompositionError) -> Eigenvalues {
    let products = FactoredMatrix(BA, Tensor.identity(inner))
    var (real, imaginary): ([Tensor], [Tensor]) = ([], [])
    for member in products.members {
      let values = Eigenvalues.sorted(try member.A.eigen())
      real.append(values.real)
      imaginary.append(values.imaginary)
    }
    return Eigenvalues(
      real: FactoredMatrix.joined(real, batch, [inner]), imaginary: FactoredMatrix.joined(imaginary, batch, [inner]))
  }

  // MARK: - One at a time

  /// The matrices of a batch, one after the other.
  private var members: [FactoredMatrix] {
    guard !batch.isEmpty else { return [self] }
    let count = Tensor.count(of: batch)
    let left = A.broadcast(to: batch + [rows, inner]).reshaped([count, rows, inner])
    let right = B.broadcast(to: batch + [inner, columns]).reshaped([count, inner, columns])
    return (0..<count).map { FactoredMatrix(left.slice(axis: 0, at: $0), right.slice(axis: 0, at: $0)) }
  }

  private static func joined(_ tensors: [Tensor], _ batch: [Int], _ shape: [Int]) -> Tensor {
    tensors.isEmpty ? Tensor(zeros: batch + shape) : Tensor.stacked(tensors).reshaped(batch + shape)
  }

  private func singleSVD() throws(DecompositionError) -> SVD {
    let (left, right) = (try A.svd(), try B.svd())
    // A·B = Uₐ·(Sₐ·Vₐᵀ·U_b·S_b)·V_bᵀ
    let middle = (left.vTransposed * left.values.insertingAxis(at: 1)).matmul(right.u * right.values)
    let core = try middle.svd()
    return SVD(
      U: left.u.matmul(core.u), S: core.values,
      V: right.vTransposed.matmul(core.vTransposed, transposingSelf: true, transposingOther: true))
  }
}
