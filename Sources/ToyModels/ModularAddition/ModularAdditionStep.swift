// The forward and backward pass of the modular-addition model over given pairs, written out and fused.
//
//   x = W_E[token] + W_pos             for the 2p + 1 rows that there are
//   z_h = Σ_3 softmax(x·u_h) x W_V_h,  u_h = W_K_h q_h/√dHead,  q_h = x_= W_Q_h
//   r = x_= + z W_O                    the residual stream at "=" after attention
//   l = (r + ReLU(r W_in + b_in) W_out + b_out) W_U
//
// Only what "=" sees is computed, and keys are never formed: a query against all rows is one vector. Pairs go through in
// blocks whose activations stay in the cache; what takes the time are the matrix products of the MLP.

import Tensors

/// Reusable memory and the passes for models of one shape.
struct ModularAdditionStep {
  private let shape: ModularAdditionShape
  private let attention: ModularAdditionAttention
  private var memory: Tensor
  private var targets: [Int]

  /// Pairs that go through at once.
  private static let block = 512

  init(_ shape: ModularAdditionShape) {
    self.shape = shape
    attention = ModularAdditionAttention(prime: shape.prime, nHeads: shape.nHeads, dHead: shape.dHead)
    memory = Tensor(zeros: [Views.count(shape, block: Self.block)])
    targets = Array(repeating: 0, count: Self.block)
  }

  /// Writes the gradient of the mean loss over the pairs and returns the loss and the accuracy; without a gradient just
  /// these.
  mutating func run(
    _ model: ModularAdditionModel, on pairs: ModularAdditionPairs, gradient: inout Tensor?
  ) -> AnswerQuality {
    precondition(pairs.prime == shape.prime, "pairs modulo \(pairs.prime) for a model of \(shape.prime)")
    guard gradient != nil else { return run(model, on: pairs, gradient: nil) { _, _ in } }
    return gradient?.withUnsafeMutableElements { gradient in
      run(model, on: pairs, gradient: gradient.baseAddress) { _, _ in }
    } ?? AnswerQuality(loss: .nan, accuracy: .nan)
  }

  /// Calls a closure for each block of pairs with its range, its neurons `[pair, dMLP]` and its logits
  /// `[pair, dVocab]`.
  mutating func forEachBlock(
    _ model: ModularAdditionModel, on pairs: ModularAdditionPairs,
    _ body: (Range<Int>, _ neurons: UnsafePointer<Float>, _ logits: UnsafePointer<Float>) -> Void
  ) {
    _ = run(model, on: pairs, gradient: nil) { range, views in body(range, views.neurons, views.logits) }
  }

  private mutating func run(
    _ model: ModularAdditionModel, on pairs: ModularAdditionPairs, gradient: UnsafeMutablePointer<Float>?,
    _ visit: (Range<Int>, Views) -> Void
  ) -> AnswerQuality {
    let (shape, attention) = (shape, attention)
    return memory.withUnsafeMutableElements { memory in
      targets.withUnsafeMutableBufferPointer { targets in
        model.parameters.withUnsafeElements { parameters in
          pairs.a.withUnsafeBufferPointer { a in
            pairs.b.withUnsafeBufferPointer { b in
              guard let memory = memory.baseAddress, let targets = targets.baseAddress, pairs.count > 0,
                let weights = parameters.baseAddress, let a = a.baseAddress, let b = b.baseAddress
              else { return AnswerQuality(loss: .nan, accuracy: .nan) }
              let pass = AdditionPass(
                shape: shape, attention: attention, views: Views(memory, shape, block: Self.block),
                w: Weights(UnsafeMutablePointer(mutating: weights), shape), g: gradient.map { Weights($0, shape) })
              gradient?.update(repeating: 0, count: parameters.count)
              pass.embed()
              var (loss, right) = (0.0, 0)
              for start in stride(from: 0, to: pairs.count, by: Self.block) {
                let range = start..<min(start + Self.block, pairs.count)
                pass.forward(a + start, b + start, range.count)
                visit(range, pass.views)
                for index in range { targets[index - start] = pairs.sum(index) }
                let block = AnswerLoss.slopes(
                  pass.views.logits, targets: targets, count: range.count, classes: shape.dVocab,
                  scale: 1 / Float(pairs.count))
                (loss, right) = (loss + block.loss, right + block.right)
                pass.backward(a + start, b + start, range.count)
              }
              pass.finish()
              return AnswerQuality(loss: loss / Double(pairs.count), accuracy: Double(right) / Double(pairs.count))
            }
          }
        }
      }
    }
  }
}

