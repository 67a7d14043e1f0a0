// Circuits: knock-outs against plain hooks, and the three criteria on a circuit known by construction.

import Tensors
import Testing

@testable import Transformer

@Suite("Circuits") struct CircuitTests {
  let subject = InterventionModel(.layerNorm)
  let circuit = Circuit(
    classes: [
      Circuit.Class("early", [.head(0, 1), .head(0, 2)]), Circuit.Class("late", [.head(2, 0), .mlp(layer: 1)]),
    ], positions: [.head(2, 0): .last, .head(0, 2): .one(ofEach: [1, 2, 3])])

  private func evaluation(_ circuit: Circuit, _ ablation: Ablation, mlps: Bool) throws -> CircuitEvaluation {
    let c = subject.model.configuration
    return try CircuitEvaluation(
      subject.model, circuit, on: subject.clean, metric: subject.metric, ablation: ablation,
      whole: Writer.heads(of: c) + (mlps ? Writer.mlps(of: c) : []))
  }

  /// Knock-outs by mean over examples at each position, written out.
  private func plain(keeping keeps: @escaping (Writer, _ example: Int, _ position: Int) -> Bool) throws -> [Float] {
    let cache = try subject.corruptedCache
    var hooks: [Hook] = []
    for layer in 0..<3 {
      let z = cache[.z, layer: layer].mean(axis: 0)
      let out = cache[.mlpOut, layer: layer].mean(axis: 0)
      hooks.append(
        Hook(HookFilter([HookPoint(.z, layer: layer)])) { value, _ in
          for e in 0..<3 {
            for p in 0..<5 {
              for h in 0..<4 where !keeps(.head(layer, h), e, p) {
                for i in 0..<4 { value[e, p, h, i] = z[p, h, i] }
              }
            }
          }
        })
      hooks.append(
        Hook(HookFilter([HookPoint(.mlpOut, layer: layer)])) { value, _ in
          for e in 0..<3 {
            for p in 0..<5 where !keeps(.mlp(layer: layer), e, p) {
              for i in 0..<12 { value[e, p, i] = out[p, i] }
            }
          }
        })
    }
    return try subject.plain(subject.clean, hooks)
  }

  private func isActive(_ node: Writer, _ example: Int, _ position: Int) -> Bool {
    switch node {
    case .head(0, 1), .mlp(1): true
    case .head(2, 0): position == 4
    case .head(0, 2): position == example + 1
    default: false
    }
  }

  @Test("knock out what is outside, and a part where it does not act")
  func knockOuts() throws {
    let ablation = Ablation.mean(of: try subject.corruptedCache, over: .positional)
    let evaluation = try evaluation(circuit, ablation, mlps: true)
    let expected = try plain { isActive($0, $1, $2) }
    #expect(largestDifference(try evaluation.circuit(), expected) < 1e-5)
    let less = try plain { $0 != .head(0, 1) && isActive($0, $1, $2) }
    #expect(largestDifference(try evaluation.circuit(without: [.head(0, 1)]), less) < 1e-5)
    let model = try plain { node, _, _ in node != .head(0, 1) && node != .mlp(layer: 1) }
    #expect(largestDifference(try evaluation.model(without: [.head(0, 1), .mlp(layer: 1)]), model) < 1e-5)
    // From the model a part is removed where it acts in the circuit, as from the authors' model, and nowhere else.
    let placed = try plain { node, example, position in
      (node != .head(2, 0) || position != 4) && (node != .head(0, 2) || position != example + 1)
    }
    #expect(largestDifference(try evaluation.model(without: [.head(2, 0), .head(0, 2)]), placed) < 1e-5)
    let nothing = try plain { _, _, _ in false }
    let faithfulness = try evaluation.faithfulness()
    #expect(largestDifference(faithfulness.nothing, nothing) < 1e-5)
    #expect(largestDifference(faithfulness.circuit, expected) < 1e-5)
    #expect(largestDifference(faithfulness.model, try subject.plain(subject.clean, [])) < 1e-5)
    #expect(largestDifference(nothing, expected) > 1e-2 && largestDifference(less, expected) > 1e-2)
  }

