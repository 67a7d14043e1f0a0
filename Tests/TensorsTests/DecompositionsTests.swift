import Tensors
import Testing

@Suite("Decompositions")
struct DecompositionsTests {
  static let shapes = [[1, 1], [1, 5], [5, 1], [4, 4], [7, 3], [3, 7], [40, 25]]

  /// How far the columns are from orthonormal.
  private func departure(ofColumns matrix: Tensor) -> Float {
    matrix.matmul(matrix, transposingSelf: true).maximumDifference(from: .identity(matrix.shape[1]))
  }

  @Test("singular vectors are orthonormal and rebuild the matrix", arguments: shapes)
  func svd(shape: [Int]) throws {
    let matrix = Tensor.normal(shape)
    let thin = try matrix.svd()
    let smaller = shape.min() ?? 0
    #expect(thin.u.shape == [shape[0], smaller] && thin.vTransposed.shape == [smaller, shape[1]])
    #expect(departure(ofColumns: thin.u) < 3e-6)
    #expect(departure(ofColumns: thin.vTransposed.transposed()) < 3e-6)
    #expect((thin.u * thin.values).matmul(thin.vTransposed).maximumDifference(from: matrix) < 1e-5)
    #expect(zip(thin.values.elements, thin.values.elements.dropFirst()).allSatisfy { $0 >= $1 && $1 >= 0 })
    let full = try matrix.svd(full: true)
    #expect(full.u.shape == [shape[0], shape[0]] && full.vTransposed.shape == [shape[1], shape[1]])
    #expect(departure(ofColumns: full.u) < 3e-6)
    #expect(departure(ofColumns: full.vTransposed.transposed()) < 3e-6)
    #expect(full.values.isApproximatelyEqual(to: thin.values, absolute: 1e-5))
    let kept = full.u.slice(axis: 1, 0..<smaller) * full.values
    #expect(kept.matmul(full.vTransposed.slice(axis: 0, 0..<smaller)).maximumDifference(from: matrix) < 1e-5)
  }

  @Test("known singular values come out, left and right not exchanged")
  func knownSingularValues() throws {
    // diag(3, 2) between a rotation by 90° on the left and nothing on the right.
    let parts = try Tensor([0, -2, 3, 0, 0, 0], [3, 2]).svd()
    #expect(parts.values.isApproximatelyEqual(to: Tensor([3, 2], [2]), absolute: 1e-6))
    #expect(abs(abs(parts.u[1, 0]) - 1) < 1e-6 && abs(abs(parts.vTransposed[0, 0]) - 1) < 1e-6)
  }

  @Test("a matrix of rank two has two singular values")
  func rankDeficient() throws {
    let matrix = Tensor.normal([12, 2], "a").matmul(Tensor.normal([2, 9], "b"))
    let values = try matrix.svd().values.elements
    #expect(values[1] > 1 && values[2] < 1e-5)
    #expect(try Tensor(zeros: [3, 4]).svd().values == Tensor(zeros: [3]))
  }

  @Test("graded singular values keep small ones to the precision of the largest")
  func graded() throws {
    // Hadamard vectors of length 4 are exact, so the singular values are the diagonal times 4.
    let hadamard = Tensor([1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1], [4, 4])
    let matrix = (hadamard * Tensor([1, 1e-2, 1e-4, 1e-6], [4])).matmul(hadamard)
    let values = try matrix.svd().values
    #expect(values.isApproximatelyEqual(to: Tensor([4, 4e-2, 4e-4, 4e-6], [4]), absolute: 2e-6))
    #expect(values[0] == 4 || abs(values[0] - 4) < 2e-6)
  }

  @Test("zero sizes decompose into zero sizes")
  func zeroSizes() throws {
    let thin = try Tensor(zeros: [3, 0]).svd()
    #expect(thin.u.shape == [3, 0] && thin.values.shape == [0] && thin.vTransposed.shape == [0, 0])
    let full = try Tensor(zeros: [0, 2]).svd(full: true)
    #expect(full.u.shape == [0, 0] && full.vTransposed == .identity(2))
    #expect(try Tensor(zeros: [0, 0]).symmetricEigen().vectors.shape == [0, 0])
    #expect(try Tensor(zeros: [0, 0]).eigen().realVectors.shape == [0, 0])
    #expect(try Tensor(zeros: [0, 2]).leastSquares(Tensor(zeros: [0])).solution == Tensor(zeros: [2]))
    #expect(try Tensor(zeros: [2, 0]).leastSquares(Tensor(zeros: [2, 3])).solution.shape == [0, 3])
    #expect(try Tensor(zeros: [2, 3]).leastSquares(Tensor(zeros: [2, 0])).solution.shape == [3, 0])
    #expect(try Tensor(zeros: [2, 0]).pseudoInverse().shape == [0, 2])
  }

