// Keeping the largest elements of each row, as sparse autoencoders do.

extension Variable {
  /// Each row with only its `count` largest elements; all others are zero (Gao et al. 2024, section 2.3).
  ///
  /// Rows run along the last axis; among equals the first is kept. NaN counts as largest. The gradient goes to the
  /// elements that are kept. A batch-wide choice is the same on one long row: reshape to `[1, -1]` first.
  public func topK(_ count: Int) -> Variable {
    let columns = lastExtent("topK")
    precondition(count >= 0, "the \(count) largest elements cannot be kept")
    let mask = value.maskOfLargest(count, columns: columns)
    let result = zeroing(value, where: mask)
    guard let tape else { return Variable(result) }
    let index = index
    return tape.record(.topK, result) { gradient, sweep in
      sweep.add(zeroing(gradient, where: mask), to: index)
    }
  }
}

/// The elements where a mask is not zero, and zero elsewhere: no product, so that NaN outside of the mask is gone.
private func zeroing(_ tensor: Tensor, where mask: Tensor) -> Tensor {
  var result = Tensor(uninitialized: tensor.shape)
  result.withUnsafeMutableElements { result in
    tensor.withUnsafeElements { elements in
      mask.withUnsafeElements { mask in
        for index in result.indices { result[index] = mask[index] == 0 ? 0 : elements[index] }
      }
    }
  }
  return result
}

extension Tensor {
  /// One at the largest elements of each row of so many columns, zero elsewhere.
  fileprivate func maskOfLargest(_ count: Int, columns: Int) -> Tensor {
    guard count > 0 else { return Tensor(zeros: shape) }
    guard count < columns else { return Tensor(ones: shape) }
    var mask = Tensor(uninitialized: shape)
    var keys = [UInt32](repeating: 0, count: columns)
    mask.withUnsafeMutableElements { mask in
      withUnsafeElements { elements in
        keys.withUnsafeMutableBufferPointer { keys in
          for start in stride(from: 0, to: elements.count, by: columns) {
            for column in 0..<columns { keys[column] = orderedBits(elements[start + column]) }
            let threshold = largest(count, of: keys)
            var ties = count
            for column in 0..<columns where orderedBits(elements[start + column]) > threshold { ties -= 1 }
            for column in 0..<columns {
              let key = orderedBits(elements[start + column])
              let isKept = key > threshold || (key == threshold && ties > 0)
              if key == threshold { ties -= 1 }
              mask[start + column] = isKept ? 1 : 0
            }
          }
        }
      }
    }
    return mask
  }
}

/// Bits that order as the float does: both zeros equal, NaN of either sign above infinity.
private func orderedBits(_ element: Float) -> UInt32 {
  if element.isNaN { return .max }
  let bits = (element + 0).bitPattern
  return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
}

/// The value that is in place `count` from the top when sorted; reorders the keys (Hoare's selection).
private func largest(_ count: Int, of keys: UnsafeMutableBufferPointer<UInt32>) -> UInt32 {
  var (low, high) = (0, keys.count - 1)
  let place = count - 1
  while low < high {
    let pivot = keys[(low + high) / 2]
    var (left, right) = (low, high)
    while left <= right {
      while keys[left] > pivot { left += 1 }
      while keys[right] < pivot { right -= 1 }
      if left <= right {
        keys.swapAt(left, right)
        left += 1
        right -= 1
      }
    }
    if place <= right {
      high = right
    } else if place >= left {
      low = left
    } else {
      return keys[place]
    }
  }
  return keys[place]
}
