// Markov chains over tokens: the simplest language, whose entropies are known exactly.
//
// Two ways to draw one: each token has a few successors with Zipfian probabilities and a uniform share for the rest, as
// a background on which copies stand out; or every row is drawn from a Dirichlet prior, as in Edelman et al. 2024.

import Foundation
import Tensors

/// A Markov chain with known transition probabilities.
struct MarkovChain: Sendable, Equatable {
  /// The number of tokens.
  let states: Int

  /// The probability of each successor of each token, `[present, next]`, row after row.
  let transitions: [Double]

  /// The stationary distribution, `[token]`.
  let stationary: [Double]

  private let cumulative: [Double]
  private let cumulativeStationary: [Double]

  /// Creates a chain from the probabilities of each token's successors, `[present][next]`.
  init(_ rows: [[Double]]) {
    states = rows.count
    for (state, row) in rows.enumerated() {
      precondition(
        row.count == rows.count && row.allSatisfy { $0 >= 0 } && abs(row.reduce(0, +) - 1) < 1e-9,
        "the successors of token \(state) need \(rows.count) probabilities that sum to 1")
    }
    transitions = rows.flatMap(\.self)
    cumulative = rows.flatMap(Self.sums)
    stationary = Self.stationary(of: transitions, states)
    cumulativeStationary = Self.sums(stationary)
  }

  // MARK: - Drawing a chain

  /// A chain in which each token has `successors` others, drawn at random, with probabilities ∝ 1, 1/2, 1/3, …
  ///
  /// - Parameter uniformShare: The probability that the next token is any token at all, uniformly.
  static func zipfian(states: Int, successors: Int, uniformShare: Double = 0.02, using stream: RandomStream)
    -> MarkovChain
  {
    precondition(successors > 0 && successors <= states, "\(successors) successors among \(states) tokens")
    let weights = zipfianProbabilities(successors)
    return MarkovChain(
      (0..<states).map { state in
        var stream = stream.derived("successors", state)
        var row = Array(repeating: uniformShare / Double(states), count: states)
        for (rank, next) in stream.permutation(states).prefix(successors).enumerated() {
          row[next] += (1 - uniformShare) * weights[rank]
        }
        return row
      })
  }

  // MARK: - Walking

  /// The next token after one, from its transition probabilities.
  func next(after token: Int, using stream: inout RandomStream) -> Int {
    Self.draw(cumulative, token * states, states, &stream)
  }

  /// A token from the stationary distribution.
  func first(using stream: inout RandomStream) -> Int { Self.draw(cumulativeStationary, 0, states, &stream) }

  /// A stretch of the stationary chain.
  func walk(_ count: Int, using stream: inout RandomStream) -> [Int] {
    var tokens: [Int] = []
    tokens.reserveCapacity(count)
    for _ in 0..<count {
      tokens.append(tokens.last.map { next(after: $0, using: &stream) } ?? first(using: &stream))
    }
    return tokens
  }

  // MARK: - Entropies

  /// The probability that one token follows another.
  func probability(of next: Int, after token: Int) -> Double { transitions[token * states + next] }

  /// The entropy of a token given the one before it, in nats: the loss of a perfect bigram model.
  var entropyRate: Double {
    (0..<states).reduce(0) { sum, state in
      sum + stationary[state] * entropy(of: transitions[state * states..<(state + 1) * states])
    }
  }

  /// The entropy of a token by itself, in nats: the loss of a perfect unigram model.
  var unigramEntropy: Double { entropy(of: stationary[...]) }

  // MARK: - Details

  /// The distribution that the chain keeps, by walking it lazily: a lazy chain has the same one and no period.
  private static func stationary(of transitions: [Double], _ states: Int) -> [Double] {
    var present = Array(repeating: 1 / Double(states), count: states)
    for _ in 0..<100_000 {
      var next = present.map { $0 / 2 }
      for state in 0..<states {
        let share = present[state] / 2
        for target in 0..<states { next[target] += share * transitions[state * states + target] }
      }
      let change = zip(next, present).map { abs($0 - $1) }.max() ?? 0
      present = next
      if change < 1e-15 { break }
    }
    let sum = present.reduce(0, +)
    return present.map { $0 / sum }
  }

  private static func sums(_ probabilities: [Double]) -> [Double] {
    var sum = 0.0
    return probabilities.map {
      sum += $0
      return sum
    }
  }

  /// The first token whose cumulative probability exceeds a uniform number; the last one when rounding lets none.
  private static func draw(_ cumulative: [Double], _ start: Int, _ count: Int, _ stream: inout RandomStream) -> Int {
    let number = stream.uniformDouble()
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[start + middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// −Σ p ln p, in nats.
func entropy(of probabilities: some Sequence<Double>) -> Double {
  probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
}

/// Probabilities ∝ 1, 1/2, 1/3, … by rank.
func zipfianProbabilities(_ count: Int) -> [Double] {
  let sum = (1...count).reduce(0) { $0 + 1 / Double($1) }
  return (1...count).map { 1 / (Double($0) * sum) }
}