/// Raw views of all weights, or of their gradients.
private struct Weights {
  let W_E, W_pos, W_Q, W_K, W_V, W_O, W_in, b_in, W_out, b_out, W_U: UnsafeMutablePointer<Float>

  init(_ base: UnsafeMutablePointer<Float>, _ shape: ModularAdditionShape) {
    func view(_ weight: ModularAdditionShape.Weight) -> UnsafeMutablePointer<Float> {
      base + shape.range(of: weight).lowerBound
    }
    (W_E, W_pos, W_Q, W_K, W_V, W_O) = (view(.W_E), view(.W_pos), view(.W_Q), view(.W_K), view(.W_V), view(.W_O))
    (W_in, b_in, W_out, b_out, W_U) = (view(.W_in), view(.b_in), view(.W_out), view(.b_out), view(.W_U))
  }
}

/// Raw views of the activations: of the rows, of a block of pairs, and the slopes of what outlives a block.
private struct Views {
  /// x `[row, dModel]`, values `[row, head, dHead]`, scores `[row, head]`, q `[head, dHead]`, u `[head, dModel]`.
  let x, values, scores, query, u: UnsafeMutablePointer<Float>
  let xSlope, valueSlope, scoreSlope, querySlope, uSlope: UnsafeMutablePointer<Float>
  /// Of a block: pattern `[pair, head, 3]`, z `[pair, head, dHead]`, r and output `[pair, dModel]`, neurons
  /// `[pair, dMLP]` and their slopes, logits `[pair, dVocab]`.
  let pattern, z, middle, output, neurons, neuronSlope, logits: UnsafeMutablePointer<Float>

  static func sizes(_ shape: ModularAdditionShape, block: Int) -> [Int] {
    let rows = 2 * shape.prime + 1
    let ofRows = [
      rows * shape.dModel, rows * shape.dAttention, rows * shape.nHeads, shape.dAttention,
      shape.nHeads * shape.dModel,
    ]
    let perPair = [
      3 * shape.nHeads, shape.dAttention, shape.dModel, shape.dModel, shape.dMLP, shape.dMLP, shape.dVocab,
    ]
    // Every view starts a cache line.
    return (ofRows + ofRows + perPair.map { $0 * block }).map { ($0 + 15) / 16 * 16 }
  }

  static func count(_ shape: ModularAdditionShape, block: Int) -> Int { sizes(shape, block: block).reduce(0, +) }

  init(_ base: UnsafeMutablePointer<Float>, _ shape: ModularAdditionShape, block: Int) {
    var starts: [UnsafeMutablePointer<Float>] = []
    var next = base
    for size in Self.sizes(shape, block: block) {
      starts.append(next)
      next += size
    }
    (x, values, scores, query, u) = (starts[0], starts[1], starts[2], starts[3], starts[4])
    (xSlope, valueSlope, scoreSlope, querySlope, uSlope) = (starts[5], starts[6], starts[7], starts[8], starts[9])
    (pattern, z, middle, output) = (starts[10], starts[11], starts[12], starts[13])
    (neurons, neuronSlope, logits) = (starts[14], starts[15], starts[16])
  }
}

/// The arithmetic; the loops stay in this file, beside their callers, so that they are inlined.
private struct AdditionPass {
  let shape: ModularAdditionShape
  let attention: ModularAdditionAttention
  let views: Views
  let w: Weights
  let g: Weights?

  private var p: Int { shape.prime }
  private var rows: Int { 2 * shape.prime + 1 }
  private var d: Int { shape.dModel }
  private var scoreScale: Float { 1 / Float(shape.dHead).squareRoot() }
  /// The row of x where "=" stands.
  private var equals: UnsafeMutablePointer<Float> { views.x + 2 * p * d }

  /// Everything that depends on single tokens: x, values, the query and the scores.
  func embed() {
    for row in 0..<rows {
      let (token, position) = (row < 2 * p ? row % p : p, row / p)
      let (from, at, to) = (w.W_E + token * d, w.W_pos + position * d, views.x + row * d)
      for index in 0..<d { to[index] = from[index] + at[index] }
    }
    let (dHead, width) = (shape.dHead, shape.nHeads * shape.dHead)
    for head in 0..<shape.nHeads {
      let offset = head * d * dHead
      BLAS.gemm(
        rows: rows, columns: dHead, inner: d, views.x, leadingA: d, w.W_V + offset, leadingB: dHead,
        views.values + head * dHead, leadingC: width)
      BLAS.gemv(
        transpose: true, rows: d, columns: dHead, w.W_Q + offset, leading: dHead, equals, views.query + head * dHead)
      BLAS.gemv(
        rows: d, columns: dHead, alpha: scoreScale, w.W_K + offset, leading: dHead, views.query + head * dHead,
        views.u + head * d)
    }
    BLAS.gemm(
      transposeB: true, rows: rows, columns: shape.nHeads, inner: d, views.x, leadingA: d, views.u, leadingB: d,
      views.scores, leadingC: shape.nHeads)
    guard g != nil else { return }
    views.xSlope.update(repeating: 0, count: rows * d)
    views.valueSlope.update(repeating: 0, count: rows * width)
    views.scoreSlope.update(repeating: 0, count: rows * shape.nHeads)
  }

