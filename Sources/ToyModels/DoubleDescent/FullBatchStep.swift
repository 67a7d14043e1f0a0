// The loss of Henighan et al. 2023 over a whole set of examples, and its gradient written out:
//
//   L = 1/T Σ_examples Σ_i (x_i − y_i)²,    y = ReLU(z),    z = Wᵀh + b,    h = Wx
//
// Few of the x_i are not zero. Where x_i = 0 the slope ∂L/∂z is y itself, up to the factor 2/T, so a loop over all features
// of all examples needs neither inputs nor a mask; what the active features change is added from their list. In two
// dimensions that loop keeps outputs in registers (`PlaneSweep`); otherwise they pass through a block in cache.

import Tensors

/// Reusable memory and the fused passes over one set of examples.
struct FullBatchStep: Sendable {
  /// The examples; others may take their place if there are as many, of as many features.
  var examples: SparseExamples {
    didSet {
      precondition(
        examples.count == oldValue.count && examples.features == oldValue.features,
        "\(examples.count) examples of \(examples.features) features for \(oldValue.count) of \(oldValue.features)")
    }
  }
  private let hidden: Int
  /// Features rounded up to whole vectors: those beyond the last have no weights and a negative bias, so no output.
  private let width: Int
  /// W and b, and their slopes: `[hidden + 1, width]`.
  private var parameters: Tensor
  private var slopes: Tensor
  /// h and ∂L/∂h, `[hidden, example]`.
  private var h: Tensor
  private var hSlopes: Tensor
  /// The outputs of a block of examples, `[example, width]`.
  private var block: Tensor
  private static let blockCount = 64

  /// Creates memory for passes over these examples.
  init(_ examples: SparseExamples, hidden: Int) {
    self.examples = examples
    self.hidden = hidden
    width = (examples.features + 7) / 8 * 8
    parameters = Tensor(repeating: -1, [(hidden + 1) * width])
    slopes = Tensor(zeros: [(hidden + 1) * width])
    h = Tensor(zeros: [hidden * examples.count])
    hSlopes = Tensor(zeros: [hidden * examples.count])
    block = Tensor(zeros: [Self.blockCount * width])
  }

  /// The loss of a model, the mean over examples.
  mutating func loss(_ model: ReLUAutoencoder) -> Double {
    guard examples.count > 0 else { return 0 }
    var total = 0.0
    pass(model) { examples, memory in total = memory.blocks(examples, withSlopes: false) }
    return total / Double(examples.count)
  }

  /// Overwrites the gradient of a model's loss, in the order of its parameters.
  mutating func gradient(_ model: ReLUAutoencoder, into gradient: inout Tensor) {
    let (n, width, scale) = (examples.features, width, 2 / Float(max(examples.count, 1)))
    pass(model) { examples, memory in
      memory.g.update(repeating: 0, count: (memory.m + 1) * memory.width)
      if memory.m == 2 {
        PlaneSweep.run(
          count: examples.count, width: memory.width, memory.w, h: memory.h, memory.g, dh: memory.dh)
        memory.correct(examples)
      } else {
        _ = memory.blocks(examples, withSlopes: true)
      }
      memory.encoderSlopes(examples)
    }
    gradient.withUnsafeMutableElements { target in
      slopes.withUnsafeElements { g in
        for row in 0...hidden {
          for feature in 0..<n { target[row * n + feature] = scale * g[row * width + feature] }
        }
      }
    }
  }

  /// Lays out a model's parameters, computes h and calls a closure with views of all memory.
  private mutating func pass(_ model: ReLUAutoencoder, _ body: (SparseExamples, PassMemory) -> Void) {
    let (examples, n, m, width) = (examples, examples.features, hidden, width)
    precondition(model.features == n && model.hidden == m, "the model is not of the size of its examples")
    model.parameters.withUnsafeElements { source in
      parameters.withUnsafeMutableElements { w in
        slopes.withUnsafeMutableElements { g in
          h.withUnsafeMutableElements { h in
            hSlopes.withUnsafeMutableElements { dh in
              block.withUnsafeMutableElements { y in
                guard let source = source.baseAddress, let w = w.baseAddress, let g = g.baseAddress,
                  let h = h.baseAddress, let dh = dh.baseAddress, let y = y.baseAddress
                else { return }
                for row in 0...m { (w + row * width).update(from: source + row * n, count: n) }
                for row in 0..<m { (w + row * width + n).update(repeating: 0, count: width - n) }
                let memory = PassMemory(
                  w: w, g: g, h: h, dh: dh, y: y, m: m, width: width, rows: Self.blockCount)
                memory.encode(examples)
                body(examples, memory)
              }
            }
          }
        }
      }
    }
  }
}

