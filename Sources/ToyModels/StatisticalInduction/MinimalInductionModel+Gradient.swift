// The minimal model of Edelman et al. 2024 forwards and backwards, with the gradient written out.
//
// The second layer is a running sum: with M[a, c] = Σ_{s ≤ t, x[s] = c} (A e)[s, a] the logits are Σ_a W[x[t], a] M[a, c].
// So a chain costs its length times symbols², forwards and backwards; both passes of the first layer are one matrix
// product over all chains.

import Tensors

extension MinimalInductionModel {
  /// The log-probabilities of each symbol's successor, `[chain, position, symbol]`, for all symbols but the last.
  public func logProbabilities(_ chains: MarkovChains) -> Tensor {
    let (positions, k) = (chains.length - 1, symbols)
    var result = Tensor(uninitialized: [chains.count, positions, k])
    let seen = looked(chains)
    result.withUnsafeMutableElements { result in
      seen.withUnsafeElements { seen in
        Self.forEachPosition(chains, weights, seen) { chain, position, _, logits in
          let start = (chain * positions + position) * k
          let shift = Self.logSumExp(logits)
          for symbol in 0..<k { result[start + symbol] = logits[symbol] - shift }
        }
      }
    }
    return result
  }

  /// The mean cross-entropy of next symbols, and its gradient by the distances `[context]` and the weights.
  public func gradient(_ chains: MarkovChains) -> (loss: Double, distances: Tensor, weights: Tensor) {
    let (positions, count, k) = (chains.length - 1, chains.count, symbols)
    let scale = 1 / Float(positions * count)
    let seen = looked(chains)
    var (loss, weightGradient) = (0.0, Tensor(zeros: [k, k]))
    // The slope of each logit, [chain, position, symbol].
    var slopes = Tensor(uninitialized: [count, positions, k])
    slopes.withUnsafeMutableElements { slopes in
      weightGradient.withUnsafeMutableElements { weightGradient in
        seen.withUnsafeElements { seen in
          Self.forEachPosition(chains, weights, seen) { chain, position, sums, logits in
            let (token, next) = (
              chains.tokens[chain * chains.length + position], chains.tokens[chain * chains.length + position + 1]
            )
            let shift = Self.logSumExp(logits)
            loss -= Double(logits[next] - shift)
            let start = (chain * positions + position) * k
            for symbol in 0..<k {
              slopes[start + symbol] = (Elementary.exp(logits[symbol] - shift) - (symbol == next ? 1 : 0)) * scale
            }
            for a in 0..<k {
              var total: Float = 0
              for c in 0..<k { total += sums[a * k + c] * slopes[start + c] }
              weightGradient[token * k + a] += total
            }
          }
        }
      }
    }
    return (loss * Double(scale), distanceGradient(chains, slopes), weightGradient)
  }

  /// What the first layer has seen at each position, A·e, `[position, chain, symbol]`.
  private func looked(_ chains: MarkovChains) -> Tensor {
    precondition(chains.symbols == symbols, "chains of \(chains.symbols) symbols for a model of \(symbols)")
    let (positions, width) = (chains.length - 1, chains.count * symbols)
    return pattern(positions: positions).matmul(Self.oneHot(chains)).reshaped([positions, width])
  }

  /// The symbols as vectors, `[position, chain · symbol]`.
  private static func oneHot(_ chains: MarkovChains) -> Tensor {
    let (positions, width) = (chains.length - 1, chains.count * chains.symbols)
    var result = Tensor(zeros: [positions, width])
    result.withUnsafeMutableElements { result in
      for chain in 0..<chains.count {
        for position in 0..<positions {
          result[position * width + chain * chains.symbols + chains.tokens[chain * chains.length + position]] = 1
        }
      }
    }
    return result
  }

  /// Calls a closure with the running sums M `[symbol seen, symbol]` and the logits of every position.
  @inline(__always)
  private static func forEachPosition(
    _ chains: MarkovChains, _ weights: Tensor, _ seen: UnsafeBufferPointer<Float>,
    _ body: (
      _ chain: Int, _ position: Int, _ sums: UnsafeMutableBufferPointer<Float>,
      _ logits: UnsafeMutableBufferPointer<Float>
    ) -> Void
  ) {
    let (positions, k) = (chains.length - 1, chains.symbols)
    let width = chains.count * k
    withUnsafeTemporaryAllocation(of: Float.self, capacity: k * k + k) { memory in
      let sums = UnsafeMutableBufferPointer(rebasing: memory[..<(k * k)])
      let logits = UnsafeMutableBufferPointer(rebasing: memory[(k * k)...])
      weights.withUnsafeElements { weights in
        chains.tokens.withUnsafeBufferPointer { tokens in
          for chain in 0..<chains.count {
            sums.update(repeating: 0)
            for position in 0..<positions {
              let token = tokens[chain * chains.length + position]
              let start = position * width + chain * k
              for a in 0..<k { sums[a * k + token] += seen[start + a] }
              for c in 0..<k {
                var logit: Float = 0
                for a in 0..<k { logit += weights[token * k + a] * sums[a * k + c] }
                logits[c] = logit
              }
              body(chain, position, sums, logits)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func logSumExp(_ values: UnsafeMutableBufferPointer<Float>) -> Float {
    var maximum = -Float.infinity
    for value in values { maximum = value > maximum ? value : maximum }
    var total: Float = 0
    for value in values { total += Elementary.exp(value - maximum) }
    return maximum + Elementary.log(total)
  }

  /// The gradient by the distances from the slopes of the logits, `[context]`.
  private func distanceGradient(_ chains: MarkovChains, _ slopes: Tensor) -> Tensor {
    let (positions, k) = (chains.length - 1, symbols)
    let width = chains.count * k
    // What the first layer has seen at s enters every logit from s on: sums from the end.
    var seenGradient = Tensor(uninitialized: [positions, width])
    var sums = Array(repeating: Float(0), count: k * k)
    seenGradient.withUnsafeMutableElements { seenGradient in
      slopes.withUnsafeElements { slopes in
        weights.withUnsafeElements { weights in
          sums.withUnsafeMutableBufferPointer { sums in
            for chain in 0..<chains.count {
              sums.update(repeating: 0)
              for position in stride(from: positions - 1, through: 0, by: -1) {
                let token = chains.tokens[chain * chains.length + position]
                let start = (chain * positions + position) * k
                for a in 0..<k {
                  for c in 0..<k { sums[a * k + c] += weights[token * k + a] * slopes[start + c] }
                  seenGradient[position * width + chain * k + a] = sums[a * k + token]
                }
              }
            }
          }
        }
      }
    }
    let patternGradient = seenGradient.matmul(Self.oneHot(chains), transposingOther: true)
    let pattern = pattern(positions: positions)
    var result = Tensor(zeros: [context])
    result.withUnsafeMutableElements { result in
      pattern.withUnsafeElements { pattern in
        patternGradient.withUnsafeElements { gradient in
          for query in 0..<positions {
            let row = query * positions
            var mean: Float = 0
            for key in 0...query { mean += pattern[row + key] * gradient[row + key] }
            for key in 0...query { result[query - key] += pattern[row + key] * (gradient[row + key] - mean) }
          }
        }
      }
    }
    return result
  }
}
