// A tiny n-dimensional array in double precision: what the operations compute, written as plainly as possible.
//
// Finite differences of these references are exact to about 1e-9, so that a comparison measures the gradient under test.

/// A row-major array of doubles.
struct DoubleArray: Sendable {
  var shape: [Int]
  var elements: [Double]

  init(_ elements: [Double], _ shape: [Int]) {
    precondition(elements.count == shape.reduce(1, *))
    self.shape = shape
    self.elements = elements
  }

  init(_ tensor: [Float], _ shape: [Int]) { self.init(tensor.map(Double.init), shape) }

  var rowLength: Int { shape.last ?? 1 }

  func map(_ function: (Double) -> Double) -> DoubleArray { DoubleArray(elements.map(function), shape) }

  /// Each row along the last axis replaced.
  func mapRows(_ function: ([Double]) -> [Double]) -> DoubleArray {
    var result: [Double] = []
    for start in stride(from: 0, to: elements.count, by: rowLength) {
      result += function(Array(elements[start..<start + rowLength]))
    }
    return DoubleArray(result, Array(shape.dropLast()) + [result.count / max(elements.count / rowLength, 1)])
  }

  /// Each row along the last axis reduced to one number.
  func reduceRows(_ function: ([Double]) -> Double) -> DoubleArray {
    let result = mapRows { [function($0)] }
    return DoubleArray(result.elements, Array(shape.dropLast()))
  }

  /// The positions of all elements in row-major order.
  static func positions(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { prefixes, extent in prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
  }

  subscript(_ position: [Int]) -> Double {
    elements[zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// The element at a position of a larger shape that this one broadcasts to.
  func stretched(_ position: [Int]) -> Double {
    self[zip(position.suffix(shape.count), shape).map { $1 == 1 ? 0 : $0 }]
  }

  static func broadcast(_ a: [Int], _ b: [Int]) -> [Int] {
    let rank = max(a.count, b.count)
    let pad = { (shape: [Int]) in Array(repeating: 1, count: rank - shape.count) + shape }
    return zip(pad(a), pad(b)).map { $0 == 1 ? $1 : $0 }
  }

  static func zip2(_ a: DoubleArray, _ b: DoubleArray, _ function: (Double, Double) -> Double) -> DoubleArray {
    let shape = broadcast(a.shape, b.shape)
    return DoubleArray(positions(shape).map { function(a.stretched($0), b.stretched($0)) }, shape)
  }

  /// The last two axes exchanged where asked.
  func transposed(if condition: Bool = true) -> DoubleArray {
    guard condition else { return self }
    let rank = shape.count
    return permuted(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  func permuted(_ order: [Int]) -> DoubleArray {
    let newShape = order.map { shape[$0] }
    let elements = Self.positions(newShape).map { position in
      var old = position
      for (new, axis) in order.enumerated() { old[axis] = position[new] }
      return self[old]
    }
    return DoubleArray(elements, newShape)
  }

  func reshaped(_ newShape: [Int]) -> DoubleArray { DoubleArray(elements, newShape) }

  /// The matrix product over the last two axes, the leading ones broadcast.
  func times(_ other: DoubleArray) -> DoubleArray {
    let batch = Self.broadcast(Array(shape.dropLast(2)), Array(other.shape.dropLast(2)))
    let newShape = batch + [shape[shape.count - 2], other.shape[other.shape.count - 1]]
    let elements = Self.positions(newShape).map { position in
      (0..<rowLength).reduce(0.0) { sum, inner in
        var (left, right) = (position, position)
        left[left.count - 1] = inner
        right[right.count - 2] = inner
        return sum + stretched(left) * other.stretched(right)
      }
    }
    return DoubleArray(elements, newShape)
  }

  func sum(_ axes: Set<Int>, keepingAxes: Bool = false) -> DoubleArray {
    let kept = shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    var result = DoubleArray([Double](repeating: 0, count: kept.reduce(1, *)), kept)
    for (element, position) in Swift.zip(elements, Self.positions(shape)) {
      let target = Swift.zip(position, kept).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
      result.elements[target] += element
    }
    if !keepingAxes { result.shape = shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element) }
    return result
  }

  func slice(_ axis: Int, _ range: Range<Int>) -> DoubleArray {
    var newShape = shape
    newShape[axis] = range.count
    let elements = Self.positions(newShape).map { position in
      var old = position
      old[axis] += range.lowerBound
      return self[old]
    }
    return DoubleArray(elements, newShape)
  }

  /// Arrays joined along the last axis.
  static func joined(_ parts: [DoubleArray]) -> DoubleArray {
    let rows = parts[0].elements.count / parts[0].rowLength
    let elements = (0..<rows).flatMap { row in
      parts.flatMap { $0.elements[row * $0.rowLength..<(row + 1) * $0.rowLength] }
    }
    return DoubleArray(elements, Array(parts[0].shape.dropLast()) + [elements.count / rows])
  }

  func rows(_ positions: [Int]) -> DoubleArray {
    let width = elements.count / shape[0]
    return DoubleArray(
      positions.flatMap { elements[$0 * width..<($0 + 1) * width] }, [positions.count] + shape.dropFirst())
  }
}
