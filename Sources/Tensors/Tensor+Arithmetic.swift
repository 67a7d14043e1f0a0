// Element-by-element arithmetic with NumPy's broadcasting.
//
// Shapes are aligned at their last axes; an extent of 1, or a missing axis, stretches to the other's. Results are new
// tensors; IEEE rules hold for NaN, infinities and division by zero, and empty tensors give empty tensors.

extension Tensor {
  /// The shape that two shapes broadcast to, or nil when they do not fit together.
  public static func broadcastShape(_ left: [Int], _ right: [Int]) -> [Int]? {
    let rank = max(left.count, right.count)
    var shape = [Int](repeating: 1, count: rank)
    for axis in 1...max(rank, 1) where axis <= rank {
      let a = axis <= left.count ? left[left.count - axis] : 1
      let b = axis <= right.count ? right[right.count - axis] : 1
      guard a == b || a == 1 || b == 1 else { return nil }
      shape[rank - axis] = a == 1 ? b : a
    }
    return shape
  }

  /// The sum, element by element.
  public static func + (left: Tensor, right: Tensor) -> Tensor { combine(left, right) { $0 + $1 } }

  /// The difference, element by element.
  public static func - (left: Tensor, right: Tensor) -> Tensor { combine(left, right) { $0 - $1 } }

  /// The product, element by element.
  public static func * (left: Tensor, right: Tensor) -> Tensor { combine(left, right) { $0 * $1 } }

  /// The quotient, element by element.
  public static func / (left: Tensor, right: Tensor) -> Tensor { combine(left, right) { $0 / $1 } }

  /// The larger of each pair; NaN when either is NaN.
  public static func maximum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combine(left, right) { $0 > $1 || $0 != $0 ? $0 : $1 }
  }

  /// The smaller of each pair; NaN when either is NaN.
  public static func minimum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combine(left, right) { $0 < $1 || $0 != $0 ? $0 : $1 }
  }

  /// Adds a number to each element.
  public static func + (left: Tensor, right: Float) -> Tensor { left.apply { $0 + right } }

  /// Adds each element to a number.
  public static func + (left: Float, right: Tensor) -> Tensor { right.apply { left + $0 } }

  /// Subtracts a number from each element.
  public static func - (left: Tensor, right: Float) -> Tensor { left.apply { $0 - right } }

  /// Subtracts each element from a number.
  public static func - (left: Float, right: Tensor) -> Tensor { right.apply { left - $0 } }

  /// Multiplies each element by a number.
  public static func * (left: Tensor, right: Float) -> Tensor { left.apply { $0 * right } }

  /// Multiplies a number by each element.
  public static func * (left: Float, right: Tensor) -> Tensor { right.apply { left * $0 } }

  /// Divides each element by a number.
  public static func / (left: Tensor, right: Float) -> Tensor { left.apply { $0 / right } }

  /// Divides a number by each element.
  public static func / (left: Float, right: Tensor) -> Tensor { right.apply { left / $0 } }

  /// The negative of each element.
  public static prefix func - (tensor: Tensor) -> Tensor { tensor.apply { -$0 } }

  /// Adds a tensor that broadcasts to this one's shape, in place when nobody shares the memory.
  public static func += (left: inout Tensor, right: Tensor) { left.update(right) { $0 + $1 } }

  /// Subtracts a tensor that broadcasts to this one's shape, in place when nobody shares the memory.
  public static func -= (left: inout Tensor, right: Tensor) { left.update(right) { $0 - $1 } }

  /// Multiplies by a tensor that broadcasts to this one's shape, in place when nobody shares the memory.
  public static func *= (left: inout Tensor, right: Tensor) { left.update(right) { $0 * $1 } }

  /// Divides by a tensor that broadcasts to this one's shape, in place when nobody shares the memory.
  public static func /= (left: inout Tensor, right: Tensor) { left.update(right) { $0 / $1 } }

  /// Adds a number to each element in place.
  public static func += (left: inout Tensor, right: Float) { left.update { $0 + right } }

  /// Multiplies each element by a number in place.
  public static func *= (left: inout Tensor, right: Float) { left.update { $0 * right } }

  /// The absolute value of each element.
  public func magnitudes() -> Tensor { apply { $0.magnitude } }

  /// The square of each element.
  public func squared() -> Tensor { apply { $0 * $0 } }

  /// The square root of each element; NaN for negative ones.
  public func squareRoots() -> Tensor { apply { $0.squareRoot() } }

  /// Each element, or zero where it is negative; NaN stays.
  public func relu() -> Tensor { apply { $0 < 0 ? 0 : $0 } }

  /// Each element limited to a range; NaN stays.
  public func clamped(to range: ClosedRange<Float>) -> Tensor {
    apply { $0 < range.lowerBound ? range.lowerBound : ($0 > range.upperBound ? range.upperBound : $0) }
  }

  /// Applies a function to each element.
  @inlinable
  public func map(_ function: (Float) -> Float) -> Tensor {
    var result = Tensor(uninitialized: shape)
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in
        for index in source.indices { target[index] = function(source[index]) }
      }
    }
    return result
  }

  /// One where a condition holds and zero elsewhere.
  @inlinable
  public func mask(where condition: (Float) -> Bool) -> Tensor { map { condition($0) ? 1 : 0 } }

  /// The elements where the mask of the same shape is not zero, in row-major order.
  public func selected(by mask: Tensor) -> [Float] {
    precondition(mask.shape == shape, "a mask of shape \(mask.shape) for a tensor of shape \(shape)")
    return zip(elements, mask.elements).compactMap { $1 != 0 ? $0 : nil }
  }
}

