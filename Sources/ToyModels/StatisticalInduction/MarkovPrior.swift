// Markov chains drawn from a prior: the data of Edelman et al. 2024, "The Evolution of Statistical Induction Heads".
//
// Every sequence has transition probabilities of its own, so what comes next can be learned from the context alone. The
// first symbol is drawn from the chain's stationary distribution, as in the authors' code (datasets.py).

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The distribution that the transition matrix of each chain is drawn from.
public enum MarkovPrior: String, Sendable, CaseIterable {
  /// Each row from Dirichlet(1, …, 1), the uniform distribution over probabilities.
  case dirichlet
  /// A doubly stochastic matrix, uniformly: all symbols are equally frequent, and their frequencies predict nothing.
  case doublyStochastic

  /// Draws chains of a number of symbols.
  public func chains(_ count: Int, length: Int, symbols: Int, using stream: inout RandomStream) -> MarkovChains {
    precondition(symbols > 1 && length > 0, "a chain has a length and at least two symbols")
    var tokens: [Int] = []
    tokens.reserveCapacity(count * length)
    var entropy = 0.0
    for _ in 0..<count {
      let matrix = transitions(symbols, using: &stream)
      let stationary = Self.stationary(matrix, symbols)
      var token = Self.draw(stationary, 0, symbols, using: &stream)
      tokens.append(token)
      for _ in 1..<length {
        token = Self.draw(matrix, token * symbols, symbols, using: &stream)
        tokens.append(token)
      }
      for (index, probability) in matrix.enumerated() where probability > 0 {
        entropy -= stationary[index / symbols] * probability * log(probability)
      }
    }
    return MarkovChains(
      tokens: tokens, count: count, length: length, symbols: symbols,
      entropyRate: count > 0 ? entropy / Double(count) : 0)
  }

  /// The transition matrix of one chain, `[symbol, next symbol]`.
  func transitions(_ symbols: Int, using stream: inout RandomStream) -> [Double] {
    var matrix = Array(repeating: 0.0, count: symbols * symbols)
    switch self {
    case .dirichlet:
      for row in 0..<symbols {
        var total = 0.0
        for column in 0..<symbols {
          // Exponential numbers divided by their sum are Dirichlet(1, …, 1).
          let part = -log(1 - stream.uniformDouble())
          matrix[row * symbols + column] = part
          total += part
        }
        for column in 0..<symbols { matrix[row * symbols + column] /= total }
      }
    case .doublyStochastic:
      // All but the last row and column are free; those follow, and must not come out negative.
      let last = symbols - 1
      repeat {
        for row in 0..<last {
          for column in 0..<last { matrix[row * symbols + column] = stream.uniformDouble() }
        }
        for column in 0..<last {
          matrix[last * symbols + column] = 1 - (0..<last).reduce(0) { $0 + matrix[$1 * symbols + column] }
        }
        for row in 0...last {
          matrix[row * symbols + last] = 1 - (0..<last).reduce(0) { $0 + matrix[row * symbols + $1] }
        }
      } while matrix.contains { $0 < 0 }
    }
    return matrix
  }

  /// The stationary distribution of a transition matrix, by the elimination of Grassmann, Taksar and Heyman 1985, which
  /// never subtracts.
  static func stationary(_ transitions: [Double], _ symbols: Int) -> [Double] {
    var p = transitions
    for state in stride(from: symbols - 1, to: 0, by: -1) {
      let leaving = (0..<state).reduce(0) { $0 + p[state * symbols + $1] }
      for row in 0..<state {
        p[row * symbols + state] /= leaving
        for column in 0..<state {
          p[row * symbols + column] += p[row * symbols + state] * p[state * symbols + column]
        }
      }
    }
    var weights = Array(repeating: 1.0, count: symbols)
    for state in 1..<symbols { weights[state] = (0..<state).reduce(0) { $0 + weights[$1] * p[$1 * symbols + state] } }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// Draws a symbol from the probabilities that begin at an index.
  @inline(__always)
  private static func draw(
    _ probabilities: [Double], _ start: Int, _ symbols: Int, using stream: inout RandomStream
  ) -> Int {
    var rest = stream.uniformDouble()
    for symbol in 0..<symbols - 1 {
      rest -= probabilities[start + symbol]
      if rest < 0 { return symbol }
    }
    return symbols - 1
  }
}

/// Sequences of symbols, each from a Markov chain of its own.
public struct MarkovChains: Sendable, Equatable {
  /// The symbols, chain after chain.
  public let tokens: [Int]
  /// The number of chains.
  public let count: Int
  /// The number of symbols in each chain.
  public let length: Int
  /// The number of different symbols.
  public let symbols: Int
  /// The entropy in nats of the next symbol given the present one and the chain: the mean over chains.
  public let entropyRate: Double

  /// Creates chains from their symbols.
  public init(tokens: [Int], count: Int, length: Int, symbols: Int, entropyRate: Double = .nan) {
    precondition(tokens.count == count * length, "\(tokens.count) symbols for \(count) chains of \(length)")
    precondition(tokens.allSatisfy { (0..<symbols).contains($0) }, "a symbol lies outside 0 ..< \(symbols)")
    self.tokens = tokens
    self.count = count
    self.length = length
    self.symbols = symbols
    self.entropyRate = entropyRate
  }
}
