import Foundation
import Testing

@testable import Tensors

@Suite("Exponentials of rows")
struct RowExponentialsTests {
  @Test("agree with double precision, and add up", arguments: [1, 3, 4, 5, 63, 64, 65, 130, 1001])
  func agreesWithReference(count: Int) {
    let x = (Tensor.normal([count]) * 20).elements
    var y = [Float](repeating: .nan, count: count + 1)
    let largest = Kernels.largest(x, count)
    #expect(largest == x.max())
    let total = y.withUnsafeMutableBufferPointer { y in
      y.baseAddress.map { Kernels.exponentials(x, count, less: largest, into: $0) }
    }
    var sum = 0.0
    for index in 0..<count {
      // The difference is rounded once; that is part of the argument.
      let difference = Double(x[index] - largest)
      let truth = difference < -87 ? 0 : exp(difference)
      #expect(abs(Double(y[index]) - truth) <= 1.01 * spacing(at: truth))
      sum += truth
    }
    #expect(y[count].isNaN, "something was written behind the last element")
    #expect(abs((total ?? .nan) - sum) <= 3e-7 * sum)
  }

  @Test("are at most one unit in the last place from the truth")
  func accuracy() {
    let x = (0..<200_000).map { Float(-87) * Float($0) / 200_000 }
    var y = x
    y.withUnsafeMutableBufferPointer { y in
      if let y = y.baseAddress { Kernels.exponentials(y, x.count, less: 0, into: y) }
    }
    let worst = zip(x, y).reduce(0.0) { worst, pair in
      max(worst, abs(Double(pair.1) - exp(Double(pair.0))) / spacing(at: exp(Double(pair.0))))
    }
    #expect(worst <= 1)
  }

  @Test("are zero far below, and NaN where the element is", arguments: 0..<6)
  func edges(place: Int) {
    var x: [Float] = [0, -1, -88, -1000, -.infinity, -2]
    x[place] = .nan
    var y = x
    let total = y.withUnsafeMutableBufferPointer { y in
      y.baseAddress.map { Kernels.exponentials(x, 6, less: 0, into: $0) }
    }
    for index in 0..<6 where index != place {
      let truth = x[index] < -87 ? 0 : exp(Double(x[index]))
      #expect(abs(Double(y[index]) - truth) <= spacing(at: truth))
    }
    #expect(y[place].isNaN)
    #expect(total?.isNaN == true)
  }
}
