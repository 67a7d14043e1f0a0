import Tensors
import Testing

@Suite("Tensor reductions")
struct TensorReductionsTests {
  @Test("every axis agrees with double precision", arguments: [0, 1, 2])
  func axes(axis: Int) {
    let tensor = Tensor.normal([5, 7, 9])
    let last = tensor.transposed((0..<3).filter { $0 != axis } + [axis])
    let extent = tensor.shape[axis]
    let rows = last.elements
    let (sums, means) = (tensor.sum(axis: axis), tensor.mean(axis: axis))
    let (variances, norms) = (tensor.variance(axis: axis, correction: 1), tensor.norm(axis: axis))
    let (largest, smallest) = (tensor.maximum(axis: axis), tensor.minimum(axis: axis))
    let positions = tensor.argmax(axis: axis)
    #expect(sums.shape == Array(last.shape.dropLast()))
    for cell in 0..<sums.count {
      let values = rows[cell * extent..<(cell + 1) * extent].map { Double($0) }
      let sum = values.reduce(0, +)
      let mean = sum / Double(extent)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(extent - 1)
      #expect(sums.elements[cell] == Float(sum) || abs(Double(sums.elements[cell]) - sum) < 1e-7)
      #expect(abs(Double(means.elements[cell]) - mean) < 1e-7)
      #expect(abs(Double(variances.elements[cell]) - variance) < 3e-7)
      #expect(abs(Double(norms.elements[cell]) - values.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 5e-7)
      #expect(Double(largest.elements[cell]) == values.max() && Double(smallest.elements[cell]) == values.min())
      #expect(values[positions[cell]] == values.max())
    }
    #expect(tensor.sum(axis: axis, keepingAxis: true).shape[axis] == 1)
  }

  @Test("sums over several axes are rounded once")
  func severalAxes() {
    let tensor = Tensor.normal([3, 4, 5, 2])
    let expected = tensor.transposed([1, 3, 0, 2]).reshaped([8, 15]).sum(axis: 1)
    #expect(tensor.sum(axes: [0, 2]) == expected.reshaped([4, 2]))
    #expect(tensor.sum(axes: [-2, 0], keepingAxes: true) == expected.reshaped([1, 4, 1, 2]))
    #expect(tensor.sum(axes: []) == tensor)
  }

  @Test("a million small numbers lose nothing beside a large one")
  func longSums() {
    var tensor = Tensor(repeating: 0.125, [1 << 20])
    tensor[0] = 0x1p24
    #expect(tensor.sum() == Float((1 << 24) + (1 << 17)))
    #expect(tensor.reshaped([1 << 20, 1]).sum(axis: 0).scalar == tensor.sum())
    #expect(Tensor(repeating: 0.1, [1 << 20]).mean() == 0.1)
  }

  @Test("the variance of numbers far from zero is theirs")
  func variance() {
    let tensor = Tensor([1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3], [4])
    #expect(tensor.variance() == 1.25 && tensor.variance(axis: 0).scalar == 1.25)
    #expect(tensor.variance(correction: 1) == Float(5.0 / 3))
  }

  @Test("norms neither overflow nor underflow on the way")
  func norms() {
    #expect(Tensor([3e30, 4e30], [2]).norm() == 5e30)
    #expect(Tensor([3e-30, 4e-30], [2]).norm() == 5e-30)
    #expect(Tensor([3e-30, 4e-30], [1, 2]).norm(axis: 1).scalar == 5e-30)
  }

  @Test("nothing sums to zero, has the mean NaN and the norm zero")
  func empty() {
    let tensor = Tensor(zeros: [3, 0])
    #expect(tensor.sum() == 0 && tensor.mean().isNaN && tensor.variance().isNaN && tensor.norm() == 0)
    #expect(tensor.sum(axis: 1).elements == [0, 0, 0])
    #expect(tensor.mean(axis: 1).elements.allSatisfy { $0.isNaN })
    #expect(tensor.variance(axis: 1).elements.allSatisfy { $0.isNaN })
    #expect(tensor.norm(axis: 1).elements == [0, 0, 0])
    #expect(tensor.sum(axis: 0).shape == [0] && tensor.maximum(axis: 0).shape == [0] && tensor.argmax(axis: 0) == [])
    #expect(tensor.cumulativeSum(axis: 1).shape == [3, 0])
    #expect(tensor.sum(axes: [0, 1]).scalar == 0)
    #expect(tensor.maximumDifference(from: tensor) == 0 && tensor.isFinite)
  }

  @Test("NaN in, NaN out", arguments: [0, 1, 2])
  func nan(position: Int) {
    var tensor = Tensor([5, 1, 9], [3])
    tensor[position] = .nan
    #expect(tensor.sum().isNaN && tensor.maximum().isNaN && tensor.minimum().isNaN && tensor.norm().isNaN)
    #expect(tensor.argmax() == position && !tensor.isFinite)
    #expect(tensor.maximumDifference(from: tensor).isNaN)
    #expect(!tensor.isApproximatelyEqual(to: tensor, absolute: 1))
  }

  @Test("infinities are ordinary extremes, and opposite ones have no sum")
  func infinities() {
    let tensor = Tensor([-.infinity, 2, .infinity], [3])
    #expect(tensor.maximum() == .infinity && tensor.minimum() == -.infinity && tensor.sum().isNaN)
    #expect(Tensor(repeating: -.infinity, [2]).argmax() == 0)
  }

  @Test("the first of equal maxima wins")
  func ties() {
    #expect(Tensor([1, 3, 3, 2], [4]).argmax() == 1)
    #expect(Tensor([0, 1, 1, 1], [2, 2]).argmax(axis: 0) == [1, 0])
  }

  @Test("running sums keep their precision along any axis")
  func cumulative() {
    #expect(Tensor([1, 2, 3, 4], [2, 2]).cumulativeSum(axis: 0).elements == [1, 2, 4, 6])
    #expect(Tensor([1, 2, 3, 4], [2, 2]).cumulativeSum(axis: -1).elements == [1, 3, 3, 7])
    #expect(Tensor([16_777_216, 1, 1], [3]).cumulativeSum(axis: 0).elements == [16_777_216, 16_777_216, 16_777_218])
  }

  @Test("approximate equality takes both tolerances")
  func approximation() {
    let (a, b) = (Tensor([1, 100], [2]), Tensor([1.01, 101], [2]))
    #expect(!a.isApproximatelyEqual(to: b) && !a.isApproximatelyEqual(to: b, absolute: 0.02))
    #expect(a.isApproximatelyEqual(to: b, relative: 0.011) && a.isApproximatelyEqual(to: b, absolute: 1))
    #expect(a.maximumDifference(from: b) == 1)
    #expect(!a.isApproximatelyEqual(to: a.reshaped([2, 1]), absolute: 1))
  }
}
