// The parts of AttentionPatterns that need no training: the rows, the diagonals, the notebook's tokens.

import Foundation
import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Heads by their patterns")
struct AttentionPatternsTests {
  @Test("The notebook's random tokens are PyTorch's from seed 0, as the paper's folder has them")
  func notebookTokens() throws {
    struct Published: Decodable {
      let repeated: [[Int]]
    }
    let file = projectRoot.appending(path: "papers/nanda2022exploratory/published.json")
    let printed = try JSONDecoder().decode(Published.self, from: Data(contentsOf: file)).repeated
    #expect(printed.map(\.count) == [100, 100])
    #expect(GPT2Patterns.notebookTokens(rows: 2, length: 100) == printed)
  }

  @Test("Bells ring behind tokens that have come before, and behind no others")
  func bells() {
    let rows = RingingRows(vocabulary: 6, length: 30, bells: .behindDuplicates)
    var stream = RandomStream(seed: 3)
    let batch = rows.batch(20, using: &stream)
    #expect(batch.shape == [20, 31])
    for row in 0..<batch.batch {
      var known: Set<Int> = []
      let tokens = batch[row]
      #expect(tokens[0] == rows.bos)
      for (place, token) in tokens.enumerated().dropFirst() where token != rows.bell {
        let rings = place + 1 < tokens.count && tokens[place + 1] == rows.bell
        if place + 1 < tokens.count { #expect(rings == known.contains(token)) }
        known.insert(token)
      }
      #expect(!zip(tokens, tokens.dropFirst()).contains { $0 == rows.bell && $1 == rows.bell })
    }
  }

  @Test("Each kind of head has its diagonal, the detector's pattern lies on it, and shuffled halves have none")
  func diagonals() throws {
    let rows = RepeatedRows([[3, 1, 4, 0], [2, 0, 1, 3]], bos: 5, shuffledBy: RandomStream(seed: 1))
    #expect(rows.tokens[0] == [5, 3, 1, 4, 0, 3, 1, 4, 0])
    #expect(rows.shuffled != rows.tokens)
    for row in 0..<2 {
      #expect(rows.shuffled[row].suffix(4).sorted() == rows.tokens[row].suffix(4).sorted())
      #expect(rows.shuffled[row].prefix(5) == rows.tokens[row].prefix(5))
    }
    for kind in HeadKind.allCases {
      let pattern = kind.pattern.pattern(for: rows.tokens[0])
      let distance = kind.distance(ofRepetition: rows.length)
      for query in 5..<9 { #expect(pattern[query, query - distance] == 1, "\(kind.rawValue)") }
      #expect(Set(HeadKind.allCases.map(\.next)).count == 3 && kind.next != kind)
    }
  }

  @Test("Tables of heads are ordered, cut and compared")
  func tables() {
    let table = [[0.1, 0.9], [0.5, 0.2]]
    #expect(table.headsByScore.map(\.description) == ["0.1", "1.0", "1.1", "0.0"])
    #expect(table.heads(above: 0.4) == [HeadName(0, 1), HeadName(1, 0)])
    #expect(table.largestDistance(from: [[0.1, 0.7], [0.6, 0.2]]) == 0.9 - 0.7)
    #expect(table.largestDistance(from: [[0.1, 0.7]]) == .infinity)
    #expect(HeadName("10.7") == HeadName(10, 7) && HeadName("10") == nil && HeadName("a.b") == nil)
  }

  @Test("The notebook's scores and losses would be reproduced")
  func notebookNumbers() throws {
    struct Numbers: Decodable, Sendable {
      let previous, duplicate, induction: [[Double]]
      let lossByPosition: [Double]
    }
    let printed = try publishedNumbers(in: "nanda2022exploratory", as: Numbers.self)
    #expect(printed.lossByPosition.count == 99)
    let tables: [HeadKind: [[Double]]] = [
      .previousToken: printed.previous, .duplicateToken: printed.duplicate, .induction: printed.induction,
    ]
    let flat = [[Double]](0.01)
    let judgements = try GPT2Patterns().judgements(
      of: .init(
        scores: RepetitionScores(scores: tables, twoBack: flat),
        shuffled: RepetitionScores(
          scores: [.previousToken: printed.previous, .duplicateToken: flat, .induction: flat], twoBack: flat),
        published: tables, losses: printed.lossByPosition, shuffledLosses: printed.lossByPosition.map { max($0, 11) },
        publishedLosses: printed.lossByPosition))
    #expect(Set(judgements.map(\.claim)) == Set(GPT2Patterns().claims))
    for (claim, judgement) in judgements {
      #expect(judgement.verdict == .reproduced, "\(claim): \(judgement.reason)")
    }
  }
}
