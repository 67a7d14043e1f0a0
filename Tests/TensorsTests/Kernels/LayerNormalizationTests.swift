import Tensors
import Testing

@Suite("LayerNorm and RMSNorm")
struct LayerNormalizationTests {
  @Test("agree with double precision", arguments: [1, 2, 5, 8, 64, 257])
  func agreesWithReference(columns: Int) {
    let input = Tensor.normal([6, columns]) * 3 + 2
    let (weight, bias) = (Tensor.normal([columns], "weight"), Tensor.normal([columns], "bias"))
    let layer = input.layerNorm(weight: weight, bias: bias, epsilon: 1e-5)
    let root = input.rmsNorm(weight: weight, epsilon: 1e-6)
    for row in 0..<6 {
      let values = (0..<columns).map { Double(input[row, $0]) }
      let mean = values.reduce(0, +) / Double(columns)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      let square = values.reduce(0) { $0 + $1 * $1 } / Double(columns)
      for column in 0..<columns {
        let (w, b) = (Double(weight[column]), Double(bias[column]))
        let layerTruth = (values[column] - mean) / (variance + 1e-5).squareRoot() * w + b
        let rootTruth = values[column] / (square + 1e-6).squareRoot() * w
        #expect(abs(Double(layer[row, column]) - layerTruth) <= 2e-6)
        #expect(abs(Double(root[row, column]) - rootTruth) <= 1e-6)
      }
    }
  }

  @Test("a large common offset does not spoil the variance")
  func offset() {
    // One-pass variance in single precision would be off by more than the variance itself.
    // Near 2²³ not even the mean itself is a float.
    let input = Tensor([8_000_000, 8_000_001, 8_000_002, 8_000_003], [1, 4])
    let expected: [Float] = [-1.3416408, -0.44721359, 0.44721359, 1.3416408]
    #expect(input.layerNorm(epsilon: 0).isApproximatelyEqual(to: Tensor(expected, [1, 4]), absolute: 2e-7))
  }

  @Test("a constant row becomes the bias, with the scale √ε")
  func constantRow() {
    let (input, bias) = ([Float](repeating: 7, count: 8), [Float](repeating: 3, count: 4))
    var (output, means, scales) = (
      [Float](repeating: 0, count: 8), [Float](repeating: 0, count: 2), [Float](repeating: 0, count: 2)
    )
    input.withUnsafeBufferPointer { input in
      bias.withUnsafeBufferPointer { bias in
        output.withUnsafeMutableBufferPointer { output in
          means.withUnsafeMutableBufferPointer { means in
            scales.withUnsafeMutableBufferPointer { scales in
              Kernels.layerNorm(
                input, columns: 4, epsilon: 0.25, bias: bias, into: output, means: means, scales: scales)
            }
          }
        }
      }
    }
    #expect(output == [Float](repeating: 3, count: 8))
    #expect(means == [7, 7] && scales == [0.5, 0.5])
  }

  @Test("in place gives the same bits")
  func inPlace() {
    let input = Tensor.normal([7, 19])
    var together = input
    together.withUnsafeMutableElements { elements in
      Kernels.layerNorm(UnsafeBufferPointer(elements), columns: 19, epsilon: 1e-5, into: elements)
    }
    #expect(together == input.layerNorm(epsilon: 1e-5))
    together = input
    together.withUnsafeMutableElements { elements in
      Kernels.rmsNorm(UnsafeBufferPointer(elements), columns: 19, epsilon: 1e-5, into: elements)
    }
    #expect(together == input.rmsNorm(epsilon: 1e-5))
  }

  @Test("NaN spoils its own row only, and empty rows are fine")
  func edges() {
    let output = Tensor([.nan, 1, 2, 3], [2, 2]).layerNorm()
    #expect(output[0, 0].isNaN && output[0, 1].isNaN && output[1, 0].isFinite)
    #expect(Tensor(zeros: [3, 0]).layerNorm().shape == [3, 0])
    #expect(Tensor(zeros: [0, 3]).rmsNorm().shape == [0, 3])
  }
}
