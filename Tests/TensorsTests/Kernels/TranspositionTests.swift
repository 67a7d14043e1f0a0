import Testing

@testable import Tensors

@Suite("Transposition of a matrix")
struct TranspositionTests {
  @Test("moves every element and nothing else", arguments: [1, 3, 4, 9], [1, 2, 4, 7, 8])
  func movesEveryElement(rows: Int, columns: Int) {
    let (stride, pitch) = (columns + 2, rows + 1)
    let source = Tensor.counting([rows, stride]).elements
    var target = [Float](repeating: -1, count: columns * pitch)
    target.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      Kernels.transpose(source, stride: stride, rows: rows, columns: columns, into: target, pitch: pitch)
    }
    for column in 0..<columns {
      for row in 0..<pitch {
        #expect(target[column * pitch + row] == (row < rows ? source[row * stride + column] : -1))
      }
    }
  }
}
