// Operations along the last axis that tie a row together: softmax, its logarithm, LayerNorm, RMSNorm, top-k.

extension Variable {
  /// The softmax over the last axis.
  public func softmax() -> Variable {
    let columns = lastExtent("softmax")
    let result = value.softmax()
    guard let tape else { return Variable(result) }
    let index = index
    return tape.record(.softmax, result) { gradient, sweep in
      // dx = y ∘ (g − ⟨g, y⟩)
      gradient.withUnsafeMutableElements { gradient in
        result.withUnsafeElements { y in
          for start in rows(gradient.count, columns) {
            let mean = rowDot(gradient, y, start, columns)
            for position in start..<start + columns {
              gradient[position] = y[position] * (gradient[position] - mean)
            }
          }
        }
      }
      sweep.add(gradient, to: index)
    }
  }

  /// The logarithm of the softmax over the last axis.
  public func logSoftmax() -> Variable {
    let columns = lastExtent("logSoftmax")
    let result = value.logSoftmax()
    guard let tape else { return Variable(result) }
    let index = index
    return tape.record(.logSoftmax, result) { gradient, sweep in
      // dx = g − softmax · Σg
      result.exp().withUnsafeElements { probabilities in
        gradient.withUnsafeMutableElements { gradient in
          for start in rows(gradient.count, columns) {
            let total = rowSum(gradient, start, columns)
            for position in start..<start + columns { gradient[position] -= probabilities[position] * total }
          }
        }
      }
      sweep.add(gradient, to: index)
    }
  }

  /// LayerNorm over the last axis: (x − mean) / √(variance + ε) · weight + bias (Ba, Kiros and Hinton 2016).
  ///
  /// `weight` and `bias` are `[columns]`; without them the result is only normalised.
  public func layerNorm(weight: Variable? = nil, bias: Variable? = nil, epsilon: Float = 1e-5) -> Variable {
    let columns = lastExtent("layerNorm")
    checkRow(weight, "weight", columns)
    checkRow(bias, "bias", columns)
    let rowCount = columns == 0 ? 0 : value.count / columns
    var (result, means, scales) = (
      Tensor(uninitialized: shape), Tensor(uninitialized: [rowCount]), Tensor(uninitialized: [rowCount])
    )
    result.withUnsafeMutableElements { result in
      means.withUnsafeMutableElements { means in
        scales.withUnsafeMutableElements { scales in
          value.withUnsafeElements { x in
            withElements(weight?.value) { weight in
              withElements(bias?.value) { bias in
                Kernels.layerNorm(
                  x, columns: columns, epsilon: epsilon, weight: weight, bias: bias, into: result, means: means,
                  scales: scales)
              }
            }
          }
        }
      }
    }
    guard let tape = Variable.tape(of: [self, weight, bias].compactMap { $0 }) else { return Variable(result) }
    let rule = normalizationRule(weight, bias, means: means, scales: scales, columns: columns)
    return tape.record(.layerNorm, result, rule)
  }

  /// RMSNorm over the last axis: x / √(mean square + ε) · weight (Zhang and Sennrich 2019).
  public func rmsNorm(weight: Variable? = nil, epsilon: Float = 1e-5) -> Variable {
    let columns = lastExtent("rmsNorm")
    checkRow(weight, "weight", columns)
    let rowCount = columns == 0 ? 0 : value.count / columns
    var (result, scales) = (Tensor(uninitialized: shape), Tensor(uninitialized: [rowCount]))
    result.withUnsafeMutableElements { result in
      scales.withUnsafeMutableElements { scales in
        value.withUnsafeElements { x in
          withElements(weight?.value) { weight in
            Kernels.rmsNorm(x, columns: columns, epsilon: epsilon, weight: weight, into: result, scales: scales)
          }
        }
      }
    }
    guard let tape = Variable.tape(of: [self, weight].compactMap { $0 }) else { return Variable(result) }
    let rule = normalizationRule(weight, nil, means: nil, scales: scales, columns: columns)
    return tape.record(.rmsNorm, result, rule)
  }

