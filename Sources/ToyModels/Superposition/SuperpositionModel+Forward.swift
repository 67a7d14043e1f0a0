// The models' equations applied to given samples, for figures, attacks and checks; training has a fused pass of its own.

import Tensors

extension SuperpositionModel {
  /// The hidden layer of one instance, h = τ(W x).
  ///
  /// - Parameters:
  ///   - x: The samples, `[sample, feature]`.
  ///   - instance: Which of the models.
  /// - Returns: The activations, `[sample, hidden]`.
  public func hidden(_ x: Tensor, instance: Int) -> Tensor {
    let (n, m) = (architecture.features, architecture.hidden)
    precondition(x.rank == 2 && x.shape[1] == n, "samples of shape \(x.shape) for \(n) features")
    let samples = x.shape[0]
    var h = Tensor(zeros: [samples, m])
    guard samples > 0 else { return h }
    withParameters(instance) { parameters in
      x.withUnsafeElements { x in
        h.withUnsafeMutableElements { h in
          guard let x = x.baseAddress, let target = h.baseAddress else { return }
          BLAS.gemm(
            rows: samples, columns: m, inner: n, x, leadingA: n, parameters.encoder, leadingB: m, target, leadingC: m)
          if architecture.hiddenActivation == .relu { Self.rectify(h) }
        }
      }
    }
    return h
  }

  /// The output of one instance, σ(Wᵀh + b) or σ(W₂h + b).
  ///
  /// - Parameters:
  ///   - x: The samples, `[sample, feature]`.
  ///   - instance: Which of the models.
  /// - Returns: The outputs, `[sample, feature]`.
  public func callAsFunction(_ x: Tensor, instance: Int) -> Tensor {
    let (n, m, samples) = (architecture.features, architecture.hidden, x.shape.first ?? 0)
    let h = hidden(x, instance: instance)
    var y = Tensor(zeros: [samples, n])
    guard samples > 0 else { return y }
    withParameters(instance) { parameters in
      h.withUnsafeElements { h in
        y.withUnsafeMutableElements { y in
          guard let h = h.baseAddress, let target = y.baseAddress else { return }
          for sample in 0..<samples { (target + sample * n).update(from: parameters.bias, count: n) }
          BLAS.gemm(
            transposeB: true, rows: samples, columns: n, inner: m, h, leadingA: m, parameters.decoder, leadingB: m,
            beta: 1, target, leadingC: n)
          if architecture.outputActivation == .relu { Self.rectify(y) }
        }
      }
    }
    return y
  }

  private static func rectify(_ elements: UnsafeMutableBufferPointer<Float>) {
    for index in elements.indices { elements[index] = max(elements[index], 0) }
  }
}