/// Views of a step's memory, and what is done with it; the layouts are those of `FullBatchStep`.
private struct PassMemory {
  let w, g, h, dh, y: UnsafeMutablePointer<Float>
  let m, width, rows: Int

  /// h = Wx from the active features.
  func encode(_ examples: SparseExamples) {
    examples.forEach { example, indices, values in
      for dimension in 0..<m {
        var sum: Float = 0
        for entry in indices.indices { sum += w[dimension * width + Int(indices[entry])] * values[entry] }
        h[dimension * examples.count + example] = sum
      }
    }
  }

  /// The encoder's part of the slopes of W, from the active features.
  func encoderSlopes(_ examples: SparseExamples) {
    examples.forEach { example, indices, values in
      for dimension in 0..<m {
        let slope = dh[dimension * examples.count + example]
        for entry in indices.indices { g[dimension * width + Int(indices[entry])] += slope * values[entry] }
      }
    }
  }

  /// What the active features change in the slopes after a sweep that took every input for zero, in two dimensions.
  func correct(_ examples: SparseExamples) {
    let count = examples.count
    examples.forEach { example, indices, values in
      let (h0, h1) = (h[example], h[count + example])
      for entry in indices.indices {
        let (feature, x) = (Int(indices[entry]), values[entry])
        let (w0, w1) = (w[feature], w[width + feature])
        // Rounded as in the sweep, so that both agree on what is active.
        guard w[2 * width + feature] + (h0 * w0 + h1 * w1) > 0 else { continue }
        g[feature] -= x * h0
        g[width + feature] -= x * h1
        g[2 * width + feature] -= x
        dh[example] -= x * w0
        dh[count + example] -= x * w1
      }
    }
  }

  /// Outputs in any number of dimensions, block by block; returns the summed loss.
  func blocks(_ examples: SparseExamples, withSlopes: Bool) -> Double {
    let (count, bias) = (examples.count, w + m * width)
    var loss = 0.0
    for start in stride(from: 0, to: count, by: rows) {
      let rows = min(rows, count - start)
      for row in 0..<rows { (y + row * width).update(from: bias, count: width) }
      BLAS.gemm(
        transposeA: true, rows: rows, columns: width, inner: m, h + start, leadingA: count, w, leadingB: width,
        beta: 1, y, leadingC: width)
      PlaneSweep.rectify(y, count: rows * width)
      for row in 0..<rows {
        let outputs = y + row * width
        for entry in examples.starts[start + row]..<examples.starts[start + row + 1] {
          let (feature, x) = (Int(examples.indices[entry]), examples.values[entry])
          if outputs[feature] > 0 { outputs[feature] -= x } else { loss += Double(x) * Double(x) }
        }
        loss += PlaneSweep.sumOfSquares(outputs, count: width)
        if withSlopes { PlaneSweep.add(outputs, to: g + m * width, count: width) }
      }
      guard withSlopes else { continue }
      BLAS.gemm(
        rows: m, columns: width, inner: rows, h + start, leadingA: count, y, leadingB: width, beta: 1, g,
        leadingC: width)
      BLAS.gemm(
        transposeB: true, rows: m, columns: rows, inner: width, w, leadingA: width, y, leadingB: width, dh + start,
        leadingC: count)
    }
    return loss
  }
}

extension SparseExamples {
  /// Calls a closure with the number, the active features and the values of every example.
  @inline(__always)
  fileprivate func forEach(_ body: (Int, UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> Void) {
    starts.withUnsafeBufferPointer { starts in
      indices.withUnsafeBufferPointer { indices in
        values.withUnsafeBufferPointer { values in
          for example in 0..<starts.count - 1 {
            let range = starts[example]..<starts[example + 1]
            body(example, .init(rebasing: indices[range]), .init(rebasing: values[range]))
          }
        }
      }
    }
  }
}
