import Testing

@testable import Tensors

@Suite("Products of few rows with a large matrix")
struct FewRowsTests {
  /// Inner extents and columns with every kind of rest: of sixteen columns, of thirty-two lines, of neither.
  static let sizes = [(inner: 64, columns: 32), (65, 19), (31, 50), (130, 17), (1, 16), (5, 3)]

  @Test("agree with double precision for every number of rows, both orientations and any row pitch")
  func products() {
    for instructions in VectorInstructions.available {
      for (inner, columns) in Self.sizes {
        for rows in 1...FewRows.limit {
          for transposed in [false, true] {
            for adding in [false, true] {
              check(instructions, rows, inner, columns, transposed, adding, padding: rows % 3)
            }
          }
        }
      }
    }
  }

  private func check(
    _ instructions: VectorInstructions, _ rows: Int, _ inner: Int, _ columns: Int, _ transposed: Bool, _ adding: Bool,
    padding: Int
  ) {
    let (leadingA, leadingC) = (inner + padding, columns + padding)
    let leadingB = (transposed ? inner : columns) + padding
    let a = Tensor.normal([rows * leadingA], "a").elements
    let b = Tensor.normal([(transposed ? columns : inner) * leadingB], "b").elements
    // Unless it is added to, the old content must not matter, not even NaN.
    let before =
      adding ? Tensor.normal([rows * leadingC], "c").elements : Array(repeating: .nan, count: rows * leadingC)
    var c = before
    c.withUnsafeMutableBufferPointer { c in
      guard let c = c.baseAddress else { return }
      FewRows.multiply(
        with: instructions, transposeB: transposed, rows: rows, columns: columns, inner: inner, a, leadingA: leadingA,
        b, leadingB: leadingB, adding: adding, c, leadingC: leadingC)
    }
    for row in 0..<rows {
      for column in 0..<leadingC {
        let at = row * leadingC + column
        guard column < columns else {
          #expect(before[at].bitPattern == c[at].bitPattern, "the padding was written")
          continue
        }
        var (sum, size) = (adding ? Double(before[at]) : 0, adding ? Double(before[at].magnitude) : 0)
        for k in 0..<inner {
          let term =
            Double(a[row * leadingA + k])
            * Double(b[transposed ? column * leadingB + k : k * leadingB + column])
          sum += term
          size += term.magnitude
        }
        // Each sum is of blocks of at most 32 terms, or of 16 lanes: a few units in the last place of its terms.
        let error = (Double(c[at]) - sum).magnitude
        #expect(
          error <= 4 * Double(Float.ulpOfOne) / 2 * size,
          "\(instructions): \(rows) × \(inner) × \(columns)\(transposed ? "ᵀ" : "") at \(row), \(column)")
      }
    }
  }

  @Test("are what a product is made of where its matrix is large, with the same bits however it is cut")
  func dispatch() {
    guard let instructions = FewRows.instructions(rows: 15, columns: 500, inner: 300, alpha: 1, beta: 0) else { return }
    let (x, w) = (Tensor.normal([15, 300], "x"), Tensor.normal([300, 500], "w"))
    var direct = Tensor(uninitialized: [15, 500])
    direct.withUnsafeMutableElements { c in
      x.withUnsafeElements { x in
        w.withUnsafeElements { w in
          guard let x = x.baseAddress, let w = w.baseAddress, let c = c.baseAddress else { return }
          FewRows.multiply(
            with: instructions, transposeB: false, rows: 15, columns: 500, inner: 300, x, leadingA: 300, w,
            leadingB: 500, adding: false, c, leadingC: 500)
        }
      }
    }
    for threads in 1...3 {
      Parallelism.$threads.withValue(threads) {
        #expect(x.matmul(w).elements == direct.elements)
        let transposed = x.matmul(w.transposed(), transposingOther: true)
        #expect(transposed.isApproximatelyEqual(to: direct, absolute: 1e-4))
        #expect(
          transposed.elements
            == Parallelism.$threads.withValue(1) {
              x.matmul(w.transposed(), transposingOther: true).elements
            })
      }
    }
  }

  @Test("are left to BLAS when there are many rows, a small matrix or a factor")
  func limits() {
    #expect(FewRows.instructions(rows: 25, columns: 1000, inner: 1000, alpha: 1, beta: 0) == nil)
    #expect(FewRows.instructions(rows: 2, columns: 100, inner: 100, alpha: 1, beta: 0) == nil)
    #expect(FewRows.instructions(rows: 2, columns: 1000, inner: 1000, alpha: 2, beta: 0) == nil)
    #expect(FewRows.instructions(rows: 2, columns: 1000, inner: 1000, alpha: 1, beta: 0.5) == nil)
  }
}
