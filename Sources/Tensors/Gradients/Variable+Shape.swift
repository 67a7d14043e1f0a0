// Moving elements without changing them: reshape, transpose, slice, concatenate, gather.

extension Variable {
  /// The same elements under another shape; one extent may be -1 and is inferred.
  public func reshaped(_ newShape: [Int]) -> Variable {
    let result = value.reshaped(newShape)
    guard let tape else { return Variable(result) }
    let (index, shape) = (index, shape)
    return tape.record(.reshape, result) { gradient, sweep in
      sweep.add(gradient.reshaped(shape), to: index)
    }
  }

  /// The elements with the axes in another order: axis `i` of the result is axis `order[i]` of this variable.
  public func transposed(_ order: [Int]) -> Variable {
    let result = value.transposed(order)
    guard let tape else { return Variable(result) }
    let index = index
    var inverse = order
    for (new, old) in order.enumerated() { inverse[value.resolved(axis: old)] = new }
    return tape.record(.transpose, result) { [inverse] gradient, sweep in
      sweep.add(gradient.transposed(inverse), to: index)
    }
  }

  /// The last two axes exchanged.
  public func transposed() -> Variable {
    precondition(rank >= 2, "a variable of shape \(shape) has no rows and columns to exchange")
    return transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// A range of positions on one axis.
  public func slice(axis: Int, _ range: Range<Int>) -> Variable {
    let result = value.slice(axis: axis, range)
    guard let tape else { return Variable(result) }
    let (index, shape) = (index, shape)
    let view = AxisView(shape, axis: value.resolved(axis: axis))
    let (block, run, offset) = (view.extent * view.inner, range.count * view.inner, range.lowerBound * view.inner)
    return tape.record(.slice, result) { gradient, sweep in
      sweep.scatter(to: index, shape: shape) { sum in
        gradient.withUnsafeElements { gradient in
          guard let sum = sum.baseAddress, let gradient = gradient.baseAddress else { return }
          for row in 0..<view.outer {
            let (from, to) = (gradient + row * run, sum + row * block + offset)
            for position in 0..<run { to[position] += from[position] }
          }
        }
      }
    }
  }

  /// Joins variables along an axis that they have; the other extents must agree.
  public static func concatenated(_ parts: [Variable], axis: Int = 0) -> Variable {
    let result = Tensor.concatenated(parts.map(\.value), axis: axis)
    guard let tape = Variable.tape(of: parts) else { return Variable(result) }
    let axis = result.resolved(axis: axis)
    let (indices, extents) = (parts.map(\.index), parts.map { $0.shape[axis] })
    return tape.record(.concatenate, result) { gradient, sweep in
      var start = 0
      for (index, extent) in zip(indices, extents) {
        if sweep.wants(index) { sweep.add(gradient.slice(axis: axis, start..<start + extent), to: index) }
        start += extent
      }
    }
  }

  /// Rows picked from the first axis, as an embedding picks its rows; the gradient adds up where a row repeats.
  ///
  /// From `[rows, ...]` to `positionsShape + [...]`, where the positions' own shape is `[positions.count]` unless given.
  public func gathered(at positions: [Int], shape positionsShape: [Int]? = nil) -> Variable {
    precondition(rank >= 1, "rows are gathered from at least one axis, got a scalar")
    let result = value.gathered(at: positions).reshaped((positionsShape ?? [positions.count]) + shape.dropFirst())
    guard let tape else { return Variable(result) }
    let (index, shape) = (index, shape)
    let width = Tensor.count(of: Array(shape.dropFirst()))
    return tape.record(.gather, result) { gradient, sweep in
      sweep.scatter(to: index, shape: shape) { sum in
        gradient.withUnsafeElements { gradient in
          guard let sum = sum.baseAddress, let gradient = gradient.baseAddress else { return }
          for (position, row) in positions.enumerated() {
            let (from, to) = (gradient + position * width, sum + row * width)
            for column in 0..<width { to[column] += from[column] }
          }
        }
      }
    }
  }
}
