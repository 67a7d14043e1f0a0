// The circuit as a value: classes of heads, each with the position at which it acts (Wang et al. 2022, figure 2 and table
// of the released code), and which others are missing when a head is tested for being needed (figure 20).

import Transformer

/// Classes of heads, each acting at the position of a role.
public struct IndirectObjectCircuit: Sendable, Equatable {
  /// Some heads that do the same.
  public struct HeadClass: Sendable, Equatable {
    /// What they do.
    public let name: String
    /// The heads.
    public let heads: [Writer]
    /// The position at which they act.
    public let role: IndirectObjectRole

    /// Creates a class of heads.
    public init(_ name: String, _ heads: [Writer], at role: IndirectObjectRole) {
      self.name = name
      self.heads = heads
      self.role = role
    }
  }

  /// The classes.
  public let classes: [HeadClass]

  /// What is missing already when a head is tested for minimality, where that is not the rest of its class.
  public let chosenSets: [Writer: [Writer]]

  /// Creates a circuit; a head may be in one class only.
  public init(_ classes: [HeadClass], minimalitySets: [Writer: [Writer]] = [:]) {
    self.classes = classes
    chosenSets = minimalitySets
  }

  /// The heads, class by class.
  public var heads: [Writer] { classes.flatMap(\.heads) }

  /// The class of a name.
  public subscript(_ name: String) -> HeadClass? { classes.first { $0.name == name } }

  /// What is missing already when each head is tested for minimality.
  public var minimalitySets: [Writer: [Writer]] {
    var sets: [Writer: [Writer]] = [:]
    for group in classes {
      for head in group.heads { sets[head] = chosenSets[head] ?? group.heads.filter { $0 != head } }
    }
    return sets
  }

  /// The circuit on some sentences: each head acts only at its role's position.
  public func circuit(on prompts: IndirectObjectPrompts) -> Circuit {
    var positions: [Writer: PositionChoice] = [:]
    for group in classes {
      let choice = PositionChoice.one(ofEach: prompts.positions(of: group.role))
      for head in group.heads { positions[head] = choice }
    }
    return Circuit(classes: classes.map { Circuit.Class($0.name, $0.heads) }, positions: positions)
  }
}

// MARK: - GPT-2 small

extension IndirectObjectCircuit {
  /// The 26 heads of GPT-2 small.
  public static let gpt2Small: IndirectObjectCircuit = {
    let movers: [Writer] = [.head(9, 9), .head(10, 0), .head(9, 6)]
    let negatives: [Writer] = [.head(10, 7), .head(11, 10)]
    // The first six in the order in which figure 20 knocks them out one after another.
    let backups: [Writer] = [
      .head(10, 10), .head(10, 6), .head(10, 2), .head(10, 1), .head(11, 2), .head(9, 7), .head(9, 0), .head(11, 9),
    ]
    var sets: [Writer: [Writer]] = [.head(5, 8): negatives, .head(5, 9): negatives]
    let sequence = movers + backups.prefix(6)
    for (place, head) in sequence.enumerated() { sets[head] = Array(sequence.prefix(place)) }
    for head in backups.suffix(2) { sets[head] = (movers + backups + negatives).filter { $0 != head } }
    return IndirectObjectCircuit(
      [
        HeadClass("name mover", movers, at: .end),
        HeadClass("backup name mover", backups, at: .end),
        HeadClass("negative name mover", negatives, at: .end),
        HeadClass("S-inhibition", [.head(7, 3), .head(7, 9), .head(8, 6), .head(8, 10)], at: .end),
        HeadClass("induction", [.head(5, 5), .head(5, 8), .head(5, 9), .head(6, 9)], at: .s2),
        HeadClass("duplicate token", [.head(0, 1), .head(0, 10), .head(3, 0)], at: .s2),
        HeadClass("previous token", [.head(2, 2), .head(4, 11)], at: .s1Next),
      ], minimalitySets: sets)
  }()

  /// The circuit without backup and negative name movers that the paper contrasts with the full one.
  public static let gpt2SmallNaive = IndirectObjectCircuit([
    HeadClass("name mover", [.head(9, 6), .head(9, 9), .head(10, 0)], at: .end),
    HeadClass("S-inhibition", [.head(7, 3), .head(7, 9), .head(8, 6), .head(8, 10)], at: .end),
    HeadClass("induction", [.head(5, 5), .head(5, 9)], at: .s2),
    HeadClass("duplicate token", [.head(3, 0), .head(0, 10)], at: .s2),
    HeadClass("previous token", [.head(2, 2), .head(4, 11)], at: .s1Next),
  ])
}
