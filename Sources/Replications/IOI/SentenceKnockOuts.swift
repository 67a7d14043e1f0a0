// Whether the circuit of a model is faithful, complete and minimal (Wang et al. 2022, section 4), beside random
// circuits and the heads that were left out.

import Tensors
import Transformer

/// What is left of circuit and model under knock-outs.
struct SentenceKnockOuts: Sendable {
  /// F(C)/F(M).
  let faithfulness: Double
  /// F(∅)/F(M): all heads knocked out.
  let nothing: Double
  /// F(C)/F(M) of random heads at the same positions.
  let randomFaithfulness: [Double]
  /// F(M).
  let modelDifference: Double
  /// |F(C∖K) − F(M∖K)| with each class for K.
  let classes: [Incompleteness]
  /// The same with random subsets of the circuit.
  let subsets: [Incompleteness]
  /// The same with sets that grow by the head that makes the difference largest, up to the whole circuit.
  let greedy: [Incompleteness]
  /// The same heads removed from random circuits.
  let ofRandomCircuits: [Incompleteness]
  /// What each head of the circuit matters, with the set of others that shows it best.
  let heads: [Minimality]
  /// The change of F, as a part of F(M), when a head from outside joins the circuit.
  let additions: [Double]

  /// Runs the knock-outs.
  init(
    _ knockOuts: IndirectObjectKnockOuts, _ found: SentenceCircuit, randomCircuits: Int, randomSubsets: Int,
    _ random: RandomStream
  ) throws {
    let configuration = knockOuts.study.model.configuration
    let circuit = found.circuit
    let evaluation = try knockOuts.evaluation(of: circuit)
    let own = try evaluation.faithfulness()
    let model = Estimate(own.model).mean
    let alone = Estimate(own.circuit).mean
    modelDifference = model
    faithfulness = alone / model
    nothing = Estimate(own.nothing).mean / model
    classes = try evaluation.incompletenessByClass()
    subsets = try evaluation.incompleteness(ofRandomSubsets: randomSubsets, using: random.derived("subsets"))
    greedy = try evaluation.greedyIncompleteness(steps: circuit.heads.count, using: random.derived("greedy"))
    let others = try (0..<randomCircuits).map { index in
      try knockOuts.evaluation(of: found.random(from: configuration, random.derived("circuit", index)))
    }
    randomFaithfulness = try others.map { try Estimate($0.circuit()).mean / model }
    // One random circuit for each set that was removed, in turn.
    ofRandomCircuits = try (classes + subsets).enumerated().map { index, removed in
      try others[index % others.count].incompleteness(removing: removed.removed, name: removed.name)
    }
    heads = zip(try evaluation.minimality(), try evaluation.minimality(removing: circuit.minimalitySets))
      .map { $0.change >= $1.change ? $0 : $1 }
    additions = try Writer.heads(of: configuration).filter { !circuit.heads.contains($0) }.map { head in
      let larger = IndirectObjectCircuit(circuit.classes + [.init("added", [head], at: .end)])
      return (try Estimate(knockOuts.evaluation(of: larger).circuit()).mean - alone).magnitude / model
    }
  }

  /// The mean over classes and random subsets of what the circuit lacks, as a part of F(M).
  var meanIncompleteness: Double { mean((classes + subsets).map { Double($0.difference) }) / modelDifference }

  /// The same of random circuits.
  var meanIncompletenessOfRandom: Double { mean(ofRandomCircuits.map { Double($0.difference) }) / modelDifference }

  /// The largest of what the circuit lacks under sets that grow greedily, as a part of F(M).
  var greedyIncompleteness: Double { (greedy.map { Double($0.difference) }.max() ?? .nan) / modelDifference }

  /// A head is needed when it changes F by this part of F(M).
  static let needed = 0.05

  /// The share of the circuit's heads that are needed.
  var neededShare: Double { Double(heads.count { Double($0.fraction) >= Self.needed }) / Double(heads.count) }

  /// The share of the other heads that change F by as much when they are added at END.
  var neededShareOfOthers: Double {
    additions.isEmpty ? 0 : Double(additions.count { $0 >= Self.needed }) / Double(additions.count)
  }
}