// MARK: - Loops

// These take the memory directly: inside closures the function would be called for each element.
extension Tensor {
  @inline(__always)
  private func apply(_ function: (Float) -> Float) -> Tensor {
    let result = Tensor(uninitialized: shape)
    let (source, target) = (storage.elements, result.storage.elements)
    withExtendedLifetime(self) {
      for index in 0..<count { target[index] = function(source[index]) }
    }
    return result
  }

  @inline(__always)
  private mutating func update(_ function: (Float) -> Float) {
    makeUnique()
    let target = storage.elements
    withExtendedLifetime(storage) {
      for index in 0..<count { target[index] = function(target[index]) }
    }
  }

  @inline(__always)
  private mutating func update(_ other: Tensor, _ function: (Float, Float) -> Float) {
    guard other.shape == shape else {
      let combined = Tensor.combine(self, other, function)
      precondition(combined.shape == shape, "the shape \(other.shape) does not broadcast to \(shape)")
      self = combined
      return
    }
    makeUnique()
    let (target, source) = (storage.elements, other.storage.elements)
    withExtendedLifetime((storage, other)) {
      for index in 0..<count { target[index] = function(target[index], source[index]) }
    }
  }

  /// Combines two tensors: one loop when shapes agree, otherwise one for each run of the inner axes.
  @inline(__always)
  private static func combine(_ left: Tensor, _ right: Tensor, _ function: (Float, Float) -> Float) -> Tensor {
    guard let shape = broadcastShape(left.shape, right.shape) else {
      preconditionFailure("the shapes \(left.shape) and \(right.shape) do not broadcast together")
    }
    let result = Tensor(uninitialized: shape)
    guard let a = left.storage.elements.baseAddress, let b = right.storage.elements.baseAddress,
      let target = result.storage.elements.baseAddress
    else { return result }
    let plan = BroadcastPlan(shape, left.shape, right.shape)
    let inner = plan.innerCount
    var runs = plan.runs()
    withExtendedLifetime((left, right)) {
      while let run = runs.next() {
        let (target, a, b) = (target + run.output, a + run.left, b + run.right)
        switch (plan.leftVaries, plan.rightVaries) {
        case (true, true):
          for i in 0..<inner { target[i] = function(a[i], b[i]) }
        case (true, false):
          let value = b[0]
          for i in 0..<inner { target[i] = function(a[i], value) }
        case (false, true):
          let value = a[0]
          for i in 0..<inner { target[i] = function(value, b[i]) }
        case (false, false):
          let value = function(a[0], b[0])
          for i in 0..<inner { target[i] = value }
        }
      }
    }
    return result
  }
}
