// Rearranging tensors: axes permuted, ranges taken, tensors joined and stretched. Everything here copies.

extension Tensor {
  /// The axis that a possibly negative number names; -1 is the last.
  func resolved(axis: Int) -> Int {
    precondition(axis >= -rank && axis < rank, "axis \(axis) is not an axis of the shape \(shape)")
    return axis < 0 ? axis + rank : axis
  }

  /// The last two axes exchanged: the transposed matrix, or each matrix of a batch transposed.
  public func transposed() -> Tensor {
    precondition(rank >= 2, "a tensor of shape \(shape) has no rows and columns to exchange")
    return transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// The axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
  public func transposed(_ order: [Int]) -> Tensor {
    let order = order.map { resolved(axis: $0) }
    precondition(order.sorted() == Array(0..<rank), "\(order) is not an order of the axes of \(shape)")
    var result = Tensor(uninitialized: order.map { shape[$0] })
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in Kernels.permute(source, shape, order, into: target) }
    }
    return result
  }

  /// A range of positions on one axis.
  public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
    let axis = resolved(axis: axis)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis], "\(range) is outside axis \(axis) of \(shape)")
    var newShape = shape
    newShape[axis] = range.count
    var result = Tensor(uninitialized: newShape)
    let inner = Tensor.count(of: Array(shape[(axis + 1)...]))
    let outer = Tensor.count(of: Array(shape[..<axis]))
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        let (block, run) = (shape[axis] * inner, range.count * inner)
        for row in 0..<outer {
          (to + row * run).update(from: from + row * block + range.lowerBound * inner, count: run)
        }
      }
    }
    return result
  }

  /// One position on an axis; the axis is gone.
  public func slice(axis: Int, at position: Int) -> Tensor {
    let axis = resolved(axis: axis)
    precondition(position >= 0 && position < shape[axis], "\(position) is outside axis \(axis) of \(shape)")
    var newShape = shape
    newShape.remove(at: axis)
    return slice(axis: axis, position..<position + 1).reshaped(newShape)
  }

  /// Positions picked from an axis in any order and number, as an embedding picks its rows.
  public func gathered(axis: Int = 0, at positions: [Int]) -> Tensor {
    let axis = resolved(axis: axis)
    var newShape = shape
    newShape[axis] = positions.count
    var result = Tensor(uninitialized: newShape)
    let inner = Tensor.count(of: Array(shape[(axis + 1)...]))
    let outer = Tensor.count(of: Array(shape[..<axis]))
    let extent = shape[axis]
    for position in positions {
      precondition(position >= 0 && position < extent, "\(position) is outside axis \(axis) of \(shape)")
    }
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        for row in 0..<outer {
          for (index, position) in positions.enumerated() {
            (to + (row * positions.count + index) * inner).update(
              from: from + (row * extent + position) * inner, count: inner)
          }
        }
      }
    }
    return result
  }

  /// Joins tensors along an axis that they have; the other extents must agree.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("there is nothing to concatenate") }
    let axis = first.resolved(axis: axis)
    var shape = first.shape
    shape[axis] = 0
    for tensor in tensors {
      var same = tensor.shape
      precondition(same.count == shape.count, "the shapes \(first.shape) and \(tensor.shape) cannot be joined")
      same[axis] = first.shape[axis]
      precondition(same == first.shape, "\(first.shape) and \(tensor.shape) differ outside of axis \(axis)")
      shape[axis] += tensor.shape[axis]
    }
    var result = Tensor(uninitialized: shape)
    let inner = count(of: Array(shape[(axis + 1)...]))
    let outer = count(of: Array(shape[..<axis]))
    let block = shape[axis] * inner
    result.withUnsafeMutableElements { target in
      guard let to = target.baseAddress else { return }
      var offset = 0
      for tensor in tensors {
        let run = tensor.shape[axis] * inner
        tensor.withUnsafeElements { source in
          guard let from = source.baseAddress else { return }
          for row in 0..<outer { (to + row * block + offset).update(from: from + row * run, count: run) }
        }
        offset += run
      }
    }
    return result
  }

  /// Joins tensors of one shape along a new axis.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("there is nothing to stack") }
    precondition(axis >= -first.rank - 1 && axis <= first.rank, "axis \(axis) cannot be inserted into \(first.shape)")
    let position = axis < 0 ? axis + first.rank + 1 : axis
    return concatenated(tensors.map { $0.insertingAxis(at: position) }, axis: position)
  }

  /// The same elements with an axis of extent one at a position.
  public func insertingAxis(at position: Int) -> Tensor {
    precondition(position >= 0 && position <= rank, "axis \(position) cannot be inserted into \(shape)")
    var newShape = shape
    newShape.insert(1, at: position)
    return reshaped(newShape)
  }

  /// The elements repeated to a larger shape by NumPy's broadcasting rules.
  public func broadcast(to newShape: [Int]) -> Tensor {
    precondition(
      Tensor.broadcastShape(shape, newShape) == newShape, "the shape \(shape) does not broadcast to \(newShape)")
    var result = Tensor(uninitialized: newShape)
    guard result.count > 0 else { return result }
    let plan = BroadcastPlan(newShape, shape, shape)
    withUnsafeElements { source in
      result.withUnsafeMutableElements { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        plan.forEachRun { output, offset, _ in
          if plan.leftVaries {
            (to + output).update(from: from + offset, count: plan.innerCount)
          } else {
            (to + output).update(repeating: from[offset], count: plan.innerCount)
          }
        }
      }
    }
    return result
  }
}
