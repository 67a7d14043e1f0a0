import Foundation
import Tensors
import Testing

@Suite("Softmax, log-softmax and log-sum-exp")
struct SoftmaxTests {
  @Test("agree with double precision for short, odd and long rows", arguments: [1, 2, 3, 7, 8, 9, 64, 513, 5000])
  func agreesWithReference(columns: Int) {
    let input = Tensor.normal([5, columns]) * 10
    let (softmax, logSoftmax, total) = (input.softmax(), input.logSoftmax(), input.logSumExp())
    for row in 0..<5 {
      let values = (0..<columns).map { Double(input[row, $0]) }
      let maximum = values.max() ?? 0
      let logTotal = maximum + log(values.reduce(0) { $0 + exp($1 - maximum) })
      #expect(abs(Double(total[row]) - logTotal) <= 3e-7 * max(abs(logTotal), 1))
      for column in 0..<columns {
        let truth = values[column] - logTotal
        // The difference from the maximum carries a rounding of up to half an ulp of 80.
        #expect(abs(Double(softmax[row, column]) - exp(truth)) <= 5e-6 * exp(truth) + 1e-38)
        #expect(abs(Double(logSoftmax[row, column]) - truth) <= 3e-7 * max(abs(truth), 16))
      }
    }
  }

  @Test("rows of a softmax sum to one")
  func sumsToOne() {
    let sums = Tensor.normal([40, 33]).softmax().sum(axis: 1)
    #expect(sums.isApproximatelyEqual(to: Tensor(ones: [40]), absolute: 3e-7))
  }

  @Test("large logits do not overflow and masked ones get exactly zero")
  func extremes() {
    let softmax = Tensor([1000, 1000, -.infinity, -1e9], [4]).softmax()
    #expect(softmax.elements == [0.5, 0.5, 0, 0])
    #expect(Tensor([3e38, -3e38], [2]).logSumExp().scalar == 3e38)
  }

  @Test("a row of only −∞ is NaN as a distribution and −∞ as a total")
  func allMasked() {
    let row = Tensor(repeating: -.infinity, [1, 3])
    #expect(row.softmax().elements.allSatisfy { $0.isNaN })
    #expect(row.logSoftmax().elements.allSatisfy { $0.isNaN })
    #expect(row.logSumExp().elements == [-.infinity])
  }

  @Test("+∞ and NaN spoil their own row only")
  func spoiledRows() {
    let input = Tensor([.infinity, 1, .nan, 1, 1, 1], [3, 2])
    let softmax = input.softmax()
    #expect(softmax.elements[0..<4].contains { $0.isNaN })
    #expect(softmax[0, 0].isNaN && softmax[1, 0].isNaN && softmax[1, 1].isNaN)
    #expect(softmax[2, 0] == 0.5 && softmax[2, 1] == 0.5)
    #expect(input.logSumExp()[0] == .infinity && input.logSumExp()[1].isNaN)
  }

  @Test("empty rows write nothing and have the total −∞")
  func empty() {
    #expect(Tensor(zeros: [2, 0]).softmax().shape == [2, 0])
    #expect(Tensor(zeros: [2, 0]).logSoftmax().shape == [2, 0])
    #expect(Tensor(zeros: [2, 0]).logSumExp().elements == [-Float.infinity, -Float.infinity])
    #expect(Tensor(zeros: [0, 2]).logSumExp().shape == [0])
  }

  @Test("another axis than the last is the same as transposing")
  func otherAxis() {
    let input = Tensor.normal([3, 4, 5])
    let turned = input.transposed([0, 2, 1])
    #expect(input.softmax(axis: 1) == turned.softmax().transposed([0, 2, 1]))
    #expect(input.logSoftmax(axis: -2) == turned.logSoftmax().transposed([0, 2, 1]))
    #expect(input.logSumExp(axis: 0) == input.transposed([1, 2, 0]).logSumExp())
  }
}