  @Test("heads alone leave the MLPs untouched")
  func headsAlone() throws {
    let ablation = Ablation.mean(of: try subject.corruptedCache, over: .positional)
    let evaluation = try evaluation(Circuit([.head(1, 1)]), ablation, mlps: false)
    let expected = try plain { node, _, _ in if case .mlp = node { true } else { node == .head(1, 1) } }
    #expect(largestDifference(try evaluation.circuit(), expected) < 1e-5)
  }

  @Test("the whole model is a faithful and complete circuit of itself")
  func wholeModel() throws {
    let c = subject.model.configuration
    let nodes = Writer.heads(of: c) + Writer.mlps(of: c)
    let evaluation = try evaluation(Circuit(nodes), .zero, mlps: true)
    let faithfulness = try evaluation.faithfulness()
    #expect(faithfulness.difference < 1e-5 && abs(faithfulness.ratio - 1) < 1e-5)
    #expect(abs(faithfulness.recovered - 1) < 1e-5)
    for result in try evaluation.incompleteness(ofRandomSubsets: 5, using: RandomStream(seed: 1)) {
      #expect(result.difference < 1e-5 && result.removed.count > 1 && result.removed.count < nodes.count)
    }
  }

  @Test("completeness by class, by random sets and greedily are knock-outs of the same sets")
  func completeness() throws {
    let ablation = Ablation.mean(of: try subject.corruptedCache, over: .positional)
    let evaluation = try evaluation(circuit, ablation, mlps: true)
    let classes = try evaluation.incompletenessByClass()
    #expect(classes.map(\.name) == ["early", "late"])
    for result in try classes + evaluation.incompleteness(ofRandomSubsets: 4, using: RandomStream(seed: 3)) {
      #expect(abs(result.circuit - average(try evaluation.circuit(without: result.removed))) < 1e-5)
      #expect(abs(result.model - average(try evaluation.model(without: result.removed))) < 1e-5)
      #expect(result.difference == abs(result.circuit - result.model))
    }
    let greedy = try evaluation.greedyIncompleteness(steps: 3, using: RandomStream(seed: 4))
    #expect(greedy.map(\.removed.count) == [1, 2, 3])
    let singles = try circuit.nodes.map { try evaluation.incompleteness(removing: [$0]).difference }
    #expect(greedy[0].difference == singles.max())
    #expect(Set(greedy[2].removed).isSuperset(of: greedy[1].removed))
    let sampled = try evaluation.greedyIncompleteness(steps: 9, candidates: 1, using: RandomStream(seed: 5))
    #expect(sampled.count == 4 && Set(sampled[3].removed) == Set(circuit.nodes))
  }

  @Test("minimality knocks a part out of a circuit from which others are missing")
  func minimality() throws {
    let evaluation = try evaluation(circuit, .zero, mlps: true)
    let results = try evaluation.minimality(removing: [.head(0, 1): [.head(0, 2), .head(0, 1)]])
    #expect(results.map(\.node) == circuit.nodes && results[0].removed == [.head(0, 2)] && results[1].removed.isEmpty)
    let (with, without) = (
      average(try evaluation.circuit(without: [.head(0, 2)])),
      average(try evaluation.circuit(without: [.head(0, 2), .head(0, 1)]))
    )
    #expect(abs(results[0].with - with) < 1e-5 && abs(results[0].without - without) < 1e-5)
    #expect(results[0].change == abs(results[0].without - results[0].with))
    #expect(results[0].fraction == results[0].change / abs(average(try evaluation.model())))
  }

  @Test("a part that is not among what can be knocked out is refused")
  func refusals() throws {
    #expect(throws: InterventionError.self) { try evaluation(circuit, .zero, mlps: false) }
  }
}
