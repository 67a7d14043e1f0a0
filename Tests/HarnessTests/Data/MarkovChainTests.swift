// Markov chains: entropies against closed forms and against sampling.

import Foundation
import Tensors
import Testing

@testable import Replications

@Suite("Markov chains") struct MarkovChainTests {
  private let chain = MarkovChain.zipfian(states: 12, successors: 4, uniformShare: 0.1, using: RandomStream(seed: 1))

  @Test("A chain of two tokens has the textbook's stationary distribution and entropies")
  func twoStates() {
    let chain = MarkovChain([[0.9, 0.1], [0.4, 0.6]])
    #expect(abs(chain.stationary[0] - 0.8) < 1e-12)
    func binary(_ p: Double) -> Double { -p * log(p) - (1 - p) * log(1 - p) }
    #expect(abs(chain.unigramEntropy - binary(0.8)) < 1e-12)
    #expect(abs(chain.entropyRate - (0.8 * binary(0.1) + 0.2 * binary(0.4))) < 1e-12)
  }

  @Test("A chain that alternates has a stationary distribution all the same")
  func periodic() {
    let chain = MarkovChain([[0, 1], [1, 0]])
    #expect(abs(chain.stationary[0] - 0.5) < 1e-12)
    #expect(chain.entropyRate == 0)
  }

  @Test("Zipfian successors have probabilities 1, 1/2, 1/3, … beside the uniform share")
  func zipfian() {
    let row = chain.transitions[..<12].sorted(by: >)
    let first = row[0] - 0.1 / 12
    for (rank, share) in [1, 1 / 2.0, 1 / 3.0, 1 / 4.0].enumerated() {
      #expect(abs(row[rank] - 0.1 / 12 - first * share) < 1e-12)
    }
    #expect(row[4...].allSatisfy { abs($0 - 0.1 / 12) < 1e-12 })
  }

  @Test("Sampled tokens have the stationary distribution, the transitions and the entropy rate")
  func sampling() {
    var stream = RandomStream(seed: 2)
    let walk = chain.walk(200_000, using: &stream)
    var counts = Array(repeating: 0.0, count: 12)
    for token in walk { counts[token] += 1 / Double(walk.count) }
    for token in 0..<12 { #expect(abs(counts[token] - chain.stationary[token]) < 0.01) }
    let surprisals = zip(walk, walk.dropFirst()).map { -log(chain.probability(of: $1, after: $0)) }
    #expect(abs(mean(surprisals) - chain.entropyRate) < 0.01)
  }

  @Test("The same stream gives the same chain, another stream another one")
  func determinism() {
    #expect(chain == .zipfian(states: 12, successors: 4, uniformShare: 0.1, using: RandomStream(seed: 1)))
    #expect(chain != .zipfian(states: 12, successors: 4, uniformShare: 0.1, using: RandomStream(seed: 2)))
  }
}
