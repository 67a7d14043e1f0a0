import Tensors
import Testing

@Suite("Tensor arithmetic")
struct TensorArithmeticTests {
  /// Combines two tensors by the definition of broadcasting, one element at a time.
  private func combined(_ left: Tensor, _ right: Tensor, _ function: (Float, Float) -> Float) -> Tensor? {
    guard let shape = Tensor.broadcastShape(left.shape, right.shape) else { return nil }
    func element(_ tensor: Tensor, _ elements: [Float], _ flat: Int) -> Float {
      var (rest, offset, stride) = (flat, 0, 1)
      for fromEnd in 1...max(shape.count, 1) where fromEnd <= shape.count {
        let position = rest % shape[shape.count - fromEnd]
        rest /= shape[shape.count - fromEnd]
        guard fromEnd <= tensor.rank else { continue }
        let extent = tensor.shape[tensor.rank - fromEnd]
        offset += (extent == 1 ? 0 : position) * stride
        stride *= extent
      }
      return elements[offset]
    }
    let (a, b) = (left.elements, right.elements)
    return Tensor(
      (0..<Tensor.count(of: shape)).map { function(element(left, a, $0), element(right, b, $0)) }, shape)
  }

  @Test(
    "operators broadcast as NumPy does",
    arguments: [
      ([2, 3], [2, 3]), ([2, 3], [3]), ([3], [2, 3]), ([2, 1], [1, 3]), ([4, 1, 3], [2, 1]), ([], [2, 2]), ([5], [1]),
      ([2, 3, 1, 4], [3, 5, 1]), ([1, 1], [1]), ([7, 1, 5], [7, 6, 5]), ([2, 3, 4], [2, 3, 1]), ([], []),
      ([0, 3], [1, 3]), ([2, 0], [1]),
    ] as [([Int], [Int])])
  func broadcasting(left: [Int], right: [Int]) {
    let (a, b) = (Tensor.normal(left, "a"), Tensor.normal(right, "b"))
    #expect(a + b == combined(a, b, +))
    #expect(a - b == combined(a, b, -))
    #expect(a * b == combined(a, b, *))
    #expect(a / b == combined(a, b, /))
    #expect(Tensor.maximum(a, b) == combined(a, b) { max($0, $1) })
    #expect(Tensor.minimum(a, b) == combined(a, b) { min($0, $1) })
  }

  @Test("shapes that do not fit have no broadcast shape")
  func misfits() {
    #expect(Tensor.broadcastShape([2, 3], [2]) == nil)
    #expect(Tensor.broadcastShape([2, 3], [0, 3]) == nil)
    #expect(Tensor.broadcastShape([1, 3], [0, 3]) == [0, 3])
  }

  @Test("numbers stand on either side")
  func numbers() {
    let tensor = Tensor([1, -2, 4], [3])
    #expect((tensor + 1).elements == [2, -1, 5] && (1 + tensor).elements == [2, -1, 5])
    #expect((tensor - 1).elements == [0, -3, 3] && (1 - tensor).elements == [0, 3, -3])
    #expect((tensor * 2).elements == [2, -4, 8] && (2 * tensor).elements == [2, -4, 8])
    #expect((tensor / 2).elements == [0.5, -1, 2] && (8 / tensor).elements == [8, -4, 2])
    #expect((-tensor).elements == [-1, 2, -4])
  }

  @Test("updates in place broadcast the right side and leave copies alone")
  func updates() {
    var tensor = Tensor.counting([2, 3])
    let before = tensor
    tensor += Tensor([10, 20], [2, 1])
    tensor *= 2
    tensor -= Tensor(ones: [3])
    tensor /= Tensor(repeating: 2, [2, 3])
    tensor += 0.5
    #expect(tensor.elements == [10, 11, 12, 23, 24, 25])
    #expect(before == Tensor.counting([2, 3]))
  }

  @Test("division by zero and NaN follow IEEE")
  func exceptional() {
    let quotient = Tensor([1, -1, 0], [3]) / Tensor(zeros: [3])
    #expect(quotient[0] == .infinity && quotient[1] == -.infinity && quotient[2].isNaN)
    for (a, b) in [(Float.nan, Float(1)), (1, .nan)] {
      #expect(Tensor.maximum(Tensor(a), Tensor(b)).scalar.isNaN)
      #expect(Tensor.minimum(Tensor(a), Tensor(b)).scalar.isNaN)
    }
  }

  @Test("element-wise functions")
  func functions() {
    let tensor = Tensor([-2, 0, 3, .nan], [2, 2])
    #expect(tensor.relu().elements.prefix(3) == [0, 0, 3] && tensor.relu()[1, 1].isNaN)
    #expect(tensor.clamped(to: -1...1).elements.prefix(3) == [-1, 0, 1] && tensor.clamped(to: -1...1)[1, 1].isNaN)
    #expect(tensor.magnitudes().elements.prefix(3) == [2, 0, 3])
    #expect(tensor.squared().elements.prefix(3) == [4, 0, 9])
    #expect(Tensor([4, 2.25], [2]).squareRoots().elements == [2, 1.5])
    #expect(tensor.mask { $0 > 0 }.elements == [0, 0, 1, 0])
    #expect(tensor.selected(by: tensor.mask { $0 <= 0 }) == [-2, 0])
    #expect(tensor.map { $0.isNaN ? 1 : 0 }.elements == [0, 0, 0, 1])
  }
}
