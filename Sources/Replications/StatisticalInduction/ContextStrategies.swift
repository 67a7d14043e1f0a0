// What can be predicted from a context by simple statistics of it: the strategies that Edelman et al. 2024 compare
// models with.
//
//   uniform   1/k
//   unigram   (1 + number of i in the context) / (k + length of the context)
//   bigram    (1 + number of i after the present symbol) / (k + number of symbols after the present one)
//
// The last two are posterior means under Dirichlet(1, …, 1), of single symbols and of transitions.

import Foundation
import Tensors
import ToyModels

/// The predictions of the three strategies on some chains.
struct ContextStrategies: Sendable {
  private let chains: MarkovChains
  /// Probabilities of the next symbol, `[chain, position, symbol]`, for all positions but the last.
  private let bigrams: [Double]
  private let unigrams: [Double]
  /// Σ p ln p of each strategy over all positions: the part of its divergences that no model changes.
  private let negativeEntropies: (bigram: Double, unigram: Double)

  /// How far a model is from each strategy: KL(strategy ‖ model) in nats, averaged over positions and chains.
  struct Divergences: Sendable, Equatable {
    var bigram, unigram, uniform: Double
  }

  /// Lets every strategy predict every symbol of some chains but the first.
  init(_ chains: MarkovChains) {
    let k = chains.symbols
    var (bigrams, unigrams) = ([Double](), [Double]())
    for chain in 0..<chains.count {
      var counts = Array(repeating: 1.0, count: k)
      var pairs = Array(repeating: 1.0, count: k * k)
      for position in 0..<chains.length - 1 {
        let token = chains.tokens[chain * chains.length + position]
        counts[token] += 1
        if position > 0 { pairs[chains.tokens[chain * chains.length + position - 1] * k + token] += 1 }
        let (seen, followed) = (Double(position + 1 + k), pairs[token * k..<(token + 1) * k].reduce(0, +))
        for symbol in 0..<k {
          unigrams.append(counts[symbol] / seen)
          bigrams.append(pairs[token * k + symbol] / followed)
        }
      }
    }
    self.chains = chains
    self.bigrams = bigrams
    self.unigrams = unigrams
    negativeEntropies = (
      bigrams.reduce(0) { $0 + $1 * log($1) }, unigrams.reduce(0) { $0 + $1 * log($1) }
    )
  }

  /// The divergences from each strategy to a model.
  ///
  /// - Parameter logProbabilities: The model's, `[chain, position, symbol]`; positions from the last symbol's on are
  ///   not looked at.
  func divergences(to logProbabilities: Tensor) -> Divergences {
    let (k, positions) = (chains.symbols, chains.length - 1)
    let shape = logProbabilities.shape
    precondition(
      shape.count == 3 && shape[0] == chains.count && shape[1] >= positions && shape[2] == k,
      "predictions of shape \(shape) for \(chains.count) chains of \(chains.length) symbols")
    return logProbabilities.withUnsafeElements { model in
      var (bigram, unigram) = negativeEntropies
      var uniform = -log(Double(k)) * Double(chains.count * positions)
      for chain in 0..<chains.count {
        for position in 0..<positions {
          let own = (chain * positions + position) * k
          let other = (chain * shape[1] + position) * k
          for symbol in 0..<k {
            let logarithm = Double(model[other + symbol])
            bigram -= bigrams[own + symbol] * logarithm
            unigram -= unigrams[own + symbol] * logarithm
            uniform -= logarithm / Double(k)
          }
        }
      }
      let count = Double(chains.count * positions)
      return Divergences(bigram: bigram / count, unigram: unigram / count, uniform: uniform / count)
    }
  }
}
