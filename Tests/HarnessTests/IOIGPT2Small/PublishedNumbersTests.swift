// What is typed from the paper and the notebook fits the circuit, the protocols and itself.

import Foundation
import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Published numbers on GPT-2 small")
struct PublishedNumbersTests {
  @Test("Figure 20 has a pair for each head of the circuit, and figure 22 only such heads")
  func minimality() throws {
    let numbers = try publishedNumbers(in: "wang2022ioi", as: CircuitCriteria.Published.self)
    let circuit = IndirectObjectCircuit.gpt2Small
    #expect(Set(numbers.minimality.keys) == Set(circuit.heads.map { "\(HeadName($0))" }))
    #expect(numbers.minimality.values.allSatisfy { $0.count == 2 })
    #expect(numbers.greedy.map(\.count) == [5, 6, 4, 7])
    for name in numbers.greedy.joined() { #expect(HeadName(name).map { circuit.heads.contains($0.writer) } == true) }
  }

  @Test("Name movers and backups are knocked out one after another: each begins where the one before has ended")
  func sequence() throws {
    let numbers = try publishedNumbers(in: "wang2022ioi", as: CircuitCriteria.Published.self).minimality
    let circuit = IndirectObjectCircuit.gpt2Small
    let sequence = (GPT2Heads.nameMovers + circuit.classes[1].heads.prefix(6)).dropFirst(3)
    for (head, next) in zip(sequence, sequence.dropFirst()) {
      #expect(circuit.minimalitySets[next] == (circuit.minimalitySets[head] ?? []) + [head])
      #expect(numbers["\(HeadName(head))"]?[0] == numbers["\(HeadName(next))"]?[1])
    }
  }

  @Test("The released points are those whose means the claims quote")
  func points() throws {
    let points = try publishedNumbers(in: "wang2022ioi", as: CircuitCriteria.Published.self).completeness
    func distance(_ name: String) -> Double { mean((points[name] ?? [:]).values.map { abs($0[0] - $0[1]) }) }
    func correlation(_ name: String) -> Double {
      let values = (points[name] ?? [:]).values
      return pearson(values.map { $0[0] }, values.map { $0[1] })
    }
    #expect(abs(distance("full") - 0.79) < 0.005 && abs(distance("naive") - 1.95) < 0.005)
    #expect(abs(correlation("full") - 0.983) < 0.001 && abs(correlation("naive") - 0.892) < 0.001)
  }

  @Test("The fit of figure 9 is that of its six cells")
  func signals() throws {
    let cells = try publishedNumbers(in: "wang2022ioi", as: InhibitionSignals.Published.self).signals
    let table = SignalTable(
      cells: TokenSignal.allCases.flatMap { token in
        PositionSignal.allCases.enumerated().map { place, position in
          SignalTable.Cell(
            token: token, position: position, logitDifference: Estimate([cells[token.rawValue]?[place] ?? .nan]))
        }
      })
    #expect(abs(table.positionEffect - 2.31) < 0.01)
    #expect(abs(table.tokenEffect - 0.99) < 0.01)
  }

  @Test("The notebook's maps have the shapes of the model and its prompts, and agree where they overlap")
  func notebook() throws {
    let numbers = try publishedNumbers(in: "nanda2022exploratory", as: NotebookPrompts.Published.self)
    #expect(numbers.prompts.map(\.count) == Array(repeating: 15, count: 8))
    for map in [numbers.residPre, numbers.attnOut, numbers.mlpOut] {
      #expect(map.map(\.count) == Array(repeating: 15, count: 12))
    }
    for map in [numbers.heads, numbers.z, numbers.v, numbers.pattern, numbers.headsWithout9_9] {
      #expect(map.map(\.count) == Array(repeating: 12, count: 12))
    }
    // The stream ends with the mean logit difference; a partner repeats the other name.
    #expect(abs((numbers.accumulated.last ?? 0) - mean(numbers.differences)) < 0.001)
    for index in numbers.prompts.indices {
      #expect(numbers.answers[index] == Array(numbers.answers[index ^ 1].reversed()))
    }
  }

  @Test("Numbers that are not there are an error that names the file")
  func missing() {
    let error = #expect(throws: PublishedNumbersError.self) {
      _ = try publishedNumbers(in: "nobody2000", as: [Int].self)
    }
    #expect(error?.description.hasPrefix("papers/nobody2000/published.json cannot be read: ") == true)
  }

  @Test("Other heads take the places of a circuit's, class by class")
  func replacing() {
    let circuit = IndirectObjectCircuit.gpt2Small
    let others = Writer.heads(of: TransformerConfiguration(nLayers: 12, dModel: 12, nHeads: 12, dVocab: 1, nContext: 1))
      .filter { !circuit.heads.contains($0) }
    let replaced = circuit.replacingHeads(by: Array(others.prefix(26)))
    #expect(replaced.heads == Array(others.prefix(26)))
    #expect(replaced.classes.map(\.role) == circuit.classes.map(\.role))
    #expect(replaced.classes.map(\.heads.count) == circuit.classes.map(\.heads.count))
  }
}
