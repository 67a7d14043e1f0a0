// Limits on gradients before an update: by their norm together, or element by element.

/// How gradients are kept from growing too large.
public enum GradientClipping: Sendable, Equatable, Codable {
  /// Scales all gradients by one factor when their norm together exceeds a maximum.
  case globalNorm(Float)
  /// Limits each element to ± a maximum.
  case value(Float)
}

extension Gradients {
  /// The Euclidean norm of all gradients taken as one vector, summed in double precision.
  public var globalNorm: Float {
    Float(tensors.reduce(0.0) { $0 + sumOfSquares($1) }.squareRoot())
  }

  /// Applies a limit in place and returns the global norm from before.
  ///
  /// The factor is `maximum / (norm + 1e-6)`, at most 1, as in `torch.nn.utils.clip_grad_norm_`. A NaN anywhere
  /// makes the norm NaN, and by it every gradient that the norm scales, so that it cannot go unnoticed.
  @discardableResult
  public mutating func clip(_ clipping: GradientClipping) -> Float {
    let norm = globalNorm
    switch clipping {
    case .globalNorm(let maximum):
      precondition(maximum > 0, "gradients cannot be clipped to the norm \(maximum)")
      let factor = maximum / (norm + 1e-6)
      // False for NaN, which goes on into every gradient.
      if factor >= 1 { return norm }
      for index in tensors.indices { scale(&tensors[index], by: factor) }
    case .value(let maximum):
      precondition(maximum > 0, "gradients cannot be clipped to ±\(maximum)")
      for index in tensors.indices { clamp(&tensors[index], to: maximum) }
    }
    return norm
  }
}

private func sumOfSquares(_ tensor: Tensor) -> Double {
  tensor.withUnsafeElements { elements in
    // Four partial sums in a fixed order: the loop vectorises and the bits do not depend on the machine.
    var sums = SIMD4<Double>(repeating: 0)
    var index = 0
    while index + 4 <= elements.count {
      let four = SIMD4<Double>(
        Double(elements[index]), Double(elements[index + 1]), Double(elements[index + 2]), Double(elements[index + 3]))
      sums += four * four
      index += 4
    }
    var total = sums[0] + sums[1] + sums[2] + sums[3]
    while index < elements.count {
      total += Double(elements[index]) * Double(elements[index])
      index += 1
    }
    return total
  }
}

private func scale(_ tensor: inout Tensor, by factor: Float) {
  tensor.withUnsafeMutableElements { elements in
    for index in elements.indices { elements[index] *= factor }
  }
}

private func clamp(_ tensor: inout Tensor, to maximum: Float) {
  tensor.withUnsafeMutableElements { elements in
    for index in elements.indices {
      let element = elements[index]
      elements[index] = element > maximum ? maximum : (element < -maximum ? -maximum : element)
    }
  }
}
