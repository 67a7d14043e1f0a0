// A product of two thin matrices that is never multiplied out: what an attention head does to the residual stream.
//
// A head's W_Q·W_Kᵀ and W_V·W_O are dModel × dModel but of rank dHead. Products, norm, trace, singular values and
// eigenvalues of A·B need only A and B (Elhage et al. 2021, *A Mathematical Framework for Transformer Circuits*). Names
// are TransformerLens's.

import Tensors

/// The matrix A·B of low rank, or a batch of them, kept as its factors.
public struct FactoredMatrix: Sendable {
  /// The left factor, `[…, m, r]`.
  public let A: Tensor
  /// The right factor, `[…, r, n]`.
  public let B: Tensor

  /// Creates the product of two factors; leading axes, a batch, broadcast.
  public init(_ A: Tensor, _ B: Tensor) {
    precondition(
      A.rank >= 2 && B.rank >= 2 && A.shape[A.rank - 1] == B.shape[B.rank - 2],
      "\(A.shape) and \(B.shape) are not the factors of a matrix")
    let batch = Tensor.broadcastShape(Array(A.shape.dropLast(2)), Array(B.shape.dropLast(2)))
    guard let batch else { preconditionFailure("the batches of \(A.shape) and \(B.shape) do not fit together") }
    self.A = A
    self.B = B
    self.batch = batch
  }

  /// The leading axes, which number the matrices; empty for one matrix.
  public let batch: [Int]
  /// The number of rows, m.
  public var rows: Int { A.shape[A.rank - 2] }
  /// The number of columns, n.
  public var columns: Int { B.shape[B.rank - 1] }
  /// The extent that the factors share, r: a bound of the matrix's rank.
  public var inner: Int { B.shape[B.rank - 2] }
  /// The shape of the product, `[…, m, n]`.
  public var shape: [Int] { batch + [rows, columns] }

  /// The product itself, `[…, m, n]`.
  public var AB: Tensor { A.matmul(B) }
  /// The factors multiplied the other way round, `[…, r, r]`; needs m = n.
  ///
  /// Its eigenvalues are those of A·B that are not zero.
  public var BA: Tensor {
    precondition(rows == columns, "B·A of a matrix of shape \(shape): only a square one has it")
    return B.matmul(A)
  }
  /// Each matrix transposed: Bᵀ·Aᵀ.
  public var transposed: FactoredMatrix { FactoredMatrix(B.transposed(), A.transposed()) }

  /// Some of a batch: one position on its first axis, which is gone.
  public subscript(_ position: Int) -> FactoredMatrix {
    precondition(!batch.isEmpty, "a single matrix is not a batch; its elements are those of AB")
    return FactoredMatrix(
      A.broadcast(to: batch + [rows, inner]).slice(axis: 0, at: position),
      B.broadcast(to: batch + [inner, columns]).slice(axis: 0, at: position))
  }

  /// The first rows and columns of the product, `[…, count, count]`.
  public func corner(_ count: Int = 3) -> Tensor {
    A.slice(axis: A.rank - 2, 0..<min(count, rows)).matmul(B.slice(axis: B.rank - 1, 0..<min(count, columns)))
  }
}

// MARK: - Products

extension FactoredMatrix {
  /// The matrix times a vector `[n]`, giving `[…, m]`, or times a matrix `[…, n, k]`, giving it multiplied out.
  public func matmul(_ other: Tensor) -> Tensor {
    guard other.rank == 1 else { return A.matmul(B.matmul(other)) }
    let product = A.matmul(B.matmul(other.reshaped([other.count, 1])))
    return product.reshaped(product.shape.dropLast())
  }

  /// The matrix times a matrix `[…, n, k]`, kept in factors: A·(B·M).
  public func factored(times other: Tensor) -> FactoredMatrix { FactoredMatrix(A, B.matmul(other)) }

  /// The product of two, kept in factors of the smaller rank.
  public func matmul(_ other: FactoredMatrix) -> FactoredMatrix {
    let middle = B.matmul(other.A)
    return inner > other.inner
      ? FactoredMatrix(A.matmul(middle), other.B) : FactoredMatrix(A, middle.matmul(other.B))
  }

  /// Each matrix times a number.
  public static func * (left: FactoredMatrix, right: Float) -> FactoredMatrix { FactoredMatrix(left.A * right, left.B) }

  /// A number times each matrix.
  public static func * (left: Float, right: FactoredMatrix) -> FactoredMatrix { right * left }
}

extension Tensor {
  /// A vector `[m]` times the matrix, giving `[…, n]`, or a matrix `[…, k, m]` times it, multiplied out.
  public func matmul(_ other: FactoredMatrix) -> Tensor {
    guard rank == 1 else { return matmul(other.A).matmul(other.B) }
    let product = reshaped([1, count]).matmul(other.A).matmul(other.B)
    return product.reshaped(product.shape.dropLast(2) + [other.columns])
  }

  /// A matrix `[…, k, m]` times the factored one, kept in factors: (M·A)·B.
  public func factored(times other: FactoredMatrix) -> FactoredMatrix { FactoredMatrix(matmul(other.A), other.B) }
}
