// Where the heads attend that path patching finds before those that answer: S-inhibition heads from END to S2, duplicate
// token and induction heads from S2 to S1 and what follows it, previous token heads from there to S1 (Wang et al. 2022,
// sections 3.2 and 3.3). Beside them all heads that were not found, which are there in every model.

import Tensors
import Transformer

/// The attention of the heads of each step of a circuit.
struct SentenceUpstream: Sendable {
  /// The attention of some heads to some roles.
  struct Step: Sendable {
    /// The number of heads that were found.
    let count: Int
    /// Their mean attention; 0 where there are none.
    let attention: Double
    /// The mean attention of all other heads.
    let ofOthers: Double
    /// The largest attention of any head.
    let strongest: Double
    /// The mean attention of those that were found, in p_ABC; 0 where there are none.
    let onABC: Double

    fileprivate init(
      _ study: IndirectObjectProtocol, _ found: [Writer], from query: IndirectObjectRole, to keys: [IndirectObjectRole]
    ) throws {
      let heads = Writer.heads(of: study.model.configuration)
      func sums(on variant: IndirectObjectPrompts? = nil) throws -> [Writer: Double] {
        let means = try study.attention(from: query, to: keys, on: variant).mean(axis: 3).sum(axis: 0).elements
        return Dictionary(uniqueKeysWithValues: zip(heads, means.map(Double.init)))
      }
      func average(_ sums: [Writer: Double], _ chosen: [Writer]) -> Double {
        chosen.isEmpty ? 0 : mean(chosen.map { sums[$0] ?? .nan })
      }
      let own = try sums()
      count = found.count
      attention = average(own, found)
      ofOthers = average(own, heads.filter { !found.contains($0) })
      strongest = own.values.max() ?? .nan
      onABC = average(try sums(on: study.abc), found)
    }
  }

  /// Heads that act at END through the queries of those that answer: attention to S2.
  let inhibition: Step
  /// The head that does most at S2: attention to S1 and what follows it together.
  let repetition: Step
  /// Heads that act at S1 + 1: attention to S1.
  let previous: Step
  /// The mean attention of the heads that act at END through queries to IO; 0 where there are none.
  let inhibitorsToIO: Double
  /// The largest score of any head by the detector of previous-token heads, on sentences of one form.
  let previousTokenScore: Double

  /// Looks where the heads of a circuit attend.
  init(_ study: IndirectObjectProtocol, _ circuit: SentenceCircuit) throws {
    inhibition = try Step(study, circuit.inhibitors, from: .end, to: [.s2])
    repetition = try Step(study, Array(circuit.repetition.prefix(1)), from: .s2, to: [.s1, .s1Next])
    previous = try Step(study, circuit.previous, from: .s1Next, to: [.s1])
    inhibitorsToIO = try Step(study, circuit.inhibitors, from: .end, to: [.io]).attention
    // Rows of one form are of one length: the detector knows no padding.
    let form = study.prompts.forms[0]
    let rows = study.prompts.forms.indices.filter { study.prompts.forms[$0] == form }.map { study.prompts.rows[$0] }
    previousTokenScore = Double(
      try study.model.detectHead(TokenBatch(rows), .previousToken, excludingBOS: true).maximum())
  }
}
