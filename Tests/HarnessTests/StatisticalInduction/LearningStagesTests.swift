// The metrics of StatisticalInduction on cases whose answer is known.

import Foundation
import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("Stages of learning Markov chains")
struct LearningStagesTests {
  /// 0 1 0 0 2: after the second 0 a 1 has followed a 0 once; after the third a 1 and a 0 have.
  private let chain = MarkovChains(tokens: [0, 1, 0, 0, 2], count: 1, length: 5, symbols: 3)

  private let unigrams: [[Double]] = [[2, 1, 1], [2, 2, 1], [3, 2, 1], [4, 2, 1]].map(normalized)
  private let bigrams: [[Double]] = [[1, 1, 1], [1, 1, 1], [1, 2, 1], [2, 2, 1]].map(normalized)

  private static func normalized(_ counts: [Double]) -> [Double] { counts.map { $0 / counts.reduce(0, +) } }

  private func divergences(of model: [[Double]]) -> ContextStrategies.Divergences {
    // One position more than is judged: that of the last symbol, whose successor is not known.
    let rows = (model + [[0.2, 0.3, 0.5]]).joined().map { Float(log($0)) }
    return ContextStrategies(chain).divergences(to: Tensor(rows, [1, 5, 3]))
  }

  private func meanDivergence(_ p: [[Double]], _ q: [[Double]]) -> Double {
    zip(p, q).reduce(0) { sum, rows in zip(rows.0, rows.1).reduce(sum) { $0 + $1.0 * log($1.0 / $1.1) } }
      / Double(p.count)
  }

  @Test("strategies predict what posterior means by hand predict")
  func strategies() {
    let uniform = Array(repeating: [1.0 / 3, 1.0 / 3, 1.0 / 3], count: 4)
    for (model, own) in [(unigrams, \ContextStrategies.Divergences.unigram), (bigrams, \.bigram), (uniform, \.uniform)]
    {
      let measured = divergences(of: model)
      #expect(abs(measured[keyPath: own]) < 1e-6)
      #expect(abs(measured.unigram - meanDivergence(unigrams, model)) < 1e-6)
      #expect(abs(measured.bigram - meanDivergence(bigrams, model)) < 1e-6)
      #expect(abs(measured.uniform - meanDivergence(uniform, model)) < 1e-6)
    }
  }

  private func stages(_ values: [(bigram: Double, unigram: Double)]) -> LearningStages {
    var stages = LearningStages()
    for (index, value) in values.enumerated() {
      stages.append(
        10 * index, ContextStrategies.Divergences(bigram: value.bigram, unigram: value.unigram, uniform: 1))
    }
    return stages
  }

  @Test("bigrams take over at the first step at which they are closer")
  func takeover() {
    #expect(stages([(3, 2), (2, 1), (1, 1), (0.5, 1.5), (0.4, 1.6)]).takeover == 30)
    #expect(stages([(3, 2), (2, 1)]).takeover == nil)
  }

  @Test("a plateau before the fall is told from a fall that is fastest at its start")
  func suddenness() {
    let plateau = stages([(4, 2), (3, 1), (2.99, 1.1), (2.98, 1.2), (1, 1.5), (0.9, 1.5)])
    #expect(abs(plateau.bigramStart - 0.01 / 1.98) < 1e-9)
    #expect(plateau.firstTenth(of: .unigram) == 1)
    // The bigram stage has 40 steps: 4 of them are a tenth, and the fastest ones fall by 0.4 · 1.98.
    #expect(abs(plateau.firstTenth(of: .bigram) - 0.01 / 1.98) < 1e-9)
    let exponential = stages([(4, 1), (2, 2), (1, 2), (0.5, 2)])
    #expect(exponential.bigramStart == 1 && exponential.firstTenth(of: .bigram) == 1)
  }

  @Test("distances are relative to the nearest other strategy")
  func relative() {
    #expect(stages([(0.5, 2), (4, 0.5)]).relative(.bigram) == [0.5, 8])
    #expect(stages([(0.5, 2), (4, 0.5)]).relative(.unigram) == [4, 0.5])
  }

  @Test("attention of a perfect induction head is all on what followed the present symbol")
  func inductionShare() {
    // Queries 0 1 0 0: the third sees a successor of 0 at place 1, the fourth at places 1 and 3.
    var pattern = Tensor(zeros: [1, 4, 4])
    for (query, key) in [(0, 0), (1, 0), (2, 1), (3, 3)] { pattern[0, query, key] = 1 }
    #expect(MarkovTransformers.inductionShare(pattern, chain) == 1)
    #expect(abs(MarkovTransformers.previousWeight(pattern) - 2.0 / 3) < 1e-6)
    pattern[0, 3, 3] = 0
    pattern[0, 3, 2] = 1
    #expect(MarkovTransformers.inductionShare(pattern, chain) == 0.5)
  }
}
