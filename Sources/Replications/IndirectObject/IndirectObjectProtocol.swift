// The protocols of Wang et al. 2022, for any causal model and any sentences of the task.
//
//     let prompts = try IndirectObjectPrompts(count: 200, vocabulary: tokenizer, random: random.derived("prompts"))
//     let study = try IndirectObjectProtocol(model: model, prompts: prompts, abc: prompts.abc(random: random.derived("abc")))
//     try study.behaviour().logitDifference            // section 2
//     try study.pathEffects(to: [.logits])             // section 3.1
//     try study.knockOuts().selfRepair(removing: …)    // section 3.4
//
// Sentences are run in batches that bound the memory; each number is one of a single sentence, whatever the batch.

import Tensors
import Transformer

/// A model, sentences of the task, and their counterparts with unrelated names.
public struct IndirectObjectProtocol: Sendable {
  /// The model.
  public let model: HookedTransformer
  /// The sentences of the task, p_IOI.
  public let prompts: IndirectObjectPrompts
  /// The same sentences with three unrelated names, p_ABC, row by row.
  public let abc: IndirectObjectPrompts
  /// The number of tokens of one batch.
  public let tokensAtOnce: Int

  /// Prepares the protocols on some sentences.
  ///
  /// Throws `IndirectObjectError.notAligned` when a row of `abc` has not the roles of its counterpart at the same places,
  /// or a name of it.
  public init(
    model: HookedTransformer, prompts: IndirectObjectPrompts, abc: IndirectObjectPrompts, tokensAtOnce: Int = 2048
  ) throws {
    self.model = model
    self.prompts = prompts
    self.abc = abc
    self.tokensAtOnce = tokensAtOnce
    precondition(prompts.count > 0, "the protocols need a sentence")
    try prompts.requireAligned(abc)
    for (own, other) in zip(prompts.prompts, abc.prompts) {
      guard Set([own.io, own.s1, own.s2]).isDisjoint(with: [other.io, other.s1, other.s2]) else {
        throw IndirectObjectError.notAligned("\"\(other.text)\" shares a name with \"\(own.text)\"")
      }
    }
  }

  // MARK: - Behaviour

  /// What the model answers.
  ///
  /// With `variant`, what it answers to other sentences, one for each, judged by the names of the original ones.
  public func behaviour(on variant: IndirectObjectPrompts? = nil) throws -> IndirectObjectBehaviour {
    try behaviour(on: variant) { _ in [] }
  }

  /// The same under hooks that are made for each batch.
  func behaviour(
    on variant: IndirectObjectPrompts? = nil, hooks: (Chunk) throws -> [Hook]
  ) throws -> IndirectObjectBehaviour {
    let variant = variant ?? prompts
    guard variant.count == prompts.count else {
      throw IndirectObjectError.notAligned("\(variant.count) sentences for \(prompts.count) originals")
    }
    return IndirectObjectBehaviour(
      joining: try chunks(of: variant).map { chunk in
        var options = RunOptions(hooks: try hooks(chunk))
        options.logits = .each(chunk.positions(of: .end))
        guard let logits = try model.run(chunk.tokens, options).logits else {
          preconditionFailure("a run to the end has logits")
        }
        return IndirectObjectBehaviour(
          logits: logits.value, io: Array(prompts.ioTokens[chunk.range]), s: Array(prompts.sTokens[chunk.range]))
      })
  }

  // MARK: - Batches

  /// Some rows of a set of sentences, padded as the whole set is.
  struct Chunk {
    let range: Range<Int>
    let tokens: TokenBatch
    let prompts: IndirectObjectPrompts

    func positions(of role: IndirectObjectRole) -> [Int] { prompts.positions(of: role) }

    /// One position of each row.
    func choice(of role: IndirectObjectRole) -> PositionChoice { .one(ofEach: positions(of: role)) }
  }

  /// The sentences in batches; `other` sentences go in as many batches of as many rows.
  func chunks(of other: IndirectObjectPrompts? = nil) -> [Chunk] {
    let chosen = other ?? prompts
    let rows = max(1, tokensAtOnce / max(prompts.width, 1))
    let tokens = chosen.tokens
    return stride(from: 0, to: chosen.count, by: rows).map { start in
      let range = start..<min(start + rows, chosen.count)
      return Chunk(range: range, tokens: tokens.rows(range), prompts: chosen[range])
    }
  }
}

extension IndirectObjectPrompts {
  /// Throws unless other sentences have the same roles at the same positions.
  func requireAligned(_ other: IndirectObjectPrompts) throws(IndirectObjectError) {
    guard count == other.count else { throw .notAligned("\(other.count) sentences for \(count)") }
    let roles = IndirectObjectRole.allCases
    let (own, theirs) = (roles.map { positions(of: $0) }, roles.map { other.positions(of: $0) })
    for row in prompts.indices where !roles.indices.allSatisfy({ own[$0][row] == theirs[$0][row] }) {
      throw .notAligned("\"\(other.prompts[row].text)\" is not aligned with \"\(prompts[row].text)\"")
    }
  }
}
