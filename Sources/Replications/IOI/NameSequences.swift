// Indirect object identification without words (Adhikari 2025): <BOS> n₁ n₂ S₂ <MID>. The third name repeats one of the
// first two, the subject; the other one, the indirect object, is what a model is to say at <MID>.

import Tensors
import Transformer

/// Two different names, in no order.
struct NamePair: Sendable, Hashable {
  let first: Int
  let second: Int
}

/// The task over so many names; the two tokens after them are <BOS> and <MID>.
struct NameTask: Sendable {
  /// The number of names.
  let names: Int

  /// The number of tokens that can be read.
  var vocabulary: Int { names + 2 }

  /// All pairs of names.
  var pairs: [NamePair] {
    (0..<names).flatMap { first in (first + 1..<names).map { NamePair(first: first, second: $0) } }
  }

  /// All pairs divided at random; of the second part so many.
  func divided(heldOut count: Int, _ stream: RandomStream) -> (training: [NamePair], heldOut: [NamePair]) {
    var stream = stream
    let all = pairs
    let order = stream.permutation(all.count)
    return (order.dropFirst(count).map { all[$0] }, order.prefix(count).map { all[$0] })
  }

  /// All sequences of some pairs: both orders, both subjects.
  func all(of pairs: [NamePair]) -> NameSequences {
    NameSequences(
      self,
      pairs.flatMap { pair -> [[Int]] in
        let (a, b) = (pair.first, pair.second)
        return [[a, b, a], [a, b, b], [b, a, a], [b, a, b]]
      })
  }

  /// Random sequences of some pairs.
  func random(_ rows: Int, of pairs: [NamePair], using stream: inout RandomStream) -> NameSequences {
    NameSequences(
      self,
      (0..<rows).map { _ in
        let pair = pairs[stream.integer(below: pairs.count)]
        let choice = stream.integer(below: 4)
        let (a, b) = choice & 1 == 0 ? (pair.first, pair.second) : (pair.second, pair.first)
        return [a, b, choice & 2 == 0 ? a : b]
      })
  }

  /// Sequences of three different random names, which have no answer: the task's p_ABC.
  func differentNames(_ rows: Int, _ stream: RandomStream) -> TokenBatch {
    var stream = stream
    return TokenBatch((0..<rows).map { _ in row(Array(stream.permutation(names).prefix(3))) })
  }

  fileprivate func row(_ chosen: [Int]) -> [Int] { [names] + chosen + [names + 1] }
}

/// Some sequences of the task with their answers.
struct NameSequences: Sendable {
  /// The number of tokens in a sequence.
  static let length = 5
  /// The position at which the answer is read.
  static let mid = 4
  /// What stands at each position.
  static let positionNames = ["BOS", "n₁", "n₂", "S₂", "MID"]

  /// `[sequence, 5]`.
  let tokens: TokenBatch
  /// The name that occurs once, for each sequence.
  let indirectObjects: [Int]
  /// The name that occurs twice, for each sequence.
  let subjects: [Int]
  /// Whether the subject is the first name, for each sequence.
  let isSubjectFirst: [Bool]

  /// The number of sequences.
  var count: Int { subjects.count }

  fileprivate init(_ task: NameTask, _ rows: [[Int]]) {
    tokens = TokenBatch(rows.map(task.row))
    indirectObjects = NameSequences.answers(of: tokens)
    subjects = rows.map { $0[2] }
    isSubjectFirst = rows.map { $0[0] == $0[2] }
  }

  /// The logit of the indirect object less that of the subject, at <MID>.
  var logitDifference: Metric { .logitDifference(correct: indirectObjects, incorrect: subjects) }

  /// The name of each row that is not repeated by the third.
  static func answers(of tokens: TokenBatch) -> [Int] {
    (0..<tokens.batch).map { row in
      let names = tokens.tokens[row * tokens.positions..<(row + 1) * tokens.positions].dropFirst().prefix(3)
      let (first, second, repeated) = (
        names[names.startIndex], names[names.startIndex + 1], names[names.startIndex + 2]
      )
      return first == repeated ? second : first
    }
  }
}