  @Test("symmetric eigenvectors are orthonormal columns that the matrix only stretches", arguments: [1, 2, 5, 30])
  func symmetricEigen(size: Int) throws {
    let half = Tensor.normal([size, size])
    let matrix = half + half.transposed()
    let parts = try matrix.symmetricEigen()
    #expect(departure(ofColumns: parts.vectors) < 3e-6)
    #expect(matrix.matmul(parts.vectors).maximumDifference(from: parts.vectors * parts.values) < 3e-5)
    #expect(zip(parts.values.elements, parts.values.elements.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("only the lower triangle of a symmetric matrix is read")
  func lowerTriangle() throws {
    let values = try Tensor([2, 99, 1, 2], [2, 2]).symmetricEigen().values
    #expect(values.isApproximatelyEqual(to: Tensor([1, 3], [2]), absolute: 1e-6))
  }

  @Test("a rotation has the eigenvalues cos ± i sin")
  func rotation() throws {
    let parts = try Tensor([0.6, -0.8, 0.8, 0.6], [2, 2]).eigen()
    #expect(parts.realValues.isApproximatelyEqual(to: Tensor([0.6, 0.6], [2]), absolute: 1e-6))
    #expect(parts.imaginaryValues.isApproximatelyEqual(to: Tensor([0.8, -0.8], [2]), absolute: 1e-6))
  }

  @Test("general eigenvectors satisfy A·v = λ·v, in complex numbers, with norm one", arguments: [1, 2, 3, 8, 21])
  func eigen(size: Int) throws {
    let matrix = Tensor.normal([size, size])
    let parts = try matrix.eigen()
    let (re, im) = (parts.realVectors, parts.imaginaryVectors)
    let realPart = re * parts.realValues - im * parts.imaginaryValues
    let imaginaryPart = re * parts.imaginaryValues + im * parts.realValues
    #expect(matrix.matmul(re).maximumDifference(from: realPart) < 2e-5)
    #expect(matrix.matmul(im).maximumDifference(from: imaginaryPart) < 2e-5)
    let norms = (re.squared() + im.squared()).sum(axis: 0)
    #expect(norms.isApproximatelyEqual(to: Tensor(ones: [size]), absolute: 3e-6))
    let trace = (0..<size).reduce(Float(0)) { $0 + matrix[$1, $1] }
    #expect(abs(parts.realValues.sum() - trace) < 2e-5)
  }

  @Test("least squares recovers what made the right side", arguments: [[5, 5], [20, 4]])
  func leastSquares(shape: [Int]) throws {
    let (matrix, truth) = (Tensor.normal(shape), Tensor.normal([shape[1], 3], "truth"))
    let fit = try matrix.leastSquares(matrix.matmul(truth))
    #expect(fit.rank == shape[1] && fit.solution.maximumDifference(from: truth) < 5e-5)
    let vector = truth.slice(axis: 1, at: 0)
    #expect(try matrix.leastSquares(matrix.matmul(vector)).solution.maximumDifference(from: vector) < 5e-5)
  }

  @Test("residuals are orthogonal to the columns")
  func residuals() throws {
    let (matrix, right) = (Tensor.normal([30, 6], "a"), Tensor.normal([30, 2], "b"))
    let residual = right - matrix.matmul(try matrix.leastSquares(right).solution)
    #expect(residual.norm() > 1)
    #expect(matrix.matmul(residual, transposingSelf: true).magnitudes().maximum() < 2e-5)
  }

  @Test("an underdetermined or deficient system gets the solution of least norm")
  func minimumNorm() throws {
    #expect(
      try Tensor([1, 1], [1, 2]).leastSquares(Tensor([2], [1])).solution
        .isApproximatelyEqual(to: Tensor([1, 1], [2]), absolute: 1e-6))
    let deficient = try Tensor([1, 1, 1, 1], [2, 2]).leastSquares(Tensor([1, 3], [2]))
    #expect(deficient.rank == 1)
    #expect(deficient.solution.isApproximatelyEqual(to: Tensor([1, 1], [2]), absolute: 1e-6))
    #expect(deficient.singularValues.isApproximatelyEqual(to: Tensor([2, 0], [2]), absolute: 1e-6))
  }

  @Test("the pseudo-inverse satisfies Penrose's conditions", arguments: [[4, 4], [7, 3], [3, 7]])
  func pseudoInverse(shape: [Int]) throws {
    let matrix = Tensor.normal([shape[0], 2], "a").matmul(Tensor.normal([2, shape[1]], "b"))
    let inverse = try matrix.pseudoInverse()
    let (left, right) = (matrix.matmul(inverse), inverse.matmul(matrix))
    #expect(left.matmul(matrix).maximumDifference(from: matrix) < 1e-5)
    #expect(right.matmul(inverse).maximumDifference(from: inverse) < 1e-5)
    #expect(left.maximumDifference(from: left.transposed()) < 3e-6)
    #expect(right.maximumDifference(from: right.transposed()) < 3e-6)
  }

  @Test("NaN and infinities are refused by name and place", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) {
    let matrix = Tensor([1, 2, value, 4], [2, 2])
    let error = DecompositionError.notFinite(
      operation: "the singular value decomposition", operand: "the matrix", position: 2)
    #expect(throws: error) { try matrix.svd() }
    #expect(error.description.contains("element 2"))
    #expect(throws: DecompositionError.self) { try matrix.symmetricEigen() }
    #expect(throws: DecompositionError.self) { try matrix.eigen() }
    #expect(throws: DecompositionError.notFinite(operation: "least squares", operand: "the right side", position: 1)) {
      try Tensor.identity(2).leastSquares(Tensor([0, value], [2]))
    }
  }
}
