// Sums, means, extremes, spreads and norms, of everything or along an axis.
//
// Sums run in double precision and round once. What nothing gives: sum 0, mean and variance NaN, norm 0; the extreme of
// nothing does not exist and is a programmer's error. NaN in, NaN out.

extension Tensor {
  /// The sum of all elements; zero for none.
  public func sum() -> Float { Float(withUnsafeElements { Kernels.sum($0) }) }

  /// The mean of all elements; NaN for none.
  public func mean() -> Float { Float(withUnsafeElements { Kernels.sum($0) } / Double(count)) }

  /// The variance of all elements, divided by their number less a correction (1 for the unbiased estimate).
  public func variance(correction: Int = 0) -> Float {
    let mean = withUnsafeElements { Kernels.sum($0) } / Double(count)
    return Float(withUnsafeElements { Kernels.sumOfSquares($0, from: mean) } / Double(max(count - correction, 0)))
  }

  /// The Euclidean norm of all elements (Frobenius's for a matrix); zero for none.
  public func norm() -> Float { Float(withUnsafeElements { Kernels.sumOfSquares($0) }.squareRoot()) }

  /// The largest element; there must be one. NaN when any element is.
  public func maximum() -> Float { reshaped([count]).maximum(axis: 0).scalar }

  /// The smallest element; there must be one. NaN when any element is.
  public func minimum() -> Float { reshaped([count]).minimum(axis: 0).scalar }

  /// The row-major position of the largest element, the first of equals.
  public func argmax() -> Int { reshaped([count]).argmax(axis: 0)[0] }

  /// The sums along an axis, which is gone or, if kept, has extent one.
  public func sum(axis: Int, keepingAxis: Bool = false) -> Tensor {
    reduced(axis, keepingAxis) { input, view, output in Kernels.sums(input, view, times: 1, into: output) }
  }

  /// The sums along several axes, rounded once, as if they were one.
  public func sum(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    let summed = Set(axes.map { resolved(axis: $0) })
    precondition(summed.count == axes.count, "an axis is named twice in \(axes)")
    let kept = (0..<rank).filter { !summed.contains($0) }
    let together = transposed(kept + summed.sorted()).reshaped([
      Tensor.count(of: kept.map { shape[$0] }), Tensor.count(of: summed.map { shape[$0] }),
    ])
    let newShape = keepingAxes ? shape.indices.map { summed.contains($0) ? 1 : shape[$0] } : kept.map { shape[$0] }
    return together.sum(axis: 1).reshaped(newShape)
  }

  /// The means along an axis; NaN where there is nothing.
  public func mean(axis: Int, keepingAxis: Bool = false) -> Tensor {
    reduced(axis, keepingAxis) { input, view, output in
      Kernels.sums(input, view, times: 1 / Double(view.extent), into: output)
    }
  }

  /// The variances along an axis, divided by the extent less a correction (1 for the unbiased estimate).
  public func variance(axis: Int, correction: Int = 0, keepingAxis: Bool = false) -> Tensor {
    reduced(axis, keepingAxis) { input, view, output in
      let divisor = Double(max(view.extent - correction, 0))
      let means = Kernels.means(input, view)
      Kernels.sumsOfSquares(input, view, from: means, times: 1 / divisor, into: output)
    }
  }

  /// The Euclidean norms along an axis.
  public func norm(axis: Int, keepingAxis: Bool = false) -> Tensor {
    reduced(axis, keepingAxis) { input, view, output in Kernels.norms(input, view, into: output) }
  }

  /// The largest elements along an axis, which must not be empty.
  public func maximum(axis: Int, keepingAxis: Bool = false) -> Tensor {
    extremes(axis, keepingAxis, largest: true)
  }

  /// The smallest elements along an axis, which must not be empty.
  public func minimum(axis: Int, keepingAxis: Bool = false) -> Tensor {
    extremes(axis, keepingAxis, largest: false)
  }

  /// The positions of the largest elements along an axis, in row-major order of the other axes; the first of equals.
  public func argmax(axis: Int) -> [Int] {
    let view = AxisView(shape, axis: resolved(axis: axis))
    precondition(view.extent > 0 || view.outer * view.inner == 0, "nothing in axis \(axis) of \(shape) is largest")
    return withUnsafeElements { Kernels.positionsOfMaximum($0, view) }
  }

  /// The running sums along an axis.
  public func cumulativeSum(axis: Int) -> Tensor {
    let view = AxisView(shape, axis: resolved(axis: axis))
    var result = Tensor(uninitialized: shape)
    withUnsafeElements { input in
      result.withUnsafeMutableElements { output in Kernels.cumulativeSums(input, view, into: output) }
    }
    return result
  }

  /// Whether every element is finite.
  public var isFinite: Bool { withUnsafeElements { $0.allSatisfy { $0.isFinite } } }

  /// The largest absolute difference from a tensor of the same shape; zero for empty ones, NaN if any difference is.
  public func maximumDifference(from other: Tensor) -> Float {
    precondition(shape == other.shape, "the shapes \(shape) and \(other.shape) cannot be compared")
    return count == 0 ? 0 : (self - other).magnitudes().maximum()
  }

  /// Whether shapes agree and no element differs by more than absolute + relative · |other|; NaN differs from all.
  public func isApproximatelyEqual(to other: Tensor, absolute: Float = 0, relative: Float = 0) -> Bool {
    guard shape == other.shape else { return false }
    return zip(elements, other.elements).allSatisfy { left, right in
      left == right || (left - right).magnitude <= absolute + relative * right.magnitude
    }
  }

  private func extremes(_ axis: Int, _ keepingAxis: Bool, largest: Bool) -> Tensor {
    reduced(axis, keepingAxis) { input, view, output in
      precondition(view.extent > 0 || output.isEmpty, "axis \(axis) of the shape \(shape) is empty: it has no extreme")
      Kernels.extremes(input, view, largest: largest, into: output)
    }
  }

  private func reduced(
    _ axis: Int, _ keepingAxis: Bool,
    _ body: (UnsafeBufferPointer<Float>, AxisView, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    let axis = resolved(axis: axis)
    var newShape = shape
    if keepingAxis { newShape[axis] = 1 } else { newShape.remove(at: axis) }
    var result = Tensor(uninitialized: newShape)
    withUnsafeElements { input in
      result.withUnsafeMutableElements { output in body(input, AxisView(shape, axis: axis), output) }
    }
    return result
  }
}