  /// The backward rule of both normalisations; without means it is that of RMSNorm.
  ///
  /// With x̂ the normalised row and h = g ∘ weight: dx = (h − mean(h) − x̂·mean(h ∘ x̂)) / scale, where RMSNorm lacks
  /// the middle term; dweight = Σ g ∘ x̂ and dbias = Σ g over rows.
  private func normalizationRule(
    _ weight: Variable?, _ bias: Variable?, means: Tensor?, scales: Tensor, columns: Int
  ) -> Tape.BackwardRule {
    let (x, xIndex, weightValue) = (value, index, weight?.value)
    let weightIndex = weight?.index ?? Variable.constantIndex
    let biasIndex = bias?.index ?? Variable.constantIndex
    return { gradient, sweep in
      let wantsX = sweep.wants(xIndex)
      var weightGradient = Tensor(zeros: sweep.wants(weightIndex) ? [columns] : [0])
      var biasGradient = Tensor(zeros: sweep.wants(biasIndex) ? [columns] : [0])
      var normalized = Tensor(uninitialized: [columns])
      gradient.withUnsafeMutableElements { gradient in
        normalized.withUnsafeMutableElements { normalized in
          weightGradient.withUnsafeMutableElements { weightGradient in
            biasGradient.withUnsafeMutableElements { biasGradient in
              x.withUnsafeElements { x in
                scales.withUnsafeElements { scales in
                  withElements(means) { means in
                    withElements(weightValue) { weight in
                      for (row, start) in rows(gradient.count, columns).enumerated() {
                        normalizationRow(
                          UnsafeMutableBufferPointer(rebasing: gradient[start..<start + columns]),
                          x: UnsafeBufferPointer(rebasing: x[start..<start + columns]), mean: means?[row],
                          scale: scales[row], weight: weight, normalized: normalized, weightGradient: weightGradient,
                          biasGradient: biasGradient, wantsX: wantsX)
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
      sweep.add(gradient, to: xIndex)
      sweep.add(weightGradient, to: weightIndex)
      sweep.add(biasGradient, to: biasIndex)
    }
  }

  /// The extent of the last axis, which the named operation works along.
  func lastExtent(_ operation: String) -> Int {
    guard let extent = shape.last else { preconditionFailure("\(operation) needs at least one axis, got a scalar") }
    return extent
  }

  private func checkRow(_ operand: Variable?, _ name: String, _ columns: Int) {
    precondition(
      operand.map { $0.shape == [columns] } ?? true,
      "the \(name) of shape \(operand?.shape ?? []) does not fit rows of \(columns) in shape \(shape)")
  }
}

/// Calls a closure with the elements of a tensor that may be absent.
private func withElements<Result>(_ tensor: Tensor?, _ body: (UnsafeBufferPointer<Float>?) -> Result) -> Result {
  guard let tensor else { return body(nil) }
  return tensor.withUnsafeElements { body($0) }
}

/// The start of each row of a matrix with so many columns.
private func rows(_ count: Int, _ columns: Int) -> StrideTo<Int> {
  stride(from: 0, to: columns == 0 ? 0 : count, by: max(columns, 1))
}

private func normalizationRow(
  _ gradient: UnsafeMutableBufferPointer<Float>, x: UnsafeBufferPointer<Float>, mean: Float?, scale: Float,
  weight: UnsafeBufferPointer<Float>?, normalized: UnsafeMutableBufferPointer<Float>,
  weightGradient: UnsafeMutableBufferPointer<Float>, biasGradient: UnsafeMutableBufferPointer<Float>, wantsX: Bool
) {
  let (columns, inverse, center) = (gradient.count, 1 / scale, mean ?? 0)
  for column in 0..<columns { normalized[column] = (x[column] - center) * inverse }
  for column in weightGradient.indices { weightGradient[column] += gradient[column] * normalized[column] }
  for column in biasGradient.indices { biasGradient[column] += gradient[column] }
  guard wantsX else { return }
  if let weight { for column in 0..<columns { gradient[column] *= weight[column] } }
  let slope = rowDot(gradient, UnsafeBufferPointer(normalized), 0, columns) / Float(columns)
  let offset = mean == nil ? 0 : rowSum(gradient, 0, columns) / Float(columns)
  for column in 0..<columns {
    gradient[column] = (gradient[column] - offset - normalized[column] * slope) * inverse
  }
}

/// The inner product of two rows, in eight lanes of a fixed order.
private func rowDot(
  _ a: UnsafeMutableBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ start: Int, _ count: Int
) -> Float {
  guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
  let (left, right) = (UnsafeRawPointer(a + start), UnsafeRawPointer(b + start))
  var lanes = SIMD8<Float>()
  var index = 0
  while index + 8 <= count {
    lanes +=
      left.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
      * right.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
    index += 8
  }
  var total = lanes.sum()
  while index < count {
    total += a[start + index] * b[start + index]
    index += 1
  }
  return total
}

/// The sum of a row, in eight lanes of a fixed order.
private func rowSum(_ a: UnsafeMutableBufferPointer<Float>, _ start: Int, _ count: Int) -> Float {
  guard let a = a.baseAddress else { return 0 }
  let elements = UnsafeRawPointer(a + start)
  var lanes = SIMD8<Float>()
  var index = 0
  while index + 8 <= count {
    lanes += elements.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
    index += 8
  }
  var total = lanes.sum()
  while index < count {
    total += a[start + index]
    index += 1
  }
  return total
}
