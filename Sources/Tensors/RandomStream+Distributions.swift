// What experiments draw from a stream beyond uniform numbers.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension RandomStream {
  /// A standard normal number (Box and Muller, the cosine branch).
  public mutating func normal() -> Float {
    let radius = (-2 * log(1 - uniformDouble())).squareRoot()
    return Float(radius * cos(2 * .pi * uniformDouble()))
  }

  /// A random order of 0 ..< count.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    order.shuffle(using: &self)
    return order
  }

  /// A tensor of independent uniform numbers in a range.
  public mutating func uniform(_ shape: [Int], in range: Range<Float> = 0..<1) -> Tensor {
    var tensor = Tensor(zeros: shape)
    let width = range.upperBound - range.lowerBound
    tensor.withUnsafeMutableElements { elements in
      for index in elements.indices { elements[index] = range.lowerBound + width * uniform() }
    }
    return tensor
  }

  /// A tensor of independent normal numbers with mean zero.
  public mutating func normal(_ shape: [Int], standardDeviation: Float = 1) -> Tensor {
    var tensor = Tensor(zeros: shape)
    tensor.withUnsafeMutableElements { elements in
      for index in elements.indices { elements[index] = standardDeviation * normal() }
    }
    return tensor
  }
}
