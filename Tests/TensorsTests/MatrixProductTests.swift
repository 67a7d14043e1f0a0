import Tensors
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let rows: Int, inner: Int, columns: Int
    var testDescription: String { "\(rows)×\(inner)×\(columns)" }
  }

  static let sizes: [Size] =
    [0, 1, 2, 17].flatMap { rows in
      [0, 1, 5, 33].flatMap { inner in
        [0, 1, 3, 19].map { columns in Size(rows: rows, inner: inner, columns: columns) }
      }
    } + [
      Size(rows: 64, inner: 129, columns: 65), Size(rows: 333, inner: 61, columns: 53),
      Size(rows: 21, inner: 2503, columns: 20), Size(rows: 33, inner: 7, columns: 5),
    ]

  @Test("gemm agrees with double precision for every transposition and leading dimension", arguments: sizes)
  func gemm(size: Size) {
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      for padding in [0, 3] {
        for (alpha, beta) in [(Float(1), Float(0)), (-0.5, 2), (1, 1)] {
          let leadingA = max(transposeA ? size.rows : size.inner, 1) + padding
          let leadingB = max(transposeB ? size.inner : size.columns, 1) + padding
          let leadingC = max(size.columns, 1) + padding
          let a = Tensor.normal([max(transposeA ? size.inner : size.rows, 1), leadingA], "a").elements
          let b = Tensor.normal([max(transposeB ? size.columns : size.inner, 1), leadingB], "b").elements
          // With β = 0 the old content must not matter, not even NaN.
          let before: [Float] =
            beta == 0
            ? Array(repeating: .nan, count: max(size.rows, 1) * leadingC)
            : Tensor.normal([max(size.rows, 1) * leadingC], "c").elements
          var c = before
          c.withUnsafeMutableBufferPointer { c in
            a.withUnsafeBufferPointer { a in
              b.withUnsafeBufferPointer { b in
                guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                BLAS.gemm(
                  transposeA: transposeA, transposeB: transposeB, rows: size.rows, columns: size.columns,
                  inner: size.inner, alpha: alpha, a, leadingA: leadingA, b, leadingB: leadingB, beta: beta, c,
                  leadingC: leadingC)
              }
            }
          }
          let product = referenceProduct(
            a, transposed: transposeA, leading: leadingA, b, transposed: transposeB, leading: leadingB,
            rows: size.rows, columns: size.columns, inner: size.inner)
          var worst = 0.0
          for row in 0..<size.rows {
            for column in 0..<leadingC {
              let (old, new) = (before[row * leadingC + column], c[row * leadingC + column])
              guard column < size.columns else {
                #expect(old.bitPattern == new.bitPattern, "the padding was written")
                continue
              }
              let truth = Double(alpha) * product[row * size.columns + column] + (beta == 0 ? 0 : Double(beta * old))
              worst = max(worst, new.isFinite ? abs(Double(new) - truth) : .infinity)
            }
          }
          #expect(worst <= 3e-6 * Double(max(size.inner, 4)).squareRoot())
        }
      }
    }
  }

  @Test(
    "matmul broadcasts batches and transposes either side",
    arguments: [
      ([], []), ([3], [3]), ([3], []), ([], [3]), ([2, 3], [3]), ([2, 1], [1, 3]), ([4, 1, 2], [5, 1]), ([0], [1]),
    ] as [([Int], [Int])])
  func batches(left: [Int], right: [Int]) throws {
    let batch = try #require(Tensor.broadcastShape(left, right))
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = Tensor.normal(left + (transposeA ? [5, 4] : [4, 5]), "a")
      let b = Tensor.normal(right + (transposeB ? [6, 5] : [5, 6]), "b")
      let product = a.matmul(b, transposingSelf: transposeA, transposingOther: transposeB)
      #expect(product.shape == batch + [4, 6])
      let wideA = (transposeA ? a.transposed() : a).broadcast(to: batch + [4, 5]).reshaped([-1, 4, 5])
      let wideB = (transposeB ? b.transposed() : b).broadcast(to: batch + [5, 6]).reshaped([-1, 5, 6])
      let flat = product.reshaped([Tensor.count(of: batch), 4, 6])
      for member in 0..<Tensor.count(of: batch) {
        let truth = referenceProduct(
          wideA.slice(axis: 0, at: member).elements, transposed: false, leading: 5,
          wideB.slice(axis: 0, at: member).elements, transposed: false, leading: 6, rows: 4, columns: 6, inner: 5)
        let found = flat.slice(axis: 0, at: member).elements
        #expect(zip(found, truth).allSatisfy { abs(Double($0) - $1) < 3e-6 })
      }
    }
  }

  @Test("vectors stand for one row on the left and one column on the right")
  func vectors() {
    let matrix = Tensor([1, 2, 3, 4, 5, 6], [2, 3])
    #expect(matrix.matmul(Tensor([1, 0, -1], [3])) == Tensor([-2, -2], [2]))
    #expect(Tensor([1, 1], [2]).matmul(matrix) == Tensor([5, 7, 9], [3]))
    #expect(Tensor([1, 2], [2]).matmul(Tensor([3, 4], [2])) == Tensor(11))
    #expect(Tensor([1, 1], [2]).matmul(Tensor.stacked([matrix, matrix])).shape == [2, 3])
    #expect(Tensor([1, 2], [2]).dot(Tensor([3, 4], [2])) == 11)
    #expect(Tensor([1, 2], [2]).outer(Tensor([3, 4, 5], [3])) == Tensor([3, 4, 5, 6, 8, 10], [2, 3]))
  }

  @Test("an empty inner axis gives zeros, an empty outer one gives nothing")
  func zeroSizes() {
    #expect(Tensor(zeros: [2, 0]).matmul(Tensor(zeros: [0, 3])) == Tensor(zeros: [2, 3]))
    #expect(Tensor(zeros: [4, 2, 0]).matmul(Tensor(zeros: [0, 3])) == Tensor(zeros: [4, 2, 3]))
    #expect(Tensor(zeros: [0, 2]).matmul(Tensor(zeros: [2, 3])).shape == [0, 3])
    #expect(Tensor(zeros: [0]).dot(Tensor(zeros: [0])) == 0)
    #expect(Tensor(zeros: [0]).matmul(Tensor(zeros: [0])) == Tensor(0))
  }

  @Test("NaN and infinities pass through products")
  func nonFinite() {
    let product = Tensor([.nan, 0, 1, 1], [2, 2]).matmul(Tensor([1, .infinity, 1, 1], [2, 2]))
    #expect(product[0, 0].isNaN && product[0, 1].isNaN && product[1, 0] == 2 && product[1, 1] == .infinity)
  }

  @Test("vector operations with strides")
  func vectorOperations() {
    let x: [Float] = [1, 9, 2, 9, 3, 9]
    var y: [Float] = [10, 20, 30]
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        #expect(BLAS.dot(3, x, strideX: 2, y) == 140)
        BLAS.axpy(3, 2, x, strideX: 2, y)
        #expect(BLAS.norm(2, x, stride: 4) == Float(10).squareRoot() && BLAS.norm(0, x) == 0)
        #expect(BLAS.dot(0, x, y) == 0)
      }
    }
    #expect(y == [12, 24, 36])
    y[1] = .nan
    y.withUnsafeMutableBufferPointer { y in if let y = y.baseAddress { BLAS.scale(2, 0, y) } }
    #expect(y == [0, 0, 36])
    var a: [Float] = [1, 1, 7, 1, 1, 7]
    a.withUnsafeMutableBufferPointer { a in
      x.withUnsafeBufferPointer { x in
        guard let a = a.baseAddress, let x = x.baseAddress else { return }
        BLAS.outer(rows: 2, columns: 2, x, strideX: 2, x, strideY: 2, a, leading: 3)
      }
    }
    #expect(a == [2, 3, 7, 3, 5, 7])
  }

  @Test("the library uses one thread and says what it is")
  func library() {
    #expect(BLAS.threads == 1)
    #expect(!BLAS.coreName.isEmpty && BLAS.version.contains("."))
  }

  @Test("products on many tasks at once give the same bits")
  func concurrency() async {
    let (a, b) = (Tensor.normal([60, 70], "a"), Tensor.normal([70, 50], "b"))
    let expected = a.matmul(b)
    let agreements = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 { group.addTask { a.matmul(b) == expected } }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(agreements == 64)
  }
}
