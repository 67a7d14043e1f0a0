// Every protocol against an independent implementation on TransformerLens that shares nothing between passes: numbers
// within 1e-4, sets and orders exactly.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Indirect object identification as on TransformerLens", .serialized)
struct IndirectObjectParityTests {
  private static let models = ["random", "trained"]
  private let tolerance: Float = 1e-4

  private func isClose(_ value: Double, _ other: Double?) -> Bool { abs(value - (other ?? .nan)) < Double(tolerance) }

  @Test("Tokens and positions", arguments: models)
  func tokens(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let prefix = try #require(reference.text["prefix"]?.string)
    for (key, prompts) in [
      ("tokens", reference.study.prompts), ("prefixed", try reference.study.prompts.prefixed(by: prefix)),
    ] {
      let expected = try #require(reference.text[key])
      #expect(prompts.rows == expected["rows"]?.array?.map { ($0.array ?? []).compactMap(\.integer) })
      for role in IndirectObjectRole.allCases {
        let places = expected["positions"]?[role.rawValue]?.array?.compactMap(\.integer)
        #expect(prompts.positions(of: role) == places)
      }
    }
  }

  @Test("Behaviour, with standard errors", arguments: models)
  func behaviour(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let behaviour = try reference.study.behaviour()
    #expect(try reference.gap(behaviour.logitDifferences, "logit_difference") < tolerance)
    #expect(try reference.gap(behaviour.ioProbabilities, "io_probability") < tolerance)
    for (key, estimate) in [
      ("logit_difference", behaviour.logitDifference), ("io_probability", behaviour.ioProbability),
      ("accuracy", behaviour.accuracy),
    ] {
      let expected = reference.text["behaviour"]?[key]?.array
      #expect(isClose(estimate.mean, expected?[0].double) && isClose(estimate.standardError, expected?[1].double))
    }
    let abc = try reference.study.behaviour(on: reference.study.abc)
    #expect(try reference.gap(abc.logitDifferences, "abc.logit_difference") < tolerance)
  }

