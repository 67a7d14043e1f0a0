// Rotary position embedding: pairs of elements of queries and keys are turned by an angle proportional to the position.
//
// Su et al. 2021, *RoFormer*, equation 34. Frequencies and angles are computed in single precision, as every published
// model was trained with; sines and cosines of those angles are exact to rounding.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The sines and cosines of one run.
struct Rotation {
  private let rotary: Rotary
  /// For each position from the first on: `dimension / 2` cosines, then as many sines.
  private let table: [Float]
  private let first: Int

  /// Computes the table for the positions that a run uses.
  init(_ rotary: Rotary, positions: ClosedRange<Int>) {
    self.rotary = rotary
    first = positions.lowerBound
    let frequencies = Rotation.frequencies(rotary)
    var table: [Float] = []
    table.reserveCapacity(positions.count * rotary.dimension)
    for position in positions {
      let angles = frequencies.map { Double(Float(position) * $0) }
      table += angles.map { Float(cos($0)) }
      table += angles.map { Float(sin($0)) }
    }
    self.table = table
  }

  /// The angle by which each pair turns from one position to the next.
  static func frequencies(_ rotary: Rotary) -> [Float] {
    let plain = (0..<rotary.dimension / 2).map { 1 / powf(rotary.base, Float(2 * $0) / Float(rotary.dimension)) }
    switch rotary.scaling {
    case .none: return plain
    case .linear(let factor): return plain.map { $0 / factor }
    case .llama3(let factor, let low, let high, let context):
      return plain.map { frequency in
        let wavelength = 2 * Float.pi / frequency
        if wavelength < Float(context) / high { return frequency }
        if wavelength > Float(context) / low { return frequency / factor }
        let smooth = (Float(context) / wavelength - low) / (high - low)
        return (1 - smooth) * frequency / factor + smooth * frequency
      }
    }
  }

  /// Turns `[batch, position, head, dHead]`, where `positions` says where each of the batch's tokens stands.
  func apply(_ x: Variable, positions: [Int]) -> Variable {
    let result = turn(x.value, positions, sign: 1)
    return Variable.custom([x], result: result) { gradient in [turn(gradient, positions, sign: -1)] }
  }

  private func turn(_ x: Tensor, _ positions: [Int], sign: Float) -> Tensor {
    var result = x
    let (heads, width) = (x.shape[2], x.shape[3])
    let half = rotary.dimension / 2
    guard half > 0 else { return result }
    precondition(2 * half <= width, "\(2 * half) elements of a head of \(width) cannot be rotated")
    result.withUnsafeMutableElements { elements in
      table.withUnsafeBufferPointer { table in
        guard let elements = elements.baseAddress, let table = table.baseAddress else { return }
        for (token, position) in positions.enumerated() {
          Kernels.rotate(
            elements + token * heads * width, heads: heads, width: width, half: half,
            cosines: table + (position - first) * 2 * half, sign: sign, isAdjacent: rotary.pairs == .adjacent)
        }
      }
    }
    return result
  }
}