  /// A block of pairs up to its logits.
  func forward(_ a: UnsafePointer<Int>, _ b: UnsafePointer<Int>, _ count: Int) {
    let (m, tokens, width) = (shape.dMLP, shape.dVocab, shape.nHeads * shape.dHead)
    attention.mix(
      a, b, count: count, scores: views.scores, values: views.values, pattern: views.pattern, z: views.z)
    repeatRow(equals, count: count, into: views.middle, d)
    BLAS.gemm(
      rows: count, columns: d, inner: width, views.z, leadingA: width, w.W_O, leadingB: d, beta: 1, views.middle,
      leadingC: d)
    BLAS.gemm(
      rows: count, columns: m, inner: d, views.middle, leadingA: d, w.W_in, leadingB: m, views.neurons, leadingC: m)
    activate(views.neurons, bias: w.b_in, count: count, m)
    for pair in 0..<count {
      let (from, to) = (views.middle + pair * d, views.output + pair * d)
      for index in 0..<d { to[index] = from[index] + w.b_out[index] }
    }
    BLAS.gemm(
      rows: count, columns: d, inner: m, views.neurons, leadingA: m, w.W_out, leadingB: d, beta: 1, views.output,
      leadingC: d)
    BLAS.gemm(
      rows: count, columns: tokens, inner: d, views.output, leadingA: d, w.W_U, leadingB: tokens, views.logits,
      leadingC: tokens)
  }

  /// A block of pairs from the slopes of its logits, which lie where the logits were.
  func backward(_ a: UnsafePointer<Int>, _ b: UnsafePointer<Int>, _ count: Int) {
    guard let g else { return }
    let (m, tokens, width) = (shape.dMLP, shape.dVocab, shape.nHeads * shape.dHead)
    BLAS.gemm(
      transposeA: true, rows: d, columns: tokens, inner: count, views.output, leadingA: d, views.logits,
      leadingB: tokens, beta: 1, g.W_U, leadingC: tokens)
    // From here on `output` holds the slope of the output, and of the residual stream below it.
    BLAS.gemm(
      transposeB: true, rows: count, columns: d, inner: tokens, views.logits, leadingA: tokens, w.W_U,
      leadingB: tokens, views.output, leadingC: d)
    addRows(views.output, count: count, to: g.b_out, d)
    BLAS.gemm(
      transposeA: true, rows: m, columns: d, inner: count, views.neurons, leadingA: m, views.output, leadingB: d,
      beta: 1, g.W_out, leadingC: d)
    BLAS.gemm(
      transposeB: true, rows: count, columns: m, inner: d, views.output, leadingA: d, w.W_out, leadingB: d,
      views.neuronSlope, leadingC: m)
    let slope = views.neuronSlope
    mask(slope, whereActive: views.neurons, count: count, sum: g.b_in, m)
    BLAS.gemm(
      transposeA: true, rows: d, columns: m, inner: count, views.middle, leadingA: d, slope, leadingB: m, beta: 1,
      g.W_in, leadingC: m)
    BLAS.gemm(
      transposeB: true, rows: count, columns: d, inner: m, slope, leadingA: m, w.W_in, leadingB: m, beta: 1,
      views.output, leadingC: d)
    addRows(views.output, count: count, to: views.xSlope + 2 * p * d, d)
    BLAS.gemm(
      transposeA: true, rows: width, columns: d, inner: count, views.z, leadingA: width, views.output, leadingB: d,
      beta: 1, g.W_O, leadingC: d)
    BLAS.gemm(
      transposeB: true, rows: count, columns: width, inner: d, views.output, leadingA: d, w.W_O, leadingB: d, views.z,
      leadingC: width)
    attention.accumulate(
      a, b, count: count, values: views.values, pattern: views.pattern, zSlope: views.z,
      scoreSlope: views.scoreSlope, valueSlope: views.valueSlope)
  }

