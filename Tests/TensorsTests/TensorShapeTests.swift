import Tensors
import Testing

@Suite("Tensor shapes")
struct TensorShapeTests {
  /// A permuted copy by the definition, one element at a time.
  private func permuted(_ tensor: Tensor, _ order: [Int]) -> Tensor {
    let shape = order.map { tensor.shape[$0] }
    var strides = [Int](repeating: 1, count: tensor.rank)
    for axis in strides.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * tensor.shape[axis + 1] }
    let source = tensor.elements
    let elements = (0..<tensor.count).map { flat -> Float in
      var (rest, offset) = (flat, 0)
      for axis in shape.indices.reversed() {
        offset += rest % shape[axis] * strides[order[axis]]
        rest /= shape[axis]
      }
      return source[offset]
    }
    return Tensor(elements, shape)
  }

  @Test(
    "every order of the axes copies to the right places",
    arguments: [[2, 3, 4, 5], [1, 17, 1, 33], [40, 3, 1, 2], [16, 16, 2, 2]])
  func transposition(shape: [Int]) {
    let tensor = Tensor.counting(shape)
    for a in 0..<4 {
      for b in 0..<4 where b != a {
        for c in 0..<4 where c != a && c != b {
          let order = [a, b, c, 6 - a - b - c]
          #expect(tensor.transposed(order) == permuted(tensor, order))
        }
      }
    }
  }

  @Test("odd matrices, vectors, scalars and empty tensors transpose")
  func transpositionEdges() {
    let matrix = Tensor.counting([37, 53])
    #expect(matrix.transposed() == permuted(matrix, [1, 0]))
    #expect(matrix.transposed().transposed() == matrix)
    #expect(Tensor.counting([3]).transposed([0]) == Tensor.counting([3]))
    #expect(Tensor(5).transposed([]).scalar == 5)
    #expect(Tensor(zeros: [0, 3]).transposed().shape == [3, 0])
    #expect(Tensor(zeros: [2, 0, 3]).transposed([2, 0, 1]).shape == [3, 2, 0])
    #expect(Tensor.counting([2, 3]).transposed([-1, 0]) == Tensor.counting([2, 3]).transposed())
  }

  @Test("slices take ranges and single positions of any axis")
  func slices() {
    let tensor = Tensor.counting([2, 3, 4])
    #expect(tensor.slice(axis: 0, 1..<2).elements == (12..<24).map { Float($0) })
    #expect(
      tensor.slice(axis: 1, 1..<3) == Tensor([4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23], [2, 2, 4]))
    #expect(tensor.slice(axis: -1, at: 3) == Tensor([3, 7, 11, 15, 19, 23], [2, 3]))
    #expect(tensor.slice(axis: 2, 1..<1).shape == [2, 3, 0])
  }

  @Test("gathering repeats and reorders positions")
  func gathering() {
    let tensor = Tensor.counting([3, 2])
    #expect(tensor.gathered(at: [2, 0, 2]) == Tensor([4, 5, 0, 1, 4, 5], [3, 2]))
    #expect(tensor.gathered(axis: 1, at: [1]) == Tensor([1, 3, 5], [3, 1]))
    #expect(tensor.gathered(at: []).shape == [0, 2])
  }

  @Test("joining undoes slicing, on every axis", arguments: [0, 1, 2])
  func joining(axis: Int) {
    let tensor = Tensor.counting([3, 4, 5])
    let parts = [0..<1, 1..<1, 1..<3].map { tensor.slice(axis: axis, $0) }
    #expect(Tensor.concatenated(parts, axis: axis) == tensor.slice(axis: axis, 0..<3))
    let layers = (0..<tensor.shape[axis]).map { tensor.slice(axis: axis, at: $0) }
    #expect(Tensor.stacked(layers, axis: axis) == tensor)
  }

  @Test("stacking can put the new axis last")
  func stackingLast() {
    #expect(Tensor.stacked([Tensor([1, 2], [2]), Tensor([3, 4], [2])], axis: -1) == Tensor([1, 3, 2, 4], [2, 2]))
    #expect(Tensor.stacked([Tensor(1), Tensor(2)]).shape == [2])
  }

  @Test("broadcasting repeats elements as NumPy does")
  func broadcasting() {
    #expect(Tensor([1, 2], [2, 1]).broadcast(to: [2, 3]) == Tensor([1, 1, 1, 2, 2, 2], [2, 3]))
    #expect(Tensor([1, 2], [2]).broadcast(to: [2, 2]) == Tensor([1, 2, 1, 2], [2, 2]))
    #expect(Tensor(7).broadcast(to: [2, 2]) == Tensor(repeating: 7, [2, 2]))
    #expect(Tensor([1, 2], [2, 1, 1]).broadcast(to: [2, 0, 3]).shape == [2, 0, 3])
  }

  @Test("an inferred extent fills the rest")
  func reshaping() {
    #expect(Tensor.counting([4, 6]).reshaped([3, -1]).shape == [3, 8])
    #expect(Tensor.counting([0, 6]).reshaped([-1, 3]).shape == [0, 3])
  }

  @Test("what cannot be is refused with a sentence")
  func misuse() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).reshaped([4, 2]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2]).slice(axis: 0, 1..<3) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]) + Tensor(zeros: [2]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [0]).maximum() }
  }
}
