// Whether a circuit is faithful, complete and minimal: Wang et al. 2022, sections 4 and 4.1, for any metric and ablation.
//
// F(C) is the mean metric when everything but the circuit C is knocked out. The whole M is what is there to be knocked
// out: all heads in the paper, heads and MLPs if one wishes; the rest of the model is never touched.

import Tensors

/// The knock-outs of one circuit on one batch.
public struct CircuitEvaluation {
  /// The circuit.
  public let circuit: Circuit
  /// What can be knocked out, M.
  public let whole: [Writer]

  private let configuration: TransformerConfiguration
  private let tokens: TokenBatch
  private let runs: PatchedRuns
  private let replacements: [HookPoint: Tensor]

  /// Prepares the knock-outs of a circuit.
  ///
  /// `whole` is all heads unless given. `ablation` says what knocked-out activations become: `z` of heads, the output of
  /// MLPs; Wang et al. take the mean of a reference distribution within templates. `tokensAtOnce` bounds the memory.
  public init(
    _ model: HookedTransformer, _ circuit: Circuit, on tokens: TokenBatch, metric: Metric, ablation: Ablation,
    whole: [Writer]? = nil, tokensAtOnce: Int? = nil
  ) throws {
    let c = model.configuration
    let whole = whole ?? Writer.heads(of: c)
    for node in circuit.nodes where !whole.contains(node) {
      throw InterventionError.unsupported("\(node) is in the circuit but not among what is knocked out without it")
    }
    self.circuit = circuit
    self.whole = whole
    self.tokens = tokens
    configuration = c
    runs = try PatchedRuns(
      model, tokens, metric: metric, patching: whole.contains(where: \.isMLP) ? [.z, .mlpOut] : [.z],
      layers: Set(0..<c.nLayers), tokensAtOnce: tokensAtOnce)
    var replacements: [HookPoint: Tensor] = [:]
    for node in whole {
      guard let point = node.knockOutPoint, replacements[point] == nil else { continue }
      let shape = c.shape(of: point, batch: tokens.batch, positions: tokens.positions)
      replacements[point] = try ablation.replacement(at: point, shape: shape)
    }
    self.replacements = replacements
  }

  // MARK: - Knock-outs

  /// The metric of each example in the model without some parts, F(M∖K).
  ///
  /// A part of the circuit is knocked out at the positions at which it acts, any other everywhere.
  public func model(without removed: [Writer] = []) throws -> [Float] {
    try values([removed.map(placed)])[0]
  }

  /// The metric of each example in the circuit without some of its parts, F(C∖K).
  public func circuit(without removed: [Writer] = []) throws -> [Float] {
    try values([knockedOut(of: removed)])[0]
  }

  /// A part with the positions at which the circuit has it; all where it says nothing of them.
  private func placed(_ node: Writer) -> (Writer, PositionChoice) { (node, circuit.positions[node] ?? .all) }

  /// What is knocked out, and where, when only the circuit less some parts is left.
  private func knockedOut(of removed: [Writer]) -> [(Writer, PositionChoice)] {
    let kept = Set(circuit.nodes).subtracting(removed)
    return whole.compactMap { node in
      guard kept.contains(node) else { return (node, .all) }
      return circuit.positions[node].map {
        (node, $0.complement(examples: tokens.batch, count: tokens.positions))
      }
    }
  }

  /// The metric of each example under each set of knock-outs.
  private func values(_ sets: [[(Writer, PositionChoice)]]) throws -> [[Float]] {
    let patches = sets.map { set in
      Patch(configuration.hookPoints.filter { replacements[$0] != nil }.flatMap { point in changes(set, at: point) })
    }
    let values = try runs.values(patches)
    return sets.indices.map { values.slice(axis: 0, at: $0).elements }
  }

