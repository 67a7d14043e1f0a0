// Markov chains drawn from a prior: what is known of them exactly.

import Tensors
import Testing

@testable import ToyModels

@Suite("Markov chains from a prior")
struct MarkovPriorTests {
  @Test("have rows that are probabilities, and columns too where doubly stochastic", arguments: MarkovPrior.allCases)
  func transitions(prior: MarkovPrior) {
    var stream = RandomStream(seed: 1)
    for _ in 0..<50 {
      let matrix = prior.transitions(3, using: &stream)
      let columns = (0..<3).map { column in (0..<3).reduce(0) { $0 + matrix[$1 * 3 + column] } }
      #expect(matrix.allSatisfy { (0...1).contains($0) })
      for row in 0..<3 { #expect(abs(matrix[row * 3..<row * 3 + 3].reduce(0, +) - 1) < 1e-12) }
      #expect(columns.allSatisfy { abs($0 - 1) < 1e-12 } == (prior == .doublyStochastic))
    }
  }

  @Test("start from the stationary distribution")
  func stationary() {
    let matrix = [0.9, 0.1, 0.0, 0.2, 0.5, 0.3, 0.0, 0.6, 0.4]
    let stationary = MarkovPrior.stationary(matrix, 3)
    for column in 0..<3 {
      let next = (0..<3).reduce(0) { $0 + stationary[$1] * matrix[$1 * 3 + column] }
      #expect(abs(next - stationary[column]) < 1e-14)
    }
    #expect(abs(stationary.reduce(0, +) - 1) < 1e-14)
  }

  @Test("have the entropy that Dirichlet rows have")
  func entropy() {
    // The mean entropy of a row of Dirichlet(1, 1, 1) is ψ(4) − ψ(2) = 1/2 + 1/3. The stationary distribution prefers
    // rows that keep to themselves, whose entropy is lower.
    var stream = RandomStream(seed: 2)
    let chains = MarkovPrior.dirichlet.chains(4_000, length: 2, symbols: 3, using: &stream)
    #expect(chains.entropyRate < 5.0 / 6 && chains.entropyRate > 0.78)
    let flat = MarkovPrior.doublyStochastic.chains(4_000, length: 2, symbols: 2, using: &stream)
    // Two symbols: one uniform number p, of mean entropy 1/2.
    #expect(abs(flat.entropyRate - 0.5) < 0.01)
  }

  @Test("follow their transitions")
  func frequencies() {
    var stream = RandomStream(seed: 3)
    let chains = MarkovPrior.dirichlet.chains(2_000, length: 50, symbols: 3, using: &stream)
    // The chance that a symbol repeats the one before is 1/3 a priori under any symbol, more after it has repeated.
    var (pairs, repeats, after) = (0, 0, 0)
    for chain in 0..<chains.count {
      let tokens = Array(chains.tokens[chain * 50..<chain * 50 + 50])
      for position in 2..<50 where tokens[position - 2] == tokens[position - 1] {
        pairs += 1
        if tokens[position] == tokens[position - 1] { repeats += 1 }
      }
      after += Set(tokens).count
    }
    #expect(Double(repeats) / Double(pairs) > 0.45)
    #expect(Double(after) / Double(chains.count) > 2.8)
  }
}
