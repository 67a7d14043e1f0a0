// The three scores of every head on random tokens that come twice (TransformerLens, Exploratory Analysis Demo): the mean
// attention along one diagonal each, to the token before, to the present token's first occurrence, and to what followed it.

import Tensors
import Transformer

/// The kinds of heads that are known by a diagonal.
enum HeadKind: String, Sendable, CaseIterable {
  case previousToken = "previous token"
  case duplicateToken = "duplicate token"
  case induction = "induction"

  /// How far back such a head looks when tokens come again after so many.
  func distance(ofRepetition length: Int) -> Int {
    switch self {
    case .previousToken: 1
    case .duplicateToken: length
    case .induction: length - 1
    }
  }

  /// The kind as the head detector knows it.
  var pattern: HeadPattern {
    switch self {
    case .previousToken: .previousToken
    case .duplicateToken: .duplicateToken
    case .induction: .induction
    }
  }

  /// The kind after this one, the first after the last.
  var next: HeadKind {
    switch self {
    case .previousToken: .duplicateToken
    case .duplicateToken: .induction
    case .induction: .previousToken
    }
  }
}

/// Rows of random tokens that come twice, and the same rows with their second halves shuffled.
struct RepeatedRows: Sendable {
  /// The rows.
  let tokens: TokenBatch
  /// The same with the second half of each row in another order.
  let shuffled: TokenBatch
  /// The number of tokens that come twice.
  let length: Int

  /// Repeats rows of tokens behind a token for the beginning, if any.
  init(_ rows: [[Int]], bos: Int?, shuffledBy stream: RandomStream) {
    var stream = stream
    length = rows.first?.count ?? 0
    let start = bos.map { [$0] } ?? []
    tokens = TokenBatch(rows.map { start + $0 + $0 })
    shuffled = TokenBatch(rows.map { row in start + row + stream.permutation(row.count).map { row[$0] } })
  }
}

/// The scores of all heads, `[layer][head]` of each kind.
struct RepetitionScores: Sendable {
  /// The scores of each kind.
  let scores: [HeadKind: [[Double]]]
  /// The mean attention to the token before the previous one: what a previous-token head does not do.
  let twoBack: [[Double]]

  /// The scores of a kind.
  subscript(kind: HeadKind) -> [[Double]] { scores[kind] ?? [] }
}

extension RepetitionScores {
  /// The scores from the patterns of a run over rows of tokens that come again after so many.
  init(_ patterns: ActivationCache, _ tokens: TokenBatch, length: Int) throws {
    var scores: [HeadKind: [[Double]]] = [:]
    for kind in HeadKind.allCases {
      scores[kind] = try patterns.attentionStripe(tokens, distance: kind.distance(ofRepetition: length)).rows
    }
    self.scores = scores
    twoBack = try patterns.attentionStripe(tokens, distance: 2).rows
  }
}

extension [[Double]] {
  /// The heads of a table `[layer][head]`, the highest first.
  var headsByScore: [HeadName] {
    let heads = indices.flatMap { layer in self[layer].indices.map { HeadName(layer, $0) } }
    return heads.sorted { (self[$1], $0) < (self[$0], $1) }
  }

  /// The heads above a threshold.
  func heads(above threshold: Double) -> Set<HeadName> { Set(headsByScore.filter { self[$0] > threshold }) }

  /// The largest distance of an entry from that of another table of the same shape; infinite for other shapes.
  func largestDistance(from other: [[Double]]) -> Double {
    guard map(\.count) == other.map(\.count) else { return .infinity }
    return zip(joined(), other.joined()).map { abs($0 - $1) }.max() ?? .infinity
  }
}
