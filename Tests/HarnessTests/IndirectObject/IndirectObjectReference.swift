// The two small GPT-2s of fixtures/indirect-object, with what TransformerLens measured on them.

import Foundation
import Tensors
import Transformer

@testable import Replications

/// One of the two models, the sentences, and what the protocols give on them.
struct IndirectObjectReference: Sendable, CustomStringConvertible {
  let description: String
  let model: HookedTransformer
  let study: IndirectObjectProtocol
  let reference: IndirectObjectPrompts
  let text: JSONValue
  let numbers: Checkpoint

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../fixtures/indirect-object").standardized

  init(_ name: String) throws {
    description = name
    let folder = Self.folder.appending(path: name)
    model = try HookedTransformer(contentsOf: folder.path)
    numbers = try Checkpoint(at: folder.appending(path: "expected.safetensors").path)
    let text = try JSONValue(contentsOf: folder.appending(path: "prompts.json").path)
    self.text = text
    let vocabulary = WordVocabulary((text["words"]?.array ?? []).compactMap(\.string))
    let names = (text["names"]?.array ?? []).compactMap(\.string)
    func prompts(_ key: String) throws -> IndirectObjectPrompts {
      try IndirectObjectPrompts(
        (text[key]?.array ?? []).compactMap(Self.prompt), names: names, vocabulary: vocabulary)
    }
    study = try IndirectObjectProtocol(
      model: model, prompts: prompts("prompts"), abc: prompts("abc"), tokensAtOnce: 160)
    reference = try prompts("reference")
  }

  private static func prompt(_ value: JSONValue) -> IndirectObjectPrompt? {
    guard
      let template = value["template"]?.integer, let io = value["io"]?.string, let s1 = value["s1"]?.string,
      let order = value["order"]?.string.flatMap(IndirectObjectPrompt.Order.init(rawValue:)),
      let s2 = value["s2"]?.string, let place = value["place"]?.string, let object = value["object"]?.string
    else { return nil }
    var prompt = IndirectObjectPrompt(
      IndirectObjectTemplate.all[template], order, io: io, s: s1, place: place, object: object)
    prompt.s2 = s2
    return prompt
  }

  /// The sentences that carry some signals.
  func donors(_ token: TokenSignal, _ position: PositionSignal) throws -> IndirectObjectPrompts {
    let prompts = text["donors"]?["\(token.rawValue) \(position.rawValue)"]?.array ?? []
    return try IndirectObjectPrompts(
      prompts.compactMap(Self.prompt), names: study.prompts.names, vocabulary: study.prompts.vocabulary)
  }

  /// The circuit that was evaluated.
  var circuit: IndirectObjectCircuit {
    IndirectObjectCircuit(
      (text["circuit"]?.array ?? []).map { entry in
        IndirectObjectCircuit.HeadClass(
          entry.array?[0].string ?? "", heads(entry.array?[1]),
          at: IndirectObjectRole(rawValue: entry.array?[2].string ?? "") ?? .end)
      })
  }

  /// Heads from a list of pairs.
  func heads(_ value: JSONValue?) -> [Writer] { (value?.array ?? []).compactMap(head) }

  /// A head from a pair.
  func head(_ value: JSONValue) -> Writer? {
    guard let pair = value.array, let layer = pair[0].integer, let head = pair[1].integer else { return nil }
    return .head(layer, head)
  }

  /// The largest distance of numbers from those that were measured.
  func gap(_ values: [Float], _ name: String) throws -> Float {
    let expected = try numbers.tensor(name).elements
    guard values.count == expected.count else { return .infinity }
    return zip(values, expected).map { ($0 - $1).magnitude }.max() ?? .nan
  }

  /// The same for a tensor, whose shape must agree.
  func gap(_ values: Tensor, _ name: String) throws -> Float {
    let expected = try numbers.tensor(name)
    return values.shape == expected.shape ? values.maximumDifference(from: expected) : .infinity
  }
}
