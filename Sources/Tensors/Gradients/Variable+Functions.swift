// Functions of one element: exponentials, roots, powers and activations, each with its derivative beside it.
//
// A derivative is written in terms of what is cheaper to keep: the argument x or the result y. Gradients are scaled in
// place.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private typealias Input = UnsafeBufferPointer<Float>
private typealias Output = UnsafeMutableBufferPointer<Float>

extension Variable {
  /// eˣ of each element.
  public func exp() -> Variable {
    recordKeepingResult(.exp, value.exp()) { gradient, y in
      for index in gradient.indices { gradient[index] *= y[index] }
    }
  }

  /// ln x of each element.
  public func log() -> Variable {
    record(.log, value.log(), keeping: value) { gradient, x in
      for index in gradient.indices { gradient[index] /= x[index] }
    }
  }

  /// √x of each element.
  public func squareRoots() -> Variable {
    recordKeepingResult(.sqrt, value.squareRoots()) { gradient, y in
      for index in gradient.indices { gradient[index] *= 0.5 / y[index] }
    }
  }

  /// x² of each element.
  public func squared() -> Variable {
    record(.square, value.squared(), keeping: value) { gradient, x in
      for index in gradient.indices { gradient[index] *= 2 * x[index] }
    }
  }

  /// |x| of each element; the gradient at 0 is 0.
  public func magnitudes() -> Variable {
    record(.abs, value.magnitudes(), keeping: value) { gradient, x in
      for index in gradient.indices {
        let sign: Float = x[index] > 0 ? 1 : (x[index] < 0 ? -1 : 0)
        gradient[index] *= sign
      }
    }
  }

  /// 1/x of each element.
  public func reciprocal() -> Variable {
    recordKeepingResult(.reciprocal, 1 / value) { gradient, y in
      for index in gradient.indices { gradient[index] *= -y[index] * y[index] }
    }
  }

  /// x to a constant power, element by element, through the C library's `powf`.
  public func power(_ exponent: Float) -> Variable {
    record(.power, value.map { powf($0, exponent) }, keeping: value) { gradient, x in
      for index in gradient.indices { gradient[index] *= exponent * powf(x[index], exponent - 1) }
    }
  }

  /// tanh x of each element.
  public func tanh() -> Variable {
    recordKeepingResult(.tanh, value.tanh()) { gradient, y in
      for index in gradient.indices { gradient[index] *= 1 - y[index] * y[index] }
    }
  }

  /// The logistic function 1 / (1 + e⁻ˣ) of each element.
  public func sigmoid() -> Variable {
    recordKeepingResult(.sigmoid, value.sigmoid()) { gradient, y in
      for index in gradient.indices { gradient[index] *= y[index] * (1 - y[index]) }
    }
  }

  /// max(x, 0) of each element; the gradient at 0 is 0.
  public func relu() -> Variable {
    // The comparison lets a gradient through where the result is NaN, as it came.
    recordKeepingResult(.relu, value.relu()) { gradient, y in
      for index in gradient.indices {
        // Read before the choice, so that the choice is no branch.
        let slope = gradient[index]
        gradient[index] = y[index] <= 0 ? 0 : slope
      }
    }
  }

  /// GELU in its exact form, x·Φ(x) (Hendrycks and Gimpel 2016).
  public func gelu() -> Variable {
    record(.geluExact, value.gelu(), keeping: value) { gradient, x in
      scale(gradient) { Kernels.geluDerivative(x, into: $0) }
    }
  }

  /// GELU in its tanh form, as in GPT-2: ½x(1 + tanh(√(2/π)(x + 0.044715x³))).
  public func geluTanh() -> Variable {
    record(.geluTanh, value.geluTanh(), keeping: value) { gradient, x in
      scale(gradient) { Kernels.geluTanhDerivative(x, into: $0) }
    }
  }

  /// SiLU, x / (1 + e⁻ˣ), of each element.
  public func silu() -> Variable {
    record(.silu, value * value.sigmoid(), keeping: value) { gradient, x in
      scale(gradient) { derivative in
        Kernels.sigmoid(x, into: derivative)
        for index in derivative.indices {
          let s = derivative[index]
          derivative[index] = s * (1 + x[index] * (1 - s))
        }
      }
    }
  }

  /// ln(1 + eˣ) of each element, the smooth ramp.
  public func softplus() -> Variable {
    record(.softplus, value.softplus(), keeping: value) { gradient, x in
      scale(gradient) { Kernels.sigmoid(x, into: $0) }
    }
  }

  /// Records a result whose derivative is a function of itself.
  private func recordKeepingResult(
    _ operation: Operation, _ result: Tensor, _ backward: @escaping (Output, Input) -> Void
  ) -> Variable {
    record(operation, result, keeping: result, backward)
  }

  /// Records a result with the tensor that its derivative is a function of; `backward` scales the gradient by it.
  private func record(
    _ operation: Operation, _ result: Tensor, keeping kept: Tensor, _ backward: @escaping (Output, Input) -> Void
  ) -> Variable {
    guard let tape else { return Variable(result) }
    let index = index
    return tape.record(operation, result) { gradient, sweep in
      gradient.withUnsafeMutableElements { gradient in
        kept.withUnsafeElements { backward(gradient, $0) }
      }
      sweep.add(gradient, to: index)
    }
  }
}

/// Multiplies a gradient by a derivative that a kernel writes into scratch memory.
private func scale(_ gradient: Output, _ derivative: (Output) -> Void) {
  var scratch = Tensor(uninitialized: [gradient.count])
  scratch.withUnsafeMutableElements { factors in
    derivative(factors)
    for index in gradient.indices { gradient[index] *= factors[index] }
  }
}
