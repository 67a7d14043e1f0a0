// Matrix products. Their gradients are products too, written by BLAS straight into the gradient buffers.

extension Variable {
  /// The matrix product op(self)·op(other) over the last two axes; op transposes where asked.
  ///
  /// `[..., rows, inner]` times `[..., inner, columns]` gives `[..., rows, columns]`. Leading axes broadcast; a matrix
  /// on the right of a batch is one large product.
  public func matmul(
    _ other: Variable, transposingSelf: Bool = false, transposingOther: Bool = false
  ) -> Variable {
    let product = ProductLayout(shape, other.shape, transposingSelf, transposingOther)
    let (a, b) = (value, other.value)
    var result = Tensor(uninitialized: product.resultShape)
    result.withUnsafeMutableElements { product.multiply(a, b, into: $0, beta: 0) }
    guard let tape = Variable.tape(of: self, other) else { return Variable(result) }
    let (aIndex, bIndex) = (index, other.index)
    return tape.record(.matrixProduct, result) { gradient, sweep in
      product.accumulate(sweep, to: aIndex, shape: a.shape, repeats: product.repeatsLeft) {
        product.addLeftGradient(gradient, b, into: $0, beta: $1)
      }
      product.accumulate(sweep, to: bIndex, shape: b.shape, repeats: product.repeatsRight) {
        product.addRightGradient(gradient, a, into: $0, beta: $1)
      }
    }
  }

  /// The affine map x·W + b of rows: `[..., inputs]` to `[..., outputs]`.
  ///
  /// `weights` are `[inputs, outputs]`, or `[outputs, inputs]` when they are to be transposed; `bias` is `[outputs]`.
  public func linear(_ weights: Variable, bias: Variable? = nil, transposingWeights: Bool = false) -> Variable {
    precondition(
      rank >= 1 && weights.rank == 2, "linear maps rows by a matrix, got shapes \(shape) and \(weights.shape)")
    let outputs = weights.shape[transposingWeights ? 0 : 1]
    precondition(
      bias.map { $0.shape == [outputs] } ?? true,
      "the bias of shape \(bias?.shape ?? []) does not fit weights of shape \(weights.shape)")
    let matrixShape = [Tensor.count(of: Array(shape.dropLast())), shape[rank - 1]]
    let product = ProductLayout(matrixShape, weights.shape, false, transposingWeights)
    let (x, w) = (value, weights.value)
    var result =
      bias?.value.broadcast(to: shape.dropLast() + [outputs]) ?? Tensor(uninitialized: shape.dropLast() + [outputs])
    result.withUnsafeMutableElements { product.multiply(x, w, into: $0, beta: bias == nil ? 0 : 1) }
    guard let tape = Variable.tape(of: [self, weights, bias].compactMap { $0 }) else { return Variable(result) }
    let (xIndex, wIndex, biasIndex) = (index, weights.index, bias?.index ?? Variable.constantIndex)
    return tape.record(.linear, result) { gradient, sweep in
      sweep.write(to: xIndex, shape: x.shape) { product.addLeftGradient(gradient, w, into: $0, beta: $1) }
      sweep.write(to: wIndex, shape: w.shape) { product.addRightGradient(gradient, x, into: $0, beta: $1) }
      if sweep.wants(biasIndex) { sweep.add(gradient.reduced(to: [outputs]), to: biasIndex) }
    }
  }
}

/// How the matrices of one product lie in the memory of its operands and its result.
private struct ProductLayout {
  let rows, columns, inner: Int
  let transposesLeft, transposesRight: Bool
  let resultShape: [Int]
  /// Whether a matrix of the operand takes part in several products, so that its gradient is a sum.
  let repeatsLeft, repeatsRight: Bool
  private let batches: BroadcastPlan
  private let batchCount: Int

  init(_ left: [Int], _ right: [Int], _ transposesLeft: Bool, _ transposesRight: Bool) {
    precondition(left.count >= 2 && right.count >= 2, "matrix products need two axes, got \(left) and \(right)")
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
    let matrixRows = left[left.count - (transposesLeft ? 1 : 2)]
    inner = left[left.count - (transposesLeft ? 2 : 1)]
    columns = right[right.count - (transposesRight ? 2 : 1)]
    let (leftBatch, rightBatch) = (Array(left.dropLast(2)), Array(right.dropLast(2)))
    guard
      inner == right[right.count - (transposesRight ? 1 : 2)],
      let batch = Tensor.broadcastShape(leftBatch, rightBatch)
    else {
      preconditionFailure(
        "the shapes \(left)\(transposesLeft ? "ᵀ" : "") and \(right)\(transposesRight ? "ᵀ" : "") cannot be multiplied")
    }
    resultShape = batch + [matrixRows, columns]
    let count = Tensor.count(of: batch)
    // The rows of a whole batch times one matrix are one tall product.
    let isTall = !transposesLeft && Tensor.count(of: rightBatch) == 1 && Tensor.count(of: leftBatch) == count
    rows = isTall ? matrixRows * count : matrixRows
    batchCount = isTall ? min(count, 1) : count
    batches = isTall ? BroadcastPlan([], [], []) : BroadcastPlan(batch, leftBatch, rightBatch)
    repeatsLeft = !isTall && Tensor.count(of: leftBatch) < count
    repeatsRight = !isTall && Tensor.count(of: rightBatch) < count
  }