  /// The changes of one activation, one for each choice of positions.
  private func changes(_ set: [(Writer, PositionChoice)], at point: HookPoint) -> [Change] {
    guard let donor = replacements[point] else { return [] }
    var choices: [(positions: PositionChoice, heads: [Int])] = []
    for (node, positions) in set where node.knockOutPoint == point && positions != .only([]) {
      var heads: [Int] = []
      if case .head(_, let head) = node { heads = [head] }
      if let place = choices.firstIndex(where: { $0.positions == positions }) {
        choices[place].heads += heads
      } else {
        choices.append((positions, heads))
      }
    }
    return choices.map { choice in
      Change(
        point: point,
        region: ActivationRegion(heads: choice.heads.isEmpty ? nil : choice.heads, positions: choice.positions),
        donor: donor)
    }
  }

  // MARK: - Criteria

  /// How much of the model's behaviour the circuit has.
  public func faithfulness() throws -> Faithfulness {
    let values = try values([[], knockedOut(of: []), whole.map { ($0, PositionChoice.all) }])
    return Faithfulness(model: values[0], circuit: values[1], nothing: values[2])
  }

  /// What is left of circuit and model without some parts of the circuit.
  public func incompleteness(removing removed: [Writer], name: String = "chosen") throws -> Incompleteness {
    try incompleteness([removed], names: [name])[0]
  }

  /// The same for each class of the circuit.
  public func incompletenessByClass() throws -> [Incompleteness] {
    try incompleteness(circuit.classes.map(\.nodes), names: circuit.classes.map(\.name))
  }

  /// The same for random subsets of the circuit, each part in or out with equal chance.
  public func incompleteness(ofRandomSubsets count: Int, using stream: RandomStream) throws -> [Incompleteness] {
    var stream = stream
    let nodes = circuit.nodes
    let sets = (0..<count).map { _ in nodes.filter { _ in stream.next() >> 63 == 1 } }
    return try incompleteness(sets, names: sets.map { _ in "random" })
  }

  /// Subsets that grow greedily by the part that makes the incompleteness largest, one for each step.
  ///
  /// Each step tries `candidates` random parts of what is left, or all. The last step need not be the worst.
  public func greedyIncompleteness(
    steps: Int, candidates: Int? = nil, using stream: RandomStream
  ) throws -> [Incompleteness] {
    var stream = stream
    var (removed, trace): ([Writer], [Incompleteness]) = ([], [])
    for _ in 0..<min(steps, circuit.nodes.count) {
      let left = circuit.nodes.filter { !removed.contains($0) }
      let order = candidates == nil ? Array(left.indices) : stream.permutation(left.count)
      let sets = order.prefix(candidates ?? left.count).map { removed + [left[$0]] }
      let tried = try incompleteness(sets, names: sets.map { _ in "greedy" })
      guard var worst = tried.first else { break }
      for next in tried where next.difference > worst.difference { worst = next }
      trace.append(worst)
      removed = worst.removed
    }
    return trace
  }

  private func incompleteness(_ sets: [[Writer]], names: [String]) throws -> [Incompleteness] {
    let circuits = try values(sets.map { knockedOut(of: $0) })
    let models = try values(sets.map { $0.map(placed) })
    return sets.indices.map {
      Incompleteness(name: names[$0], removed: sets[$0], circuit: average(circuits[$0]), model: average(models[$0]))
    }
  }

  /// What each part matters, given what is to be missing already when it is knocked out; nothing unless given.
  public func minimality(removing sets: [Writer: [Writer]] = [:]) throws -> [Minimality] {
    let nodes = circuit.nodes
    let removed = nodes.map { node in (sets[node] ?? []).filter { $0 != node } }
    let with = try values(removed.map { knockedOut(of: $0) })
    let without = try values(zip(nodes, removed).map { knockedOut(of: $1 + [$0]) })
    let whole = average(runs.baseline)
    return nodes.indices.map {
      Minimality(
        node: nodes[$0], removed: removed[$0], with: average(with[$0]), without: average(without[$0]), model: whole)
    }
  }
}

extension Writer {
  /// Whether it is an MLP.
  fileprivate var isMLP: Bool { if case .mlp = self { true } else { false } }

  /// The activation that is replaced when it is knocked out; nil for the embedding.
  var knockOutPoint: HookPoint? {
    switch self {
    case .embed: nil
    case .head(let layer, _): HookPoint(.z, layer: layer)
    case .mlp(let layer): HookPoint(.mlpOut, layer: layer)
    }
  }
}
