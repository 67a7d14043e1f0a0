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
    keepingResult(.exp, { Kernels.exp($0, into: $1) }) { gradient, y in
      for index in gradient.indices { gradient[index] *= y[index] }
    }
  }

  /// ln x of each element.
  public func log() -> Variable {
    keepingArgument(.log, { Kernels.log($0, into: $1) }) { gradient, x in
      for index in gradient.indices { gradient[index] /= x[index] }
    }
  }

  /// √x of each element.
  public func squareRoots() -> Variable {
    keepingResult(.sqrt, { x, y in for index in y.indices { y[index] = x[index].squareRoot() } }) { gradient, y in
      for index in gradient.indices { gradient[index] *= 0.5 / y[index] }
    }
  }

  /// x² of each element.
  public func squared() -> Variable {
    keepingArgument(.square, { x, y in for index in y.indices { y[index] = x[index] * x[index] } }) { gradient, x in
      for index in gradient.indices { gradient[index] *= 2 * x[index] }
    }
  }

  /// |x| of each element; the gradient at 0 is 0.
  public func magnitudes() -> Variable {
    keepingArgument(.abs, { x, y in for index in y.indices { y[index] = x[index].magnitude } }) { gradient, x in
      for index in gradient.indices {
        let sign: Float = x[index] > 0 ? 1 : (x[index] < 0 ? -1 : 0)
        gradient[index] *= sign
      }
    }
  }

  /// 1/x of each element.
  public func reciprocal() -> Variable {
    keepingResult(.reciprocal, { x, y in for index in y.indices { y[index] = 1 / x[index] } }) { gradient, y in
      for index in gradient.indices { gradient[index] *= -y[index] * y[index] }
    }
  }

  /// x to a constant power, element by element, through the C library's `powf`.
  public func power(_ exponent: Float) -> Variable {
    keepingArgument(.power, { x, y in for index in y.indices { y[index] = powf(x[index], exponent) } }) { gradient, x in
      for index in gradient.indices { gradient[index] *= exponent * powf(x[index], exponent - 1) }
    }
  }

  /// tanh x of each element.
  public func tanh() -> Variable {
    keepingResult(.tanh, { Kernels.tanh($0, into: $1) }) { gradient, y in
      for index in gradient.indices { gradient[index] *= 1 - y[index] * y[index] }
    }
  }

  /// The logistic function 1 / (1 + e⁻ˣ) of each element.
  public func sigmoid() -> Variable {
    keepingResult(.sigmoid, { Kernels.sigmoid($0, into: $1) }) { gradient, y in
      for index in gradient.indices { gradient[index] *= y[index] * (1 - y[index]) }
    }
  }

  /// max(x, 0) of each element; the gradient at 0 is 0.
  public func relu() -> Variable {
    // Comparisons are written so that NaN passes through in both directions.
    keepingResult(.relu, { x, y in for index in y.indices { y[index] = x[index] <= 0 ? 0 : x[index] } }) { gradient, y in
      for index in gradient.indices { gradient[index] = y[index] <= 0 ? 0 : gradient[index] }
    }
  }

  /// GELU in its exact form, x·Φ(x) (Hendrycks and Gimpel 2016).
  public func gelu() -> Variable {
    keepingArgument(.geluExact, { Kernels.gelu($0, into: $1) }) { gradient, x in
      scale(gradient) { Kernels.geluDerivative(x, into: $0) }
    }
  }

  /// GELU in its tanh form, as in GPT-2: ½x(1 + tanh(√(2/π)(x + 0.044715x³))).
  public func geluTanh() -> Variable {
    keepingArgument(.geluTanh, { Kernels.geluTanh($0, into: $1) }) { gradient, x in
      scale(gradient) { Kernels.geluTanhDerivative(x, into: $0) }
    }
  }

  /// SiLU, x / (1 + e⁻ˣ), of each element.
  public func silu() -> Variable {
    keepingArgument(
      .silu,
      { x, y in
        Kernels.sigmoid(x, into: y)
        for index in y.indices { y[index] *= x[index] }
      },
      { gradient, x in
        scale(gradient) { derivative in
          Kernels.sigmoid(x, into: derivative)
          for index in derivative.indices {
            let s = derivative[index]
            derivative[index] = s * (1 + x[index] * (1 - s))
          }
        }
      })
  }

  /// ln(1 + eˣ) of each element, the smooth ramp.
  public func softplus() -> Variable {
    keepingArgument(.softplus, { Kernels.softplus($0, into: $1) }) { gradient, x in
      scale(gradient) { Kernels.sigmoid(x, into: $0) }
    }
  }

  /// Records a function whose derivative is a function of its argument.
  private func keepingArgument(
    _ operation: Operation, _ forward: (Input, Output) -> Void, _ backward: @escaping (Output, Input) -> Void
  ) -> Variable {
    let result = mapped(forward)
    guard let tape else { return Variable(result) }
    return tape.record(operation, result, rule(keeping: value, backward))
  }

  /// Records a function whose derivative is a function of its result.
  private func keepingResult(
    _ operation: Operation, _ forward: (Input, Output) -> Void, _ backward: @escaping (Output, Input) -> Void
  ) -> Variable {
    let result = mapped(forward)
    guard let tape else { return Variable(result) }
    return tape.record(operation, result, rule(keeping: result, backward))
  }

  private func mapped(_ forward: (Input, Output) -> Void) -> Tensor {
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableElements { output in
      value.withUnsafeElements { forward($0, output) }
    }
    return result
  }

  private func rule(keeping kept: Tensor, _ backward: @escaping (Output, Input) -> Void) -> Tape.BackwardRule {
    let index = index
    return { gradient, sweep in
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
