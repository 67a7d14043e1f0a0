// Sums, means, maxima and norms along axes.

extension Variable {
  /// The sum over axes, or over all of them; with `keepingAxes` they stay with extent 1.
  public func sum(axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    let axes = Set((axes ?? Array(0..<rank)).map { value.resolved(axis: $0) })
    let kept = shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    let reduced = value.reduced(to: kept)
    let squeezed = shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    let result = keepingAxes ? reduced : reduced.reshaped(squeezed)
    guard let tape else { return Variable(result) }
    let (index, shape) = (index, shape)
    return tape.record(.sum, result) { gradient, sweep in
      sweep.add(gradient.reshaped(kept).broadcast(to: shape), to: index)
    }
  }

  /// The mean over axes, or over all of them; NaN over no elements.
  public func mean(axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    let total = sum(axes: axes, keepingAxes: keepingAxes)
    let extents = (axes ?? Array(0..<rank)).map { shape[value.resolved(axis: $0)] }
    return total / Float(extents.reduce(1, *))
  }

  /// The largest element along an axis, which disappears; the gradient goes to the first of equals.
  ///
  /// NaN counts as larger than everything.
  public func maximum(axis: Int) -> Variable {
    let axis = value.resolved(axis: axis)
    let extent = shape[axis]
    precondition(extent > 0, "there is no maximum over the empty axis \(axis) of the shape \(shape)")
    let inner = Tensor.count(of: Array(shape[(axis + 1)...]))
    var reduced = shape
    reduced.remove(at: axis)
    var result = Tensor(uninitialized: reduced)
    var winners = [Int](repeating: 0, count: result.count)
    result.withUnsafeMutableElements { result in
      value.withUnsafeElements { x in
        for position in result.indices {
          let start = position / inner * extent * inner + position % inner
          var best = start
          for candidate in stride(from: start, to: start + extent * inner, by: inner) {
            // False for NaN in either place, so a NaN that has won stays and one that comes up wins.
            let isSmallerOrEqual = x[candidate] <= x[best]
            if !isSmallerOrEqual && !x[best].isNaN { best = candidate }
          }
          winners[position] = best
          result[position] = x[best]
        }
      }
    }
    guard let tape else { return Variable(result) }
    let (index, shape) = (index, shape)
    return tape.record(.maximum, result) { [winners] gradient, sweep in
      sweep.scatter(to: index, shape: shape) { sum in
        gradient.withUnsafeElements { gradient in
          for (position, winner) in winners.enumerated() { sum[winner] += gradient[position] }
        }
      }
    }
  }

  /// The sum of magnitudes Σ|x| along the last axis; the gradient at 0 is 0.
  public func l1Norm() -> Variable {
    norm(.l1Norm, { row in row.reduce(0.0) { $0 + Double($1.magnitude) } }) { element, _ in
      element > 0 ? 1 : (element < 0 ? -1 : 0)
    }
  }

  /// The Euclidean length √Σx² along the last axis; the gradient at 0 is 0, as in PyTorch.
  public func l2Norm() -> Variable {
    norm(.l2Norm, { row in row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }) { element, length in
      length == 0 ? 0 : element / length
    }
  }

  @inline(__always)
  private func norm(
    _ operation: Operation, _ length: (Slice<UnsafeBufferPointer<Float>>) -> Double,
    _ slope: @escaping (_ element: Float, _ length: Float) -> Float
  ) -> Variable {
    let columns = lastExtent(operation.rawValue)
    var lengths = Tensor(uninitialized: Array(shape.dropLast()))
    lengths.withUnsafeMutableElements { lengths in
      value.withUnsafeElements { x in
        for row in lengths.indices { lengths[row] = Float(length(x[row * columns..<(row + 1) * columns])) }
      }
    }
    guard let tape else { return Variable(lengths) }
    let (index, x) = (index, value)
    return tape.record(operation, lengths) { [lengths] gradient, sweep in
      var dx = Tensor(uninitialized: x.shape)
      dx.withUnsafeMutableElements { dx in
        x.withUnsafeElements { x in
          lengths.withUnsafeElements { lengths in
            gradient.withUnsafeElements { gradient in
              for row in lengths.indices {
                for position in row * columns..<(row + 1) * columns {
                  dx[position] = gradient[row] * slope(x[position], lengths[row])
                }
              }
            }
          }
        }
      }
      sweep.add(dx, to: index)
    }
  }
}

extension Tensor {
  /// The sum over what broadcasting from a shape to this one repeats: the way back of broadcasting.
  func reduced(to target: [Int]) -> Tensor {
    if target == shape { return self }
    precondition(
      Tensor.broadcastShape(target, shape) == shape, "the shape \(shape) does not reduce to the shape \(target)")
    var result = Tensor(zeros: target)
    guard count > 0 else { return result }
    let plan = BroadcastPlan(shape, shape, target)
    result.withUnsafeMutableElements { sums in
      withUnsafeElements { elements in
        plan.forEachRun { start, _, target in
          if plan.rightVaries {
            for position in 0..<plan.innerCount { sums[target + position] += elements[start + position] }
          } else {
            sums[target] += runSum(elements, start, plan.innerCount)
          }
        }
      }
    }
    return result
  }
}

/// The sum of a run, in four double-precision lanes of a fixed order.
private func runSum(_ elements: UnsafeBufferPointer<Float>, _ start: Int, _ count: Int) -> Float {
  var lanes = SIMD4<Double>()
  var index = start
  while index + 4 <= start + count {
    lanes += SIMD4<Double>(
      Double(elements[index]), Double(elements[index + 1]), Double(elements[index + 2]), Double(elements[index + 3]))
    index += 4
  }
  var total = lanes.sum()
  while index < start + count {
    total += Double(elements[index])
    index += 1
  }
  return Float(total)
}
