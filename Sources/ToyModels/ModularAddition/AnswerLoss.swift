// Cross-entropy as exact as if it were taken in double precision, which grokking needs.
//
// Late in training the right answer has a probability of 1 − 10⁻⁸: in single precision a plain log-softmax says a loss of
// zero, its gradient vanishes, and training stalls or spikes (Nanda et al. 2023 cast to float64). Here everything is
// relative to the other classes instead. With r = Σ_{j≠y} exp(l_j − l_y), the loss is ln(1 + r) and the gradient at the
// right class −r/(1 + r): small numbers come out small, to a relative 10⁻⁶, from exponentials in single precision and
// sums in double.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How well a model answers: the mean loss in nats and the share of right answers.
public struct AnswerQuality: Sendable, Equatable {
  /// The mean cross-entropy in nats.
  public var loss: Double
  /// The share of pairs whose largest logit is the right one.
  public var accuracy: Double

  /// Creates a quality.
  public init(loss: Double, accuracy: Double) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

/// The cross-entropy of a block of answers.
enum AnswerLoss {
  /// Overwrites logits `[answer, class]` with the slopes of `scale` times the summed loss.
  ///
  /// Returns the summed loss, unscaled, and the number of right answers.
  static func slopes(
    _ logits: UnsafeMutablePointer<Float>, targets: UnsafePointer<Int>, count: Int, classes: Int, scale: Float
  ) -> (loss: Double, right: Int) {
    var (loss, right) = (0.0, 0)
    // How far each answer's largest logit is above the right one.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(count, 1)) { lag in
      for answer in 0..<count {
        let row = logits + answer * classes
        let top = maximum(row, classes)
        lag[answer] = top - row[targets[answer]]
        for index in 0..<classes { row[index] -= top }
      }
      let block = UnsafeMutableBufferPointer(start: logits, count: count * classes)
      Kernels.exp(UnsafeBufferPointer(block), into: block)
      for answer in 0..<count {
        let (row, target) = (logits + answer * classes, targets[answer])
        let own = Double(row[target])
        row[target] = 0
        let others = sum(row, classes)
        let total = own + others
        // The right class on top: own is 1, and the logarithm keeps what is small.
        loss += lag[answer] == 0 ? log1p(others) : Double(lag[answer]) + log(total)
        right += lag[answer] == 0 ? 1 : 0
        let factor = Float(Double(scale) / total)
        for index in 0..<classes { row[index] *= factor }
        row[target] = Float(-Double(scale) * others / total)
      }
    }
    return (loss, right)
  }

  @inline(__always)
  private static func maximum(_ row: UnsafePointer<Float>, _ count: Int) -> Float {
    var lanes = SIMD8<Float>(repeating: -.infinity)
    var index = 0
    while index + 8 <= count {
      let next = UnsafeRawPointer(row + index).loadUnaligned(as: SIMD8<Float>.self)
      lanes.replace(with: next, where: next .> lanes)
      index += 8
    }
    var top = lanes.max()
    while index < count {
      top = row[index] > top ? row[index] : top
      index += 1
    }
    return top
  }

  /// The sum in four double-precision lanes.
  @inline(__always)
  private static func sum(_ row: UnsafePointer<Float>, _ count: Int) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= count {
      a += Double(row[index])
      b += Double(row[index + 1])
      c += Double(row[index + 2])
      d += Double(row[index + 3])
      index += 4
    }
    while index < count {
      a += Double(row[index])
      index += 1
    }
    return (a + b) + (c + d)
  }
}