  /// What all blocks left for the weights in front of the pairs.
  func finish() {
    guard let g else { return }
    let (dHead, heads, width) = (shape.dHead, shape.nHeads, shape.nHeads * shape.dHead)
    let equalsSlope = views.xSlope + 2 * p * d
    BLAS.gemm(
      transposeA: true, rows: heads, columns: d, inner: rows, views.scoreSlope, leadingA: heads, views.x, leadingB: d,
      views.uSlope, leadingC: d)
    BLAS.gemm(
      rows: rows, columns: d, inner: heads, views.scoreSlope, leadingA: heads, views.u, leadingB: d, beta: 1,
      views.xSlope, leadingC: d)
    for head in 0..<heads {
      let offset = head * d * dHead
      let (slope, values) = (views.uSlope + head * d, views.valueSlope + head * dHead)
      let (query, querySlope) = (views.query + head * dHead, views.querySlope + head * dHead)
      BLAS.gemm(
        transposeA: true, rows: d, columns: dHead, inner: rows, views.x, leadingA: d, values, leadingB: width,
        g.W_V + offset, leadingC: dHead)
      BLAS.gemm(
        transposeB: true, rows: rows, columns: d, inner: dHead, values, leadingA: width, w.W_V + offset,
        leadingB: dHead, beta: 1, views.xSlope, leadingC: d)
      BLAS.outer(rows: d, columns: dHead, alpha: scoreScale, slope, query, g.W_K + offset, leading: dHead)
      BLAS.gemv(
        transpose: true, rows: d, columns: dHead, alpha: scoreScale, w.W_K + offset, leading: dHead, slope, querySlope)
      BLAS.outer(rows: d, columns: dHead, equals, querySlope, g.W_Q + offset, leading: dHead)
      BLAS.gemv(
        rows: d, columns: dHead, w.W_Q + offset, leading: dHead, querySlope, beta: 1, equalsSlope)
    }
    for row in 0..<rows {
      let (token, position) = (row < 2 * p ? row % p : p, row / p)
      BLAS.axpy(d, 1, views.xSlope + row * d, g.W_E + token * d)
      BLAS.axpy(d, 1, views.xSlope + row * d, g.W_pos + position * d)
    }
  }

  /// Writes one row over and over.
  private func repeatRow(_ row: UnsafePointer<Float>, count: Int, into: UnsafeMutablePointer<Float>, _ width: Int) {
    for index in 0..<count { (into + index * width).update(from: row, count: width) }
  }

  /// Adds up rows: `[count, width]` onto `[width]`.
  private func addRows(_ rows: UnsafePointer<Float>, count: Int, to sum: UnsafeMutablePointer<Float>, _ width: Int) {
    let wide = width / 8 * 8
    for index in 0..<count {
      let row = rows + index * width
      for column in stride(from: 0, to: wide, by: 8) { store(load(sum + column) + load(row + column), sum + column) }
      for column in wide..<width { sum[column] += row[column] }
    }
  }

  /// Clears slopes `[count, width]` where neurons are silent, and adds up the rows that are left onto `[width]`.
  private func mask(
    _ slopes: UnsafeMutablePointer<Float>, whereActive neurons: UnsafePointer<Float>, count: Int,
    sum: UnsafeMutablePointer<Float>, _ width: Int
  ) {
    let wide = width / 8 * 8
    for index in 0..<count {
      let (slope, neuron) = (slopes + index * width, neurons + index * width)
      for column in stride(from: 0, to: wide, by: 8) {
        let kept = SIMD8<Float>.zero.replacing(with: load(slope + column), where: load(neuron + column) .> 0)
        store(kept, slope + column)
        store(load(sum + column) + kept, sum + column)
      }
      for column in wide..<width {
        slope[column] = neuron[column] > 0 ? slope[column] : 0
        sum[column] += slope[column]
      }
    }
  }

  /// Replaces sums before the bias by what a ReLU leaves of them after it.
  private func activate(
    _ neurons: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, count: Int, _ width: Int
  ) {
    let wide = width / 8 * 8
    for index in 0..<count {
      let row = neurons + index * width
      for column in stride(from: 0, to: wide, by: 8) {
        let before = load(row + column) + load(bias + column)
        store(SIMD8<Float>.zero.replacing(with: before, where: before .> 0), row + column)
      }
      for column in wide..<width {
        let before = row[column] + bias[column]
        row[column] = before > 0 ? before : 0
      }
    }
  }

  @inline(__always)
  private func load(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private func store(_ lanes: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD8<Float>.self)
  }
}
