// The loss of Henighan et al. 2023 over a whole training set, with its gradient written out:
//
//   L = 1/T Σ_examples Σ_i (x_i − y_i)²,    y = ReLU(z),    z = Wᵀh + b,    h = Wx
//
// Few of the x_i are not zero. Where x_i = 0 the slope ∂L/∂z is y itself, up to the factor 2/T, so a loop over all features
// of all examples needs neither inputs nor a mask; what the active features change is added from their list. In two
// dimensions that loop keeps outputs in registers (`PlaneSweep`); otherwise they pass through a block in cache.

import Tensors

/// Reusable memory and the fused forward and backward pass over one set of examples.
struct FullBatchStep: Sendable {
  private let examples: SparseExamples
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
    block = Tensor(zeros: [hidden == 2 ? 0 : Self.blockCount * width])
  }

  /// Returns the loss of a model and, where there is a gradient, overwrites it in the order of the parameters.
  mutating func run(_ model: ReLUAutoencoder, gradient: inout Tensor?) -> Double {
    let (n, m, count, width) = (examples.features, hidden, examples.count, width)
    precondition(model.features == n && model.hidden == m, "the model is not of the size of its examples")
    guard count > 0 else { return 0 }
    let examples = examples
    var loss = 0.0
    model.parameters.withUnsafeElements { source in
      parameters.withUnsafeMutableElements { w in
        slopes.withUnsafeMutableElements { g in
          h.withUnsafeMutableElements { h in
            hSlopes.withUnsafeMutableElements { dh in
              block.withUnsafeMutableElements { block in
                guard let source = source.baseAddress, let w = w.baseAddress, let g = g.baseAddress,
                  let h = h.baseAddress, let dh = dh.baseAddress
                else { return }
                for row in 0...m { (w + row * width).update(from: source + row * n, count: n) }
                for row in 0..<m { (w + row * width + n).update(repeating: 0, count: width - n) }
                g.update(repeating: 0, count: (m + 1) * width)
                Self.encode(examples, w, width, m, h)
                if m == 2 {
                  loss = PlaneSweep.run(count: count, width: width, w, h: h, g, dh: dh)
                  loss += Self.correct(examples, w, width, h: h, g, dh: dh)
                } else if let y = block.baseAddress {
                  loss = Self.sweep(examples, w, width, m, h: h, g, dh: dh, y)
                }
                Self.encoderSlopes(examples, dh, g, width, m)
              }
            }
          }
        }
      }
    }
    gradient?.withUnsafeMutableElements { target in
      slopes.withUnsafeElements { g in
        let scale = 2 / Float(count)
        for row in 0...m { for feature in 0..<n { target[row * n + feature] = scale * g[row * width + feature] } }
      }
    }
    return loss / Double(count)
  }

  /// h = Wx from the active features.
  private static func encode(
    _ examples: SparseExamples, _ w: UnsafePointer<Float>, _ width: Int, _ m: Int, _ h: UnsafeMutablePointer<Float>
  ) {
    let count = examples.count
    forEachExample(examples) { example, indices, values in
      for dimension in 0..<m {
        var sum: Float = 0
        for entry in indices.indices { sum += w[dimension * width + Int(indices[entry])] * values[entry] }
        h[dimension * count + example] = sum
      }
    }
  }

  /// The encoder's part of ∂L/∂W, from the active features.
  private static func encoderSlopes(
    _ examples: SparseExamples, _ dh: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ width: Int, _ m: Int
  ) {
    let count = examples.count
    forEachExample(examples) { example, indices, values in
      for dimension in 0..<m {
        let slope = dh[dimension * count + example]
        for entry in indices.indices { g[dimension * width + Int(indices[entry])] += slope * values[entry] }
      }
    }
  }

  /// What the active features change in loss and slopes after a sweep that took every input for zero, in two dimensions.
  private static func correct(
    _ examples: SparseExamples, _ w: UnsafePointer<Float>, _ width: Int, h: UnsafePointer<Float>,
    _ g: UnsafeMutablePointer<Float>, dh: UnsafeMutablePointer<Float>
  ) -> Double {
    let count = examples.count
    var loss = 0.0
    forEachExample(examples) { example, indices, values in
      let (h0, h1) = (h[example], h[count + example])
      for entry in indices.indices {
        let (feature, x) = (Int(indices[entry]), values[entry])
        let z = PlaneSweep.output(w[2 * width + feature], h0 * w[feature], h1 * w[width + feature])
        loss += Double(x) * Double(x)
        guard z > 0 else { continue }
        loss -= 2 * Double(x) * Double(z)
        g[feature] -= x * h0
        g[width + feature] -= x * h1
        g[2 * width + feature] -= x
        dh[example] -= x * w[feature]
        dh[count + example] -= x * w[width + feature]
      }
    }
    return loss
  }

  /// Outputs, loss and slopes in any number of dimensions, block by block.
  private static func sweep(
    _ examples: SparseExamples, _ w: UnsafePointer<Float>, _ width: Int, _ m: Int, h: UnsafePointer<Float>,
    _ g: UnsafeMutablePointer<Float>, dh: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>
  ) -> Double {
    let (count, bias, biasSlopes) = (examples.count, w + m * width, g + m * width)
    var loss = 0.0
    for start in stride(from: 0, to: count, by: blockCount) {
      let rows = min(blockCount, count - start)
      for row in 0..<rows { (y + row * width).update(from: bias, count: width) }
      BLAS.gemm(
        transposeA: true, rows: rows, columns: width, inner: m, h + start, leadingA: count, w, leadingB: width,
        beta: 1, y, leadingC: width)
      for row in 0..<rows {
        let outputs = y + row * width
        loss += PlaneSweep.rectify(outputs, count: width)
        for entry in examples.starts[start + row]..<examples.starts[start + row + 1] {
          let (feature, x) = (Int(examples.indices[entry]), examples.values[entry])
          loss += Double(x) * Double(x) - 2 * Double(x) * Double(outputs[feature])
          if outputs[feature] > 0 { outputs[feature] -= x }
        }
        PlaneSweep.add(outputs, to: biasSlopes, count: width)
      }
      BLAS.gemm(
        rows: m, columns: width, inner: rows, h + start, leadingA: count, y, leadingB: width, beta: 1, g,
        leadingC: width)
      BLAS.gemm(
        transposeB: true, rows: m, columns: rows, inner: width, w, leadingA: width, y, leadingB: width, dh + start,
        leadingC: count)
    }
    return loss
  }

  @inline(__always)
  private static func forEachExample(
    _ examples: SparseExamples,
    _ body: (Int, UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> Void
  ) {
    examples.starts.withUnsafeBufferPointer { starts in
      examples.indices.withUnsafeBufferPointer { indices in
        examples.values.withUnsafeBufferPointer { values in
          for example in 0..<starts.count - 1 {
            let range = starts[example]..<starts[example + 1]
            body(example, .init(rebasing: indices[range]), .init(rebasing: values[range]))
          }
        }
      }
    }
  }
}
