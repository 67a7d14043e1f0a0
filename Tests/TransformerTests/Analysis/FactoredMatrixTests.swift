import Tensors
import Testing
import Transformer

@Suite("Factored matrices")
struct FactoredMatrixTests {
  /// Shapes of the factors, with and without leading axes.
  static let shapes: [[[Int]]] = [
    [[3, 2], [2, 3]], [[4, 5], [5, 4]], [[6, 7], [7, 6]], [[6, 7], [7, 3]], [[1, 1], [1, 1]],
    [[1, 8, 9], [1, 9, 8]], [[2, 3, 5, 2], [2, 3, 2, 5]], [[4, 3, 2], [2, 3]], [[5, 2], [3, 2, 6]],
  ]

  private func random(_ shapes: [[Int]]) -> FactoredMatrix {
    FactoredMatrix(noise(shapes[0], "A"), noise(shapes[1], "B"))
  }

  @Test("have the shape, corner and transpose of their product", arguments: shapes)
  func product(_ shapes: [[Int]]) {
    let matrix = random(shapes)
    #expect(matrix.AB.shape == matrix.shape)
    #expect(matrix.transposed.AB.difference(from: matrix.AB.transposed()) < 1e-5)
    let corner = matrix.corner(2)
    let (rows, columns) = (min(2, matrix.rows), min(2, matrix.columns))
    let expected = matrix.AB.slice(axis: matrix.shape.count - 2, 0..<rows)
      .slice(axis: matrix.shape.count - 1, 0..<columns)
    #expect(corner.difference(from: expected) < 1e-5)
    #expect((2.5 * matrix).AB.difference(from: matrix.AB * 2.5) < 1e-5)
  }

  @Test("multiply vectors and matrices on either side as their product does", arguments: shapes)
  func products(_ shapes: [[Int]]) {
    let matrix = random(shapes)
    let (left, right) = (noise([3, matrix.rows], "left"), noise([matrix.columns, 2], "right"))
    #expect(matrix.matmul(right).difference(from: matrix.AB.matmul(right)) < 1e-4)
    #expect(left.matmul(matrix).difference(from: left.matmul(matrix.AB)) < 1e-4)
    #expect(matrix.factored(times: right).AB.difference(from: matrix.AB.matmul(right)) < 1e-4)
    #expect(left.factored(times: matrix).AB.difference(from: left.matmul(matrix.AB)) < 1e-4)
    let (row, column) = (noise([matrix.rows], "row"), noise([matrix.columns], "column"))
    #expect(matrix.matmul(column).difference(from: matrix.AB.matmul(column)) < 1e-4)
    #expect(row.matmul(matrix).difference(from: row.matmul(matrix.AB)) < 1e-4)
  }

  @Test("multiply each other and keep the smaller rank", arguments: shapes, [1, 3, 9])
  func productOfTwo(_ shapes: [[Int]], rank: Int) {
    let matrix = random(shapes)
    let other = FactoredMatrix(noise([matrix.columns, rank], "C"), noise([rank, 4], "D"))
    let product = matrix.matmul(other)
    #expect(product.inner == min(matrix.inner, rank))
    #expect(product.AB.difference(from: matrix.AB.matmul(other.AB)) < 2e-4)
  }

  @Test("have the norm of their product", arguments: shapes)
  func norm(_ shapes: [[Int]]) {
    let matrix = random(shapes)
    let expected = matrix.AB.squared().sum(axes: [matrix.shape.count - 2, matrix.shape.count - 1]).squareRoots()
    #expect(matrix.norm.isApproximatelyEqual(to: expected, relative: 1e-5))
  }

  @Test("are U·diag(S)·Vᵀ, with V and not its transpose", arguments: shapes)
  func svd(_ shapes: [[Int]]) throws {
    let matrix = random(shapes)
    let parts = try matrix.svd()
    let count = min(matrix.rows, matrix.inner, matrix.columns)
    #expect(parts.U.shape == matrix.batch + [matrix.rows, count])
    #expect(parts.V.shape == matrix.batch + [matrix.columns, count])
    let scaled = parts.U * parts.S.insertingAxis(at: parts.S.rank - 1)
    #expect(scaled.matmul(parts.V, transposingOther: true).difference(from: matrix.AB) < 2e-5)
    let identity = Tensor.identity(count).broadcast(to: matrix.batch + [count, count])
    #expect(parts.U.matmul(parts.U, transposingSelf: true).difference(from: identity) < 1e-5)
    #expect(parts.V.matmul(parts.V, transposingSelf: true).difference(from: identity) < 1e-5)
    #expect(
      zip(parts.S.elements, parts.S.elements.dropFirst()).enumerated().allSatisfy { place, pair in
        (place + 1).isMultiple(of: count) || pair.0 >= pair.1
      })
    let even = try matrix.makeEven()
    #expect(even.AB.difference(from: matrix.AB) < 2e-5)
    #expect(even.A.norm().isApproximatelyEqual(to: even.B.norm()))
  }

  @Test("have eigenvalues whose sum is the trace", arguments: shapes.filter { $0[0][$0[0].count - 2] == $0[1].last })
  func eigenvalues(_ shapes: [[Int]]) throws {
    let matrix = random(shapes)
    let values = try matrix.eigenvalues()
    #expect(values.sum.difference(from: matrix.trace) < 1e-4)
    let diagonal = matrix.AB * Tensor.identity(matrix.rows)
    #expect(matrix.trace.difference(from: diagonal.sum(axes: [diagonal.rank - 2, diagonal.rank - 1])) < 1e-4)
    #expect(values.imaginary.sum(axis: values.imaginary.rank - 1).magnitudes().maximum() < 1e-5)
    #expect(values.positivity.magnitudes().maximum() <= 1.00001)
  }

  @Test("have the eigenvalues of their product, by falling magnitude")
  func knownEigenvalues() throws {
    // A rotation by a right angle times 2, and the number −3: eigenvalues ±2i and −3.
    let A = Tensor([0, -2, 0, 2, 0, 0, 0, 0, -3, 0, 0, 0], [4, 3])
    let values = try FactoredMatrix(A, Tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], [3, 4])).eigenvalues()
    #expect(values.real.difference(from: Tensor([-3, 0, 0], [3])) < 1e-6)
    #expect(values.imaginary.difference(from: Tensor([0, 2, -2], [3])) < 1e-6)
    #expect(abs(values.positivity.scalar + 3.0 / 7) < 1e-6)
  }

  @Test("give a member of a batch")
  func member() {
    let matrix = random([[2, 3, 5, 2], [3, 2, 4]])
    #expect(matrix[1].AB.difference(from: matrix.AB.slice(axis: 0, at: 1)) < 1e-6)
    #expect(matrix[1][2].AB.difference(from: matrix.AB.slice(axis: 0, at: 1).slice(axis: 0, at: 2)) < 1e-6)
  }
}

/// Normal numbers from a fixed stream, another for each label.
func noise(_ shape: [Int], _ label: String) -> Tensor {
  var stream = RandomStream(seed: 5).derived(label)
  return stream.normal(shape)
}

extension Float {
  fileprivate func isApproximatelyEqual(to other: Float) -> Bool { abs(self - other) <= 1e-5 * max(abs(other), 1) }
}