  @Test("Paths to the logits, their order, and paths to queries, keys and values", arguments: models)
  func paths(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let late = reference.heads(reference.text["late"])
    let direct = try reference.study.pathEffects(to: [.logits])
    #expect(try reference.gap(direct.result.values, "path.logits") < tolerance)
    #expect(direct.ranked == reference.heads(reference.text["ranked"]))
    #expect(
      try reference.gap(reference.study.pathEffects(to: Reader.queries(of: late)).result.values, "path.q") < tolerance)
    let keys = try reference.study.pathEffects(to: Reader.keys(of: late), at: .s1Next)
    #expect(try reference.gap(keys.result.values, "path.k") < tolerance)
    let values = try reference.study.pathEffects(to: Reader.values(of: late), at: .s2)
    #expect(try reference.gap(values.result.values, "path.v") < tolerance)
  }

  @Test("Knock-outs by the mean of each form, and what repairs itself", arguments: models)
  func knockOuts(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let knockOuts = try reference.study.knockOuts(reference: reference.reference)
    let movers = reference.heads(reference.text["movers"])
    let repair = try knockOuts.selfRepair(removing: movers)
    #expect(try reference.gap(repair.knockedOut.logitDifferences, "knocked_out.end") < tolerance)
    #expect(try reference.gap(repair.effects.result.values, "path.logits") < tolerance)
    #expect(try reference.gap(repair.effectsKnockedOut.result.values, "knocked_out.path.logits") < tolerance)
    let everywhere = try knockOuts.behaviour(without: movers)
    #expect(try reference.gap(everywhere.logitDifferences, "knocked_out.everywhere") < tolerance)
    for layer in 0..<4 {
      let behaviour = try knockOuts.behaviour(without: [.mlp(layer: layer)])
      #expect(try reference.gap(behaviour.logitDifferences, "knocked_out.mlp.\(layer)") < tolerance)
    }
  }

  @Test("Signals of six data sets and of a longer prefix", arguments: models)
  func signals(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let heads = reference.heads(reference.text["inhibitors"])
    var cells: [SignalTable.Cell] = []
    for token in TokenSignal.allCases {
      for position in PositionSignal.allCases {
        let behaviour = try reference.study.behaviour(patching: heads, from: reference.donors(token, position))
        let key = "signal.\(token.rawValue).\(position.rawValue)"
        #expect(try reference.gap(behaviour.logitDifferences, key) < tolerance, "\(key)")
        cells.append(.init(token: token, position: position, logitDifference: behaviour.logitDifference))
      }
    }
    let (table, fit) = (SignalTable(cells: cells), reference.text["signals"])
    #expect(isClose(table.tokenEffect, fit?["token"]?.double))
    #expect(isClose(table.positionEffect, fit?["position"]?.double))
    #expect(isClose(table.fitError, fit?["error"]?.double))
    let prefix = try #require(reference.text["prefix"]?.string)
    let prefixed = try reference.study.behaviour(patching: heads, from: reference.study.prompts.prefixed(by: prefix))
    #expect(try reference.gap(prefixed.logitDifferences, "signal.prefixed") < tolerance)
  }

  @Test("Attention, projections, correlations and copy scores", arguments: models)
  func nameMovers(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let roles: [IndirectObjectRole] = [.io, .s1, .s2]
    let attention = try reference.study.attention(to: roles)
    for (index, role) in roles.enumerated() {
      #expect(try reference.gap(attention.slice(axis: 0, at: index), "attention.\(role.rawValue)") < tolerance)
    }
    let movers = reference.heads(reference.text["movers"])
    let expected = (reference.text["correlations"]?.array ?? []).compactMap(\.double)
    for (projection, correlation) in zip(try reference.study.attentionProjections(of: movers), expected) {
      let points = projection.io + projection.subject
      let place = projection.head.place
      #expect(
        try reference.gap(
          points.map(\.attention) + points.map(\.projection), "projection.\(place.layer).\(place.head)") < tolerance)
      #expect(isClose(projection.correlation, correlation))
    }
    let scores = try reference.study.copyScores()
    #expect(try reference.gap(scores.copying, "copy") < tolerance)
    #expect(try reference.gap(scores.negative, "negative_copy") < tolerance)
    #expect(try reference.gap(reference.study.copyScores(reading: .embedding).copying, "copy.embedding") < tolerance)
  }

  @Test("Faithfulness, completeness and minimality", arguments: models)
  func circuits(_ name: String) throws {
    let reference = try IndirectObjectReference(name)
    let evaluation = try reference.study.knockOuts(reference: reference.reference).evaluation(of: reference.circuit)
    func isClose(_ value: Float, _ other: JSONValue?) -> Bool { self.isClose(Double(value), other?.double) }
    let faithfulness = try evaluation.faithfulness()
    let expected = try #require(reference.text["faithfulness"]?.array)
    #expect(self.isClose(Estimate(faithfulness.model).mean, expected[0].double))
    #expect(self.isClose(Estimate(faithfulness.circuit).mean, expected[1].double))
    #expect(self.isClose(Estimate(faithfulness.nothing).mean, expected[2].double))
    for (found, expected) in zip(try evaluation.incompletenessByClass(), reference.text["by_class"]?.array ?? []) {
      #expect(isClose(found.circuit, expected.array?[0]) && isClose(found.model, expected.array?[1]))
    }
    for expected in try #require(reference.text["subsets"]?.array) {
      let found = try evaluation.incompleteness(removing: reference.heads(expected.array?[0]))
      #expect(isClose(found.circuit, expected.array?[1]) && isClose(found.model, expected.array?[2]))
    }
    let greedy = try evaluation.greedyIncompleteness(steps: 4, using: RandomStream(seed: 0))
    for (found, expected) in zip(greedy, reference.text["greedy"]?.array ?? []) {
      #expect(found.removed == reference.heads(expected.array?[0]))
      #expect(isClose(found.circuit, expected.array?[1]) && isClose(found.model, expected.array?[2]))
    }
    let minimality = try evaluation.minimality(removing: reference.circuit.minimalitySets)
    for (found, expected) in zip(minimality, reference.text["minimality"]?.array ?? []) {
      #expect(found.node == expected.array.flatMap { reference.head($0[0]) })
      #expect(isClose(found.with, expected.array?[1]) && isClose(found.without, expected.array?[2]))
    }
    #expect(greedy.count == 4 && minimality.count == reference.circuit.heads.count)
  }

  @Test("Sentences have GPT-2's tokens, and its names are single ones")
  func gpt2Tokens() throws {
    let folder = IndirectObjectReference.folder.appending(path: "gpt2-words")
    let tokenizer = try Tokenizer(contentsOf: folder.appending(path: "tokenizer.json"))
    let expected = try JSONValue(contentsOf: folder.appending(path: "cases.json").path)
    var prompts: [IndirectObjectPrompt] = []
    for template in IndirectObjectTemplate.all {
      for order in IndirectObjectPrompt.Order.allCases {
        prompts.append(
          IndirectObjectPrompt(template, order, io: "Mary", s: "John", place: "store", object: "ring"))
      }
    }
    var last = prompts[0]
    last.prefix = "Two friends met at a bar."
    let found = try IndirectObjectPrompts(prompts + [last], vocabulary: tokenizer)
    let cases = try #require(expected["cases"]?.array)
    #expect(found.texts == cases.compactMap { $0["text"]?.string })
    #expect(found.rows == cases.map { ($0["tokens"]?.array ?? []).compactMap(\.integer) })
    for word in IndirectObjectWords.names + IndirectObjectWords.places + IndirectObjectWords.objects {
      #expect(try tokenizer.tokens(of: " " + word) == [try #require(expected["words"]?[word]?.integer)])
    }
    #expect(Set(found.ioTokens) == [5335] && Set(found.sTokens) == [1757])
    #expect(throws: IndirectObjectError.self) {
      try IndirectObjectPrompts(
        [
          IndirectObjectPrompt(
            IndirectObjectTemplate.all[0], .baba, io: "Mary", s: "Store", place: "store", object: "ring")
        ],
        vocabulary: tokenizer)
    }
  }
}
