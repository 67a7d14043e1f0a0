// The expanded weights of a one-layer model as a table of skip-trigrams (Elhage et al. 2021, "One-Layer Attention-Only
// Transformers as Skip-Trigrams").
//
// A head's QK circuit says how much a present word B attends to an earlier word, its OV circuit what that raises. What
// comes of a word in a row depends on what else there is to attend to: here words of average score, B itself, and the
// beginning of the row, on which heads rest. Of positions there is B's own and the mean of those before it.

import Foundation
import Tensors
import Transformer

/// How much each word, somewhere before a present word, raises each output: read off the weights, no row is run.
struct SkipTrigramTable {
  /// What one head attends to and what that raises.
  private struct Head {
    /// The score of each word somewhere in the row, `[present][word]`.
    var scores: [[Double]]
    /// The score of an average word somewhere in the row, `[present]`.
    var averageScores: [Double]
    /// The scores of the present word itself and of the beginning of the row, `[present]`.
    var ownScores: [Double]
    var startScores: [Double]
    /// What each word raises, `[word][output]`, the beginning of the row as one more.
    var effects: [[Double]]
    /// What an average word raises, `[output]`.
    var averageEffects: [Double]
  }

  private let heads: [Head]
  private let company: Int

  /// Expands the weights of a one-layer model whose words have some frequencies.
  ///
  /// - Parameter company: The number of words between the beginning of the row and the present word.
  init(of model: HookedTransformer, frequencies: [Double], company: Int) {
    let (c, words) = (model.configuration, model.configuration.dVocabOut)
    let positions = model.W_pos ?? Tensor(zeros: [c.nContext, c.dModel])
    let here = positions.slice(axis: 0, company + 1..<company + 2)
    let before = positions.slice(axis: 0, 1..<company + 1).mean(axis: 0, keepingAxis: true)
    let present = model.W_E.slice(axis: 0, 0..<words) + here
    let start = model.W_E.slice(axis: 0, words..<words + 1) + positions.slice(axis: 0, 0..<1)
    /// The mean over words as often as they occur.
    func average(_ values: [Double]) -> Double { zip(values, frequencies).reduce(0) { $0 + $1.0 * $1.1 } }
    heads = (0..<c.nHeads).map { head in
      let queries = present.matmul(model.QK(layer: 0, head: head)) * c.scoreScale
      let scores = queries.matmul(model.W_E.slice(axis: 0, 0..<words) + before, transposingOther: true).doubles
      let effects = model.W_E.matmul(model.OV(layer: 0, head: head)).matmul(model.W_U).doubles
      return Head(
        scores: scores, averageScores: scores.map(average),
        ownScores: (queries * present).sum(axis: 1).elements.map(Double.init),
        startScores: queries.matmul(start, transposingOther: true).elements.map(Double.init), effects: effects,
        averageEffects: (0..<words).map { output in average(effects.dropLast().map { $0[output] }) })
    }
    self.company = company
  }

  /// How much a word `source` earlier in the row raises an output at a present word, against an average word there.
  func change(of output: Int, at present: Int, from source: Int) -> Double {
    heads.reduce(0.0) { sum, head in
      /// What the head writes when it attends to so many average words, and to another word unless it is nil.
      func written(_ count: Int, _ other: Int?) -> Double {
        var parts = [
          (exp(head.averageScores[present]) * Double(count), head.averageEffects[output]),
          (exp(head.ownScores[present]), head.effects[present][output]),
          (exp(head.startScores[present]), head.effects[head.effects.count - 1][output]),
        ]
        if let other { parts.append((exp(head.scores[present][other]), head.effects[other][output])) }
        return parts.reduce(0) { $0 + $1.0 * $1.1 } / parts.reduce(0) { $0 + $1.0 }
      }
      return sum + written(company - 1, source) - written(company, nil)
    }
  }
}
