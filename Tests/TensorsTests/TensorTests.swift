import Tensors
import Testing

@Suite("Tensors as values")
struct TensorTests {
  @Test("a copy does not see later writes to the original")
  func copyOnWrite() {
    var original = Tensor.counting([2, 2])
    let copy = original
    original[0, 1] = 9
    #expect(copy.elements == [0, 1, 2, 3] && original.elements == [0, 9, 2, 3])
    original += original
    #expect(original.elements == [0, 18, 4, 6])
  }

  @Test("a reshaped tensor shares memory until one of the two is written")
  func reshapedCopy() {
    let original = Tensor.counting([4])
    var matrix = original.reshaped([2, 2])
    matrix[1, 1] = -1
    #expect(original.elements == [0, 1, 2, 3])
  }

  @Test("NaN differs from itself, and zeros of both signs are equal")
  func equality() {
    #expect(Tensor([.nan], [1]) != Tensor([.nan], [1]))
    #expect(Tensor([0.0], [1]) == Tensor([-0.0], [1]))
    #expect(Tensor(zeros: [0, 2]) != Tensor(zeros: [2, 0]))
  }

  @Test("a shape with a zero has no elements, however large the others")
  func zeroSizes() {
    #expect(Tensor.count(of: [Int.max, Int.max, 0]) == 0)
    #expect(Tensor.count(of: []) == 1)
    #expect(Tensor(zeros: [3, 0]).elements == [])
  }

  @Test("memory is aligned for vector code", arguments: [1, 15, 16, 17, 1000, 100_003])
  func alignment(count: Int) {
    Tensor(zeros: [count]).withUnsafeElements { elements in
      #expect(UInt(bitPattern: elements.baseAddress) % 64 == 0)
    }
  }

  @Test("a description names the shape and abbreviates many elements")
  func description() {
    #expect(Tensor([1, -2.5], [1, 2]).description == "Tensor [1, 2]: 1.0 -2.5")
    #expect(Tensor.counting([4, 3]).description == "Tensor [4, 3]: 0.0 1.0 2.0 … 9.0 10.0 11.0")
    #expect(Tensor(zeros: [0]).description == "Tensor [0]: ")
  }
}