  private var leftStride: Int { transposesLeft ? rows : inner }
  private var rightStride: Int { transposesRight ? inner : columns }

  /// Calls a closure with the offsets of the three matrices of each product.
  private func forEachProduct(_ body: (_ left: Int, _ right: Int, _ result: Int) -> Void) {
    guard batchCount > 0 else { return }
    var runs = batches.runs()
    while let run = runs.next() {
      for step in 0..<batches.innerCount {
        body(
          (run.left + (batches.leftVaries ? step : 0)) * rows * inner,
          (run.right + (batches.rightVaries ? step : 0)) * inner * columns, (run.output + step) * rows * columns)
      }
    }
  }

  /// C ← op(A)·op(B) + β·C
  func multiply(_ a: Tensor, _ b: Tensor, into c: UnsafeMutableBufferPointer<Float>, beta: Float) {
    guard let c = c.baseAddress else { return }
    guard inner > 0 else {
      if beta == 0 { c.update(repeating: 0, count: batchCount * rows * columns) }
      return
    }
    withPointers(a, b) { a, b in
      forEachProduct { left, right, result in
        BLAS.gemm(
          transposeA: transposesLeft, transposeB: transposesRight, rows: rows, columns: columns, inner: inner,
          a + left, leadingA: leftStride, b + right, leadingB: rightStride, beta: beta, c + result, leadingC: columns)
      }
    }
  }

  /// dA ← dC·op(B)ᵀ + β·dA, transposed when A was.
  func addLeftGradient(_ dc: Tensor, _ b: Tensor, into da: UnsafeMutableBufferPointer<Float>, beta: Float) {
    guard let start = da.baseAddress else { return }
    guard columns > 0, batchCount > 0 else { return clear(da, beta) }
    withPointers(dc, b) { dc, b in
      forEachProduct { left, right, result in
        if transposesLeft {
          BLAS.gemm(
            transposeA: transposesRight, transposeB: true, rows: inner, columns: rows, inner: columns,
            b + right, leadingA: rightStride, dc + result, leadingB: columns, beta: beta, start + left, leadingC: rows)
        } else {
          BLAS.gemm(
            transposeB: !transposesRight, rows: rows, columns: inner, inner: columns,
            dc + result, leadingA: columns, b + right, leadingB: rightStride, beta: beta, start + left, leadingC: inner)
        }
      }
    }
  }

  /// dB ← op(A)ᵀ·dC + β·dB, transposed when B was.
  func addRightGradient(_ dc: Tensor, _ a: Tensor, into db: UnsafeMutableBufferPointer<Float>, beta: Float) {
    guard let start = db.baseAddress else { return }
    guard rows > 0, batchCount > 0 else { return clear(db, beta) }
    withPointers(dc, a) { dc, a in
      forEachProduct { left, right, result in
        if transposesRight {
          BLAS.gemm(
            transposeA: true, transposeB: transposesLeft, rows: columns, columns: inner, inner: rows,
            dc + result, leadingA: columns, a + left, leadingB: leftStride, beta: beta, start + right, leadingC: inner)
        } else {
          BLAS.gemm(
            transposeA: !transposesLeft, rows: inner, columns: columns, inner: rows,
            a + left, leadingA: leftStride, dc + result, leadingB: columns, beta: beta, start + right,
            leadingC: columns)
        }
      }
    }
  }

  /// Lets a gradient kernel write, or add when matrices repeat, to the operand's gradient.
  func accumulate(
    _ sweep: Sweep, to index: Int, shape: [Int], repeats: Bool,
    _ kernel: (_ buffer: UnsafeMutableBufferPointer<Float>, _ beta: Float) -> Void
  ) {
    if repeats {
      sweep.scatter(to: index, shape: shape) { kernel($0, 1) }
    } else {
      sweep.write(to: index, shape: shape, kernel)
    }
  }
}
