// Losses as single operations: what they would compute in several passes is one, and its gradient needs no more memory
// than its argument.

/// How the losses of many positions become one.
public enum LossReduction: Sendable {
  /// Their mean over the positions that count.
  case mean
  /// Their sum.
  case sum
  /// No reduction: one loss for each position.
  case none
}

extension Variable {
  /// The cross-entropy −log softmax(logits)[target] of each position, reduced.
  ///
  /// The logits are `[..., classes]`, with one target for each row in row-major order. Rows whose target is `ignoring`
  /// have loss and gradient 0 and do not count in the mean. Without reduction the result is `[...]`.
  public func crossEntropy(
    targets: [Int], ignoring ignored: Int? = nil, reduction: LossReduction = .mean
  ) -> Variable {
    let classes = lastExtent("crossEntropy")
    let rowCount = classes == 0 ? 0 : value.count / classes
    precondition(targets.count == rowCount, "\(targets.count) targets for \(rowCount) rows of logits in \(shape)")
    for target in targets where target != ignored {
      precondition(target >= 0 && target < classes, "the target \(target) is none of \(classes) classes")
    }
    var logNormalizers = Tensor(uninitialized: [rowCount])
    var losses = Tensor(uninitialized: Array(shape.dropLast()))
    let logits = value
    logits.withUnsafeElements { x in
      logNormalizers.withUnsafeMutableElements { normalizers in
        Kernels.logSumExp(x, columns: classes, into: normalizers)
        losses.withUnsafeMutableElements { losses in
          for (row, target) in targets.enumerated() {
            losses[row] = target == ignored ? 0 : normalizers[row] - x[row * classes + target]
          }
        }
      }
    }
    let counted = targets.count { $0 != ignored }
    let divisor: Float = reduction == .mean ? Float(counted) : 1
    let result = reduction == .none ? losses : Tensor(Float(total(losses) / Double(divisor)))
    guard let tape else { return Variable(result) }
    let (index, isReduced) = (index, reduction != .none)
    return tape.record(.crossEntropy, result) { gradient, sweep in
      // dx = c · (softmax(x) − onehot(target)), with c the gradient of the row's loss.
      var dx = Tensor(uninitialized: logits.shape)
      dx.withUnsafeMutableElements { dx in
        logits.withUnsafeElements { x in
          logNormalizers.withUnsafeElements { normalizers in
            gradient.withUnsafeElements { gradient in
              crossEntropyGradient(x, normalizers, targets, ignored, classes, into: dx) { row in
                gradient[isReduced ? 0 : row] / divisor
              }
            }
          }
        }
      }
      sweep.add(dx, to: index)
    }
  }

  /// The weighted squared error Σ I·(target − x)² / divisor, one scalar (Elhage et al. 2022, "Toy Models of Superposition").
  ///
  /// `weights` I broadcast against the shape, for instance `[features]`, or `[instance, 1, features]` for
  /// `[instance, batch, features]`. With the batch size as the divisor the loss is the mean over the batch, summed over
  /// instances and features.
  public func weightedSquaredError(to target: Variable, weights: Tensor, dividingBy divisor: Float) -> Variable {
    precondition(shape == target.shape, "a result of shape \(shape) has no error against the target \(target.shape)")
    let (x, y) = (value, target.value)
    let weights = periodic(weights, against: shape)
    var sum = 0.0
    x.withUnsafeElements { x in
      y.withUnsafeElements { y in
        weights.withUnsafeElements { weights in sum = weightedSquares(x, y, weights) }
      }
    }
    let result = Tensor(Float(sum / Double(divisor)))
    guard let tape = Variable.tape(of: self, target) else { return Variable(result) }
    let (xIndex, yIndex) = (index, target.index)
    return tape.record(.weightedSquaredError, result) { gradient, sweep in
      let factor = 2 * gradient.scalar / divisor
      for (index, sign) in [(xIndex, factor), (yIndex, -factor)] {
        sweep.write(to: index, shape: x.shape) { dx, beta in
          x.withUnsafeElements { x in
            y.withUnsafeElements { y in
              weights.withUnsafeElements { addErrorGradient(x, y, $0, sign, dx, beta) }
            }
          }
        }
      }
    }
  }
}

/// Weights that repeat along the leading axes of a shape: as they are when they are a suffix of it, else broadcast.
private func periodic(_ weights: Tensor, against shape: [Int]) -> Tensor {
  let suffix = weights.shape.drop { $0 == 1 }
  if shape.suffix(suffix.count).elementsEqual(suffix) { return weights }
  return weights.broadcast(to: shape)
}

private func total(_ losses: Tensor) -> Double {
  losses.withUnsafeElements { losses in
    var total = 0.0
    for loss in losses { total += Double(loss) }
    return total
  }
}

/// Writes the gradient of the logits, row by row.
private func crossEntropyGradient(
  _ x: UnsafeBufferPointer<Float>, _ normalizers: UnsafeBufferPointer<Float>, _ targets: [Int], _ ignored: Int?,
  _ classes: Int, into dx: UnsafeMutableBufferPointer<Float>, coefficient: (Int) -> Float
) {
  guard let x = x.baseAddress, let dx = dx.baseAddress else { return }
  for (row, target) in targets.enumerated() {
    let (from, to) = (x + row * classes, dx + row * classes)
    if target == ignored {
      to.update(repeating: 0, count: classes)
    } else {
      Kernels.exponentials(from, classes, less: normalizers[row], into: to)
      let factor = coefficient(row)
      to[target] -= 1
      for index in 0..<classes { to[index] *= factor }
    }
  }
}

/// Σ weight·(y − x)², each row in single precision, rows in double.
private func weightedSquares(
  _ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>
) -> Double {
  guard let xs = x.baseAddress, let ys = y.baseAddress else { return 0 }
  var total = 0.0
  for start in stride(from: 0, to: x.count, by: max(weights.count, 1)) {
    let (x, y) = (xs + start, ys + start)
    var index = 0
    var lanes = SIMD4<Double>()
    while index + 4 <= weights.count {
      let error =
        UnsafeRawPointer(y + index).loadUnaligned(as: SIMD4<Float>.self)
        - UnsafeRawPointer(x + index).loadUnaligned(as: SIMD4<Float>.self)
      let weight = SIMD4(weights[index], weights[index + 1], weights[index + 2], weights[index + 3])
      lanes += SIMD4<Double>(weight * error * error)
      index += 4
    }
    while index < weights.count {
      let error = y[index] - x[index]
      total += Double(weights[index] * error * error)
      index += 1
    }
    total += lanes.sum()
  }
  return total
}

/// dx ← factor·weight·(x − y) + β·dx
private func addErrorGradient(
  _ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>,
  _ factor: Float, _ dx: UnsafeMutableBufferPointer<Float>, _ beta: Float
) {
  guard let xs = x.baseAddress, let ys = y.baseAddress, let dxs = dx.baseAddress else { return }
  for start in stride(from: 0, to: x.count, by: max(weights.count, 1)) {
    let (x, y, dx) = (xs + start, ys + start, dxs + start)
    if beta == 0 {
      for index in weights.indices { dx[index] = factor * weights[index] * (x[index] - y[index]) }
    } else {
      for index in weights.indices { dx[index] += factor * weights[index] * (x[index] - y[index]) }
    }
  }
}
