// What an intervention does to the next word, split into which word it is and, if a verb, in which number.
//
//   KL(p ‖ q) = KL over words, verbs without their number + Σ over verbs p(verb) · KL(number given the verb)
//
// The split is the chain rule of the divergence, and exact.

import Foundation
import Tensors

/// Divergences from one set of predictions to another, and what both prefer.
struct NumberChange: Sendable, Hashable {
  /// The number of predictions that were compared.
  var count = 0
  /// The sum of KL(before ‖ after), in nats.
  var divergence = 0.0
  /// The part of it in the number of the verb.
  var inNumber = 0.0
  /// The number of predictions in which plural verbs were not likelier together than singular ones.
  var wereSingular = 0
  /// Those of them in which they are now.
  var flipped = 0

  /// The share of the divergence that is in the number of the verb; nil without divergence.
  var shareInNumber: Double? { divergence > 1e-12 ? inNumber / divergence : nil }

  /// The share of predictions that flipped from singular to plural.
  var flips: Double { wereSingular > 0 ? Double(flipped) / Double(wereSingular) : 0 }

  /// No predictions.
  init() {}

  /// Adds other predictions.
  static func += (left: inout NumberChange, right: NumberChange) {
    left.count += right.count
    left.divergence += right.divergence
    left.inNumber += right.inNumber
    left.wereSingular += right.wereSingular
    left.flipped += right.flipped
  }

  /// Compares predictions, log-probabilities `[prediction, word]` before and after.
  init(from before: Tensor, to after: Tensor, of language: AgreementLanguage) {
    precondition(before.shape == after.shape, "predictions of shape \(before.shape) and \(after.shape)")
    let width = before.shape[1]
    let verbs = language.words.indices.filter { language.words[$0].wordClass == .verb }
    let singular = verbs.filter { language.words[$0].number == .singular }
    // Both forms of a verb have one lemma, and stand in the same order.
    let forms = zip(singular, verbs.filter { language.words[$0].number == .plural })
    let others = (0..<width).filter { !verbs.contains($0) }
    count = before.shape[0]
    before.withUnsafeElements { before in
      after.withUnsafeElements { after in
        for start in stride(from: 0, to: count * width, by: width) {
          func pair(_ word: Int) -> (p: Double, q: Double) {
            (exp(Double(before[start + word])), exp(Double(after[start + word])))
          }
          var (between, within) = (0.0, 0.0)
          for word in others { between += Self.term(pair(word)) }
          var (balanceBefore, balanceAfter) = (0.0, 0.0)
          for (one, many) in forms {
            let (one, many) = (pair(one), pair(many))
            let both = (p: one.p + many.p, q: one.q + many.q)
            between += Self.term(both)
            within += Self.term(one) + Self.term(many) - Self.term(both)
            balanceBefore += many.p - one.p
            balanceAfter += many.q - one.q
          }
          divergence += between + within
          inNumber += within
          if balanceBefore <= 0 {
            wereSingular += 1
            flipped += balanceAfter > 0 ? 1 : 0
          }
        }
      }
    }
  }

  /// p ln(p/q); 0 where p is.
  private static func term(_ pair: (p: Double, q: Double)) -> Double {
    pair.p > 0 ? pair.p * log(pair.p / max(pair.q, 1e-300)) : 0
  }
}
