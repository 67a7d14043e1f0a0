// Sentences that differ from given ones in what one wants to test: other names, the other position, a longer prefix, a
// distracting remark (Wang et al. 2022: p_ABC in section 2.1, appendix A, appendix L).

import Tensors

/// What a counterfactual sentence says about which name stands twice.
public enum TokenSignal: String, Sendable, CaseIterable {
  /// The subject's, as in the original.
  case original
  /// A name that is not in the original.
  case random
  /// The indirect object's.
  case inverted

  /// 1, 0 and −1.
  public var value: Double {
    switch self {
    case .original: 1
    case .random: 0
    case .inverted: -1
    }
  }
}

/// What a counterfactual sentence says about where the name stands that stands twice.
public enum PositionSignal: String, Sendable, CaseIterable {
  /// At S1, as in the original.
  case original
  /// At IO.
  case inverted

  /// 1 and −1.
  public var value: Double { self == .original ? 1 : -1 }
}

extension IndirectObjectPrompts {
  /// The same sentences with something changed in each.
  public func changing(
    _ change: (_ prompt: inout IndirectObjectPrompt) throws -> Void
  ) throws -> IndirectObjectPrompts {
    try IndirectObjectPrompts(
      prompts.map { prompt in
        var prompt = prompt
        try change(&prompt)
        return prompt
      }, names: names, vocabulary: vocabulary, bos: bos)
  }

  /// The same sentences with three unrelated names, none of which is in the original: p_ABC, aligned row by row.
  public func abc(random: RandomStream) throws -> IndirectObjectPrompts {
    var stream = random
    return try changing { prompt in
      let drawn = try Self.draw(3, from: names, besides: [prompt.io, prompt.s1, prompt.s2], using: &stream)
      (prompt.io, prompt.s1, prompt.s2) = (drawn[0], drawn[1], drawn[2])
    }
  }

  /// The same sentences with other information about which name stands twice, and where (appendix A).
  ///
  /// Inverting both puts the indirect object's name into the second clause; inverting the position alone exchanges the
  /// names of the first clause; inverting the token alone exchanges all names.
  public func counterfactual(
    token: TokenSignal, position: PositionSignal, random: RandomStream
  ) throws -> IndirectObjectPrompts {
    var stream = random
    return try changing { prompt in
      var (twice, once) = (prompt.s1, prompt.io)
      switch token {
      case .original: break
      case .inverted: (twice, once) = (once, twice)
      case .random:
        let drawn = try Self.draw(2, from: names, besides: [prompt.io, prompt.s1, prompt.s2], using: &stream)
        (twice, once) = (drawn[0], drawn[1])
      }
      prompt.s2 = twice
      (prompt.s1, prompt.io) = position == .original ? (twice, once) : (once, twice)
    }
  }

  /// The same sentences behind a prefix, which moves all positions by as much (appendix A).
  public func prefixed(by prefix: String = "Two friends met at a bar.") throws -> IndirectObjectPrompts {
    try changing { $0.prefix = prefix }
  }

  /// The same sentences with a remark that names one of the two people once more (appendix L).
  ///
  /// A remark about IO misleads a model that answers with the name that stands once; one about S does not. It stands
  /// between the clauses; throws for a template that is one sentence.
  public func remarking(
    about role: IndirectObjectRole = .io, predicates: [String] = IndirectObjectPrompt.Remark.predicates,
    random: RandomStream
  ) throws -> IndirectObjectPrompts {
    precondition(role == .io || role == .s1 || role == .s2, "a remark is about a name, not about \(role.rawValue)")
    var stream = random
    return try changing { prompt in
      guard prompt.template.hasTwoSentences else {
        throw IndirectObjectError.notAligned("\"\(prompt.template)\" is one sentence: there is no place for a remark")
      }
      prompt.remark = IndirectObjectPrompt.Remark(
        name: role == .io ? prompt.io : role == .s1 ? prompt.s1 : prompt.s2,
        predicate: predicates[stream.integer(below: predicates.count)])
    }
  }
}
