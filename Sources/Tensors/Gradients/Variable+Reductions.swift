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
    let view = AxisView(shape, axis: axis)
    // Where each largest element lies in row-major order.
    let winners = value.argmax(axis: axis).enumerated().map { cell, position in
      (cell / view.inner * view.extent + position) * view.inner + cell % view.inner
    }
    let result = value.maximum(axis: axis)
    guard let tape else { return Variable(result) }
    let (index, shape) = (index, shape)
    return tape.record(.maximum, result) { gradient, sweep in
      sweep.scatter(to: index, shape: shape) { sum in
        gradient.withUnsafeElements { gradient in
          for (position, winner) in winners.enumerated() { sum[winner] += gradient[position] }
        }
      }
    }
  }

  /// The sum of magnitudes Σ|x| along the last axis; the gradient at 0 is 0.
  public func l1Norm() -> Variable {
    record(.l1Norm, value.magnitudes().sum(axis: -1)) { dx, x, gradient, _ in
      for position in dx.indices { dx[position] = x[position] > 0 ? gradient : (x[position] < 0 ? -gradient : 0) }
    }
  }

  /// The Euclidean length √Σx² along the last axis; the gradient at 0 is 0, as in PyTorch.
  public func l2Norm() -> Variable {
    record(.l2Norm, value.norm(axis: -1)) { dx, x, gradient, length in
      let factor = length == 0 ? 0 : gradient / length
      for position in dx.indices { dx[position] = x[position] * factor }
    }
  }

  private typealias Row = UnsafeMutableBufferPointer<Float>

  /// Records norms of rows with the rule that writes one row of the gradient.
  private func record(
    _ operation: Operation, _ norms: Tensor,
    _ rule: @escaping (_ dx: Row, _ x: UnsafePointer<Float>, _ gradient: Float, _ norm: Float) -> Void
  ) -> Variable {
    guard let tape else { return Variable(norms) }
    let (index, x, columns) = (index, value, lastExtent(operation.rawValue))
    return tape.record(operation, norms) { gradient, sweep in
      var dx = Tensor(uninitialized: x.shape)
      dx.withUnsafeMutableElements { dx in
        x.withUnsafeElements { x in
          guard let dx = dx.baseAddress, let x = x.baseAddress else { return }
          norms.withUnsafeElements { norms in
            gradient.withUnsafeElements { gradient in
              for row in norms.indices {
                let start = row * columns
                rule(Row(start: dx + start, count: columns), x + start, gradient[row], norms[row])
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
    var sums = self
    let padded = Array(repeating: 1, count: rank - target.count) + target
    var upper = rank
    while upper > 0 {
      // Neighbouring axes that disappear together are one axis to the kernel.
      var lower = upper
      while lower > 0 && padded[lower - 1] == 1 { lower -= 1 }
      if shape[lower..<upper].contains(where: { $0 != 1 }) {
        sums = sums.reshaped([
          Tensor.count(of: Array(sums.shape[..<lower])), Tensor.count(of: Array(shape[lower..<upper])),
          Tensor.count(of: Array(padded[upper...])),
        ])
        .sum(axis: 1).reshaped(Array(shape[..<lower]) + padded[lower...])
      }
      upper = lower - 1
    }
    return sums.reshaped(target)
  }
}
