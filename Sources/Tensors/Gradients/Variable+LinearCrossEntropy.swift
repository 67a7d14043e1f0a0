// The loss of a language model: unembedding and cross-entropy as one operation.
//
// All logits at once would be the largest tensor of a training step by far, written and read several times. Here rows are
// unembedded in blocks; a block becomes its own gradient and is used up by the two products of the way back before the
// next one takes its place. So the gradients exist before the backward pass begins, which only scales them.

extension Variable {
  /// The mean cross-entropy of the logits x·W + b, one row for each target, as `crossEntropy` has it of logits.
  ///
  /// `[..., inputs]` with as many rows as targets; `weights` are `[inputs, classes]`, or `[classes, inputs]` when they are
  /// to be transposed; `bias` is `[classes]`. Rows whose target is `ignoring` do not count.
  public func linearCrossEntropy(
    _ weights: Variable, bias: Variable? = nil, transposingWeights: Bool = false, targets: [Int],
    ignoring ignored: Int? = nil
  ) -> Variable {
    let product = BlockedLogits(
      shape, weights.shape, bias?.shape, transposesWeights: transposingWeights, targets: targets, ignored: ignored)
    let tape = Variable.tape(of: [self, weights, bias].compactMap { $0 })
    let (loss, gradients) = product.loss(
      value, weights.value, bias?.value,
      wanted: (self.tape != nil, weights.tape != nil, bias?.tape != nil))
    guard let tape else { return Variable(loss) }
    let indices = [index, weights.index, bias?.index ?? Variable.constantIndex]
    return tape.record(.linearCrossEntropy, loss) { slope, sweep in
      let slope = slope.scalar
      for (index, gradient) in zip(indices, gradients) where sweep.wants(index) {
        sweep.add(slope == 1 ? gradient : gradient * slope, to: index)
      }
    }
  }
}

/// The products between rows, weights and logits that are there for one block of rows at a time.
private struct BlockedLogits {
  let inputs, classes: Int
  let transposesWeights: Bool
  let targets: [Int]
  let ignored: Int?
  private let shapes: (x: [Int], weights: [Int])

  init(
    _ shape: [Int], _ weights: [Int], _ bias: [Int]?, transposesWeights: Bool, targets: [Int], ignored: Int?
  ) {
    precondition(
      shape.count >= 1 && weights.count == 2 && shape[shape.count - 1] == weights[transposesWeights ? 1 : 0],
      "logits are rows times a matrix, got shapes \(shape) and \(weights)")
    let classes = weights[transposesWeights ? 0 : 1]
    precondition(
      bias.map { [classes] == $0 } ?? true, "the bias of shape \(bias ?? []) does not fit weights of shape \(weights)")
    let rows = Tensor.count(of: Array(shape.dropLast()))
    precondition(targets.count == rows, "\(targets.count) targets for \(rows) rows of shape \(shape)")
    for target in targets where target != ignored {
      precondition(target >= 0 && target < classes, "the target \(target) is none of \(classes) classes")
    }
    inputs = shape[shape.count - 1]
    self.classes = classes
    self.transposesWeights = transposesWeights
    self.targets = targets
    self.ignored = ignored
    shapes = (shape, weights)
  }

  /// Rows that are unembedded together: few enough to stay in the cache, enough to make the sums over rows, which pass
  /// through all the weights' gradients each time, worth it.
  private var blockRows: Int { min(max(256, (1 << 17) / max(classes, 1)), max(targets.count, 1)) }

