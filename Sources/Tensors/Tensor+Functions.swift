// Elementary functions, softmax and normalisation of tensors, on the kernels that the gradients use too.

extension Tensor {
  /// eˣ of each element.
  public func exp() -> Tensor { throughEach { Kernels.exp($0, into: $1) } }

  /// eˣ − 1 of each element.
  public func expMinusOne() -> Tensor { throughEach { Kernels.expMinusOne($0, into: $1) } }

  /// The natural logarithm of each element.
  public func log() -> Tensor { throughEach { Kernels.log($0, into: $1) } }

  /// ln(1 + x) of each element.
  public func logOnePlus() -> Tensor { throughEach { Kernels.logOnePlus($0, into: $1) } }

  /// The hyperbolic tangent of each element.
  public func tanh() -> Tensor { throughEach { Kernels.tanh($0, into: $1) } }

  /// The logistic function of each element.
  public func sigmoid() -> Tensor { throughEach { Kernels.sigmoid($0, into: $1) } }

  /// ln(1 + eˣ) of each element.
  public func softplus() -> Tensor { throughEach { Kernels.softplus($0, into: $1) } }

  /// The error function of each element.
  public func erf() -> Tensor { throughEach { Kernels.erf($0, into: $1) } }

  /// The exact GELU of each element, x·Φ(x).
  public func gelu() -> Tensor { throughEach { Kernels.gelu($0, into: $1) } }

  /// The tanh form of GELU of each element, as GPT-2 has it.
  public func geluTanh() -> Tensor { throughEach { Kernels.geluTanh($0, into: $1) } }

  /// The softmax along an axis; a slice of only −∞ gives NaN.
  public func softmax(axis: Int = -1) -> Tensor {
    alongLast(axis) { input, columns, output in Kernels.softmax(input, columns: columns, into: output) }
  }

  /// The logarithm of the softmax along an axis.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    alongLast(axis) { input, columns, output in Kernels.logSoftmax(input, columns: columns, into: output) }
  }

  /// ln Σ eˣ along an axis, which is gone; −∞ where there is nothing.
  public func logSumExp(axis: Int = -1) -> Tensor {
    let axis = resolved(axis: axis)
    let moved = movingToLast(axis)
    var result = Tensor(uninitialized: Array(moved.shape.dropLast()))
    moved.withUnsafeElements { input in
      result.withUnsafeMutableElements { output in
        Kernels.logSumExp(input, columns: shape[axis], into: output)
      }
    }
    return result
  }

  /// LayerNorm over the last axis; `weight` and `bias` have its extent.
  public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float = 1e-5) -> Tensor {
    precondition(rank > 0, "a scalar has no axis to normalise")
    var result = Tensor(uninitialized: shape)
    withUnsafeElements { input in
      Tensor.withOptionalElements(weight) { weight in
        Tensor.withOptionalElements(bias) { bias in
          result.withUnsafeMutableElements { output in
            Kernels.layerNorm(
              input, columns: shape[rank - 1], epsilon: epsilon, weight: weight, bias: bias, into: output)
          }
        }
      }
    }
    return result
  }

  /// RMSNorm over the last axis; `weight` has its extent.
  public func rmsNorm(weight: Tensor? = nil, epsilon: Float = 1e-5) -> Tensor {
    precondition(rank > 0, "a scalar has no axis to normalise")
    var result = Tensor(uninitialized: shape)
    withUnsafeElements { input in
      Tensor.withOptionalElements(weight) { weight in
        result.withUnsafeMutableElements { output in
          Kernels.rmsNorm(input, columns: shape[rank - 1], epsilon: epsilon, weight: weight, into: output)
        }
      }
    }
    return result
  }

  /// LayerNorm without weights over the last axis, with the divisor of each row, `[..., 1]`.
  public func layerNormParts(epsilon: Float = 1e-5) -> (normalized: Tensor, scales: Tensor) {
    normParts { x, columns, result, scales in
      Kernels.layerNorm(x, columns: columns, epsilon: epsilon, into: result, scales: scales)
    }
  }

  /// RMSNorm without weights over the last axis, with the divisor of each row, `[..., 1]`.
  public func rmsNormParts(epsilon: Float = 1e-5) -> (normalized: Tensor, scales: Tensor) {
    normParts { x, columns, result, scales in
      Kernels.rmsNorm(x, columns: columns, epsilon: epsilon, into: result, scales: scales)
    }
  }

  private func normParts(
    _ kernel: (UnsafeBufferPointer<Float>, Int, UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) ->
      Void
  ) -> (normalized: Tensor, scales: Tensor) {
    precondition(rank >= 1, "a scalar has no rows to normalise")
    var scales = Tensor(uninitialized: shape.dropLast() + [1])
    let normalized = through { x, result in scales.withUnsafeMutableElements { kernel(x, shape[rank - 1], result, $0) }
    }
    return (normalized, scales)
  }

  private func through(
    _ kernel: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    var result = Tensor(uninitialized: shape)
    withUnsafeElements { input in result.withUnsafeMutableElements { output in kernel(input, output) } }
    return result
  }

  /// The same for kernels of single elements, which can be cut anywhere.
  private func throughEach(
    _ kernel: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    through { input, output in
      Parallelism.forEachRange(input.count, grain: 1 << 14) { range in
        kernel(UnsafeBufferPointer(rebasing: input[range]), UnsafeMutableBufferPointer(rebasing: output[range]))
      }
    }
  }

  /// This tensor with one axis moved behind the others.
  private func movingToLast(_ axis: Int) -> Tensor {
    axis == rank - 1 ? self : transposed((0..<rank).filter { $0 != axis } + [axis])
  }

  private func alongLast(
    _ axis: Int, _ kernel: (UnsafeBufferPointer<Float>, Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    let axis = resolved(axis: axis)
    let columns = shape[axis]
    let result = movingToLast(axis).through { kernel($0, columns, $1) }
    guard axis != rank - 1 else { return result }
    var back = Array(0..<rank - 1)
    back.insert(rank - 1, at: axis)
    return result.transposed(back)
  }

  private static func withOptionalElements<Result>(
    _ tensor: Tensor?, _ body: (UnsafeBufferPointer<Float>?) -> Result
  ) -> Result {
    guard let tensor else { return body(nil) }
    return tensor.withUnsafeElements { body($0) }
  }
}
