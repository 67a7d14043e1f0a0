// The circuit of a small model, found as Wang et al. 2022 found that of GPT-2 small: from the logits backwards, by path
// patching, each step to what the heads of the step before read. A head counts when patching it lowers the logit
// difference by a tenth at least.

import Tensors
import Transformer

/// The heads that path patching finds, step by step.
struct SentenceCircuit: Sendable {
  /// A head counts when patching its paths lowers the logit difference by this part of it.
  static let threshold = 0.1

  /// Direct effects on the logits, from END.
  let onLogits: HeadEffects
  /// Effects through the queries of the name movers, from END.
  let onQueries: HeadEffects
  /// Effects through the values of the S-inhibition heads, from S2.
  let onValues: HeadEffects
  /// Effects through the keys of the heads that act at S2, from S1 + 1.
  let onKeys: HeadEffects

  /// The heads that answer, those that matter most first.
  let nameMovers: [Writer]
  /// The heads that tell the name movers where not to look.
  let inhibitors: [Writer]
  /// The heads that write at S2 that the name has occurred.
  let repetition: [Writer]
  /// The heads that write at S1 + 1 who stood before.
  let previous: [Writer]

  /// The heads whose values the repetition heads feed: those of S-inhibition, or the name movers where there are none.
  var readersAtS2: [Writer] { inhibitors.isEmpty ? nameMovers : inhibitors }

  /// Follows the paths back from the logits.
  init(_ study: IndirectObjectProtocol) throws {
    onLogits = try study.pathEffects(to: [.logits])
    nameMovers = onLogits.strongest(3)
    onQueries = try study.pathEffects(to: Reader.queries(of: nameMovers))
    inhibitors = onQueries.strongest(4, besides: nameMovers)
    let readers = inhibitors.isEmpty ? nameMovers : inhibitors
    onValues = try study.pathEffects(to: Reader.values(of: readers), at: .s2)
    repetition = onValues.strongest(4, besides: nameMovers + inhibitors)
    onKeys =
      repetition.isEmpty
      ? onValues : try study.pathEffects(to: Reader.keys(of: repetition), at: .s1Next)
    previous = repetition.isEmpty ? [] : onKeys.strongest(4, besides: nameMovers + inhibitors + repetition)
  }

  /// The classes with the positions at which they act; those without heads are left out.
  ///
  /// They are named by how they were found: whether the heads do what those of GPT-2 do is for the claims to say.
  var circuit: IndirectObjectCircuit {
    let classes: [IndirectObjectCircuit.HeadClass] = [
      .init("answering at END", nameMovers, at: .end), .init("acting on their queries", inhibitors, at: .end),
      .init("acting at S2", repetition, at: .s2), .init("acting at S1+1", previous, at: .s1Next),
    ]
    return IndirectObjectCircuit(classes.filter { !$0.heads.isEmpty })
  }

  /// The circuit with the effect of each path between its heads, patched alone.
  func diagram(_ study: IndirectObjectProtocol) throws -> CircuitDiagram {
    let intact = Estimate(onLogits.result.baseline).mean
    func effect(_ from: Writer, _ to: Reader, _ role: IndirectObjectRole) throws -> Double {
      try Estimate(study.pathPatched(from: [from], to: [to], at: role)).mean / intact - 1
    }
    func edges(
      _ senders: [Writer], _ receivers: [Writer], _ reader: (Writer) -> Reader, _ role: IndirectObjectRole
    ) throws -> [CircuitDiagram.Edge] {
      try receivers.flatMap { receiver in
        try senders.filter { $0.place.layer < receiver.place.layer }.map {
          CircuitDiagram.Edge(from: $0, to: receiver, effect: try effect($0, reader(receiver), role))
        }
      }
    }
    return CircuitDiagram(
      circuit: circuit,
      edges: nameMovers.map { CircuitDiagram.Edge(from: $0, to: nil, effect: onLogits[$0]) }
        + (try edges(inhibitors, nameMovers, { .q(layer: $0.place.layer, head: $0.place.head) }, .end))
        + (try edges(repetition, readersAtS2, { .v(layer: $0.place.layer, head: $0.place.head) }, .s2))
        + (try edges(previous, repetition, { .k(layer: $0.place.layer, head: $0.place.head) }, .s1Next)),
      layers: study.model.configuration.nLayers)
  }

  /// A circuit of the same classes with random heads.
  func random(from configuration: TransformerConfiguration, _ stream: RandomStream) -> IndirectObjectCircuit {
    var stream = stream
    let heads = Writer.heads(of: configuration)
    var order = stream.permutation(heads.count).map { heads[$0] }[...]
    return IndirectObjectCircuit(
      circuit.classes.map { group in
        defer { order = order.dropFirst(group.heads.count) }
        return .init(group.name, Array(order.prefix(group.heads.count)), at: group.role)
      })
  }
}

extension HeadEffects {
  /// The heads that lower the logit difference most when patched, down to the circuit's threshold.
  ///
  /// Where nothing is taken yet the strongest head is taken in any case: some head answers.
  fileprivate func strongest(_ count: Int, besides taken: [Writer] = []) -> [Writer] {
    let found = ranked.filter { !taken.contains($0) && self[$0] <= -SentenceCircuit.threshold }
    return Array((found.isEmpty && taken.isEmpty ? Array(ranked.prefix(1)) : found).prefix(count))
  }
}