  /// The loss, and the gradients of rows, weights and bias where they are wanted; those that are not are empty.
  func loss(
    _ x: Tensor, _ weights: Tensor, _ bias: Tensor?, wanted: (x: Bool, weights: Bool, bias: Bool)
  ) -> (loss: Tensor, gradients: [Tensor]) {
    let counted = targets.count { $0 != ignored }
    let slope = wanted.x || wanted.weights || wanted.bias ? 1 / Float(counted) : nil
    var dx = Tensor(uninitialized: wanted.x ? shapes.x : [0])
    var dw = Tensor(zeros: wanted.weights ? shapes.weights : [0])
    var db = Tensor(zeros: wanted.bias ? [classes] : [0])
    var logits = Tensor(uninitialized: [blockRows, classes])
    var sum = 0.0
    dx.withUnsafeMutableElements { dx in
      dw.withUnsafeMutableElements { dw in
        db.withUnsafeMutableElements { db in
          logits.withUnsafeMutableElements { block in
            guard let logits = block.baseAddress else { return }
            for first in stride(from: 0, to: targets.count, by: blockRows) {
              let rows = first..<min(first + blockRows, targets.count)
              unembed(x, weights, bias, rows, into: logits)
              sum += losses(rows, logits, slope)
              if let dx = dx.baseAddress { writeGradient(ofRows: rows, logits, weights, dx) }
              if let dw = dw.baseAddress { addGradient(ofWeights: dw, rows, logits, x) }
              if let db = db.baseAddress { addGradient(ofBias: db, rows, logits) }
            }
          }
        }
      }
    }
    return (Tensor(Float(sum / Double(counted))), [dx, dw, db])
  }

  /// logits ← x·W + b
  private func unembed(
    _ x: Tensor, _ weights: Tensor, _ bias: Tensor?, _ rows: Range<Int>, into logits: UnsafeMutablePointer<Float>
  ) {
    bias?.withUnsafeElements { bias in
      guard let bias = bias.baseAddress else { return }
      for row in 0..<rows.count { (logits + row * classes).update(from: bias, count: classes) }
    }
    guard inputs > 0 else {
      if bias == nil { logits.update(repeating: 0, count: rows.count * classes) }
      return
    }
    withPointers(x, weights) { x, weights in
      BLAS.gemm(
        transposeB: transposesWeights, rows: rows.count, columns: classes, inner: inputs,
        x + rows.lowerBound * inputs, leadingA: inputs, weights, leadingB: transposesWeights ? inputs : classes,
        beta: bias == nil ? 0 : 1, logits, leadingC: classes)
    }
  }

  /// The sum of the rows' losses; with a slope their logits become gradients.
  private func losses(_ rows: Range<Int>, _ logits: UnsafeMutablePointer<Float>, _ slope: Float?) -> Double {
    var sum = 0.0
    for (row, target) in targets[rows].enumerated() {
      let logits = logits + row * classes
      if target == ignored {
        logits.update(repeating: 0, count: classes)
      } else {
        sum += Double(Kernels.crossEntropy(logits, classes: classes, target: target, slope: slope))
      }
    }
    return sum
  }

  /// dx = dlogits·Wᵀ
  private func writeGradient(
    ofRows rows: Range<Int>, _ logits: UnsafePointer<Float>, _ weights: Tensor, _ dx: UnsafeMutablePointer<Float>
  ) {
    weights.withUnsafeElements { weights in
      guard let weights = weights.baseAddress else { return }
      BLAS.gemm(
        transposeB: !transposesWeights, rows: rows.count, columns: inputs, inner: classes, logits, leadingA: classes,
        weights, leadingB: transposesWeights ? inputs : classes, dx + rows.lowerBound * inputs, leadingC: inputs)
    }
  }

  /// dW ← dW + xᵀ·dlogits, transposed when W was.
  private func addGradient(
    ofWeights dw: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ logits: UnsafePointer<Float>, _ x: Tensor
  ) {
    x.withUnsafeElements { x in
      guard let x = x.baseAddress.map({ $0 + rows.lowerBound * inputs }) else { return }
      if transposesWeights {
        BLAS.gemm(
          transposeA: true, rows: classes, columns: inputs, inner: rows.count, logits, leadingA: classes, x,
          leadingB: inputs, beta: 1, dw, leadingC: inputs)
      } else {
        BLAS.gemm(
          transposeA: true, rows: inputs, columns: classes, inner: rows.count, x, leadingA: inputs, logits,
          leadingB: classes, beta: 1, dw, leadingC: classes)
      }
    }
  }

  private func addGradient(ofBias db: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ logits: UnsafePointer<Float>) {
    for row in 0..<rows.count {
      let line = logits + row * classes
      for index in 0..<classes { db[index] += line[index] }
    }
  }
}
