// Smeared keys (Olsson et al. 2022, Argument 2) against the formulas written out in double precision.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Smeared keys") struct SmearedKeysTests {
  private static let tokens = [3, 0, 2, 2, 4, 1]

  private static func model(smears: Bool = true) -> HookedTransformer {
    var c = TransformerConfiguration(nLayers: 1, dModel: 4, nHeads: 2, dMLP: 0, dVocab: 5, nContext: 6)
    c.normalization = .none
    c.positions = .shortformer
    c.smearsKeys = smears
    var model = HookedTransformer(c, initializedFrom: RandomStream(seed: 3), biases: false)
    if smears { model.blocks[0].attn.smear = Tensor([0.7, -1.2], [2]) }
    return model
  }

  /// The mean cross-entropy of a model of one layer, two heads of width 2 and four dimensions, in double precision.
  private static func loss(_ parameters: [String: [Double]]) -> Double {
    func matrix(_ name: String, _ columns: Int) -> [[Double]] {
      let flat = parameters[name] ?? []
      return stride(from: 0, to: flat.count, by: columns).map { Array(flat[$0..<$0 + columns]) }
    }
    func product(_ x: [Double], _ W: [[Double]]) -> [Double] {
      W[0].indices.map { column in x.indices.reduce(0) { $0 + x[$1] * W[$1][column] } }
    }
    let (embed, places) = (matrix("embed.W_E", 4), matrix("pos_embed.W_pos", 4))
    let stream = tokens.map { embed[$0] }
    let reading = stream.indices.map { zip(stream[$0], places[$0]).map(+) }
    let q = reading.map { product($0, matrix("blocks.0.attn.W_Q", 4)) }
    let k = reading.map { product($0, matrix("blocks.0.attn.W_K", 4)) }
    let v = stream.map { product($0, matrix("blocks.0.attn.W_V", 4)) }
    let shares = (parameters["blocks.0.attn.smear"] ?? []).map { 1 / (1 + exp(-$0)) }
    var total = 0.0
    for query in 0..<tokens.count - 1 {
      var z = [Double](repeating: 0, count: 4)
      for head in 0..<2 {
        let columns = 2 * head..<2 * head + 2
        let scores = (0...query).map { key in
          columns.reduce(0.0) { sum, column in
            let before = k[max(key - 1, 0)][column]
            return sum + q[query][column] * (shares[head] * k[key][column] + (1 - shares[head]) * before)
          } / 2.0.squareRoot()
        }
        let weights = scores.map { exp($0) }
        let sum = weights.reduce(0, +)
        for column in columns { z[column] = (0...query).reduce(0) { $0 + weights[$1] / sum * v[$1][column] } }
      }
      let written = product(z, matrix("blocks.0.attn.W_O", 4))
      let logits = product(zip(stream[query], written).map(+), matrix("unembed.W_U", 5))
      total += log(logits.reduce(0) { $0 + exp($1) }) - logits[tokens[query + 1]]
    }
    return total / Double(tokens.count - 1)
  }

  private static func parameters(of model: HookedTransformer) -> [String: [Double]] {
    Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.value.elements.map(Double.init)) })
  }

  @Test("The loss is that of the formulas")
  func forward() {
    let model = Self.model()
    #expect(abs(Double(model.loss(TokenBatch(Self.tokens))) - Self.loss(Self.parameters(of: model))) < 1e-6)
  }

  @Test("So is every gradient, by finite differences in double precision")
  func gradients() {
    let model = Self.model()
    let gradients = model.valueAndGradients { model.loss(TokenBatch(Self.tokens), parameters: $0) }.gradients
    let parameters = Self.parameters(of: model)
    for (name, values) in parameters {
      for index in values.indices {
        func shifted(_ step: Double) -> Double {
          var parameters = parameters
          parameters[name]?[index] += step
          return Self.loss(parameters)
        }
        let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5
        #expect(abs(Double(gradients[name].elements[index]) - expected) < 1e-6, "\(name)[\(index)]")
      }
    }
  }

  @Test("Initially each key is half its predecessor's, and a large α gives the keys back")
  func shares() throws {
    var model = Self.model()
    let plain = Self.model(smears: false)
    let tokens = TokenBatch(Self.tokens)
    model.blocks[0].attn.smear = Tensor([40, 40], [2])
    #expect(model(tokens).difference(from: plain(tokens)) < 1e-6)
    let keys = try plain.runWithCache(tokens, names: "blocks.0.attn.hook_k").cache["blocks.0.attn.hook_k"]
    model.blocks[0].attn.smear = Tensor(zeros: [2])
    let smeared = try model.runWithCache(tokens, names: "blocks.0.attn.hook_k").cache["blocks.0.attn.hook_k"]
    #expect(smeared.slice(axis: 1, at: 0).difference(from: keys.slice(axis: 1, at: 0)) < 1e-6)
    let halves = (keys.slice(axis: 1, at: 2) + keys.slice(axis: 1, at: 3)) * 0.5
    #expect(smeared.slice(axis: 1, at: 3).difference(from: halves) < 1e-6)
    #expect(
      HookedTransformer(model.configuration, initializedFrom: RandomStream(seed: 1)).blocks[0].attn.smear?.sum() == 0)
  }

  @Test("Heads with inputs of their own smear their keys too")
  func ownInputs() throws {
    let model = Self.model()
    let tokens = TokenBatch(Self.tokens)
    let hooked = try model.runWithHooks(
      tokens, hooks: [Hook("blocks.0.hook_k_input") { _, _ in }])
    #expect(hooked.difference(from: model(tokens)) < 1e-6)
  }

  @Test("Padding before a row is no key that its first token mixes with")
  func padding() {
    let model = Self.model()
    let rows = [[3, 0, 2, 4], [1, 2]]
    for side in [TokenBatch.PaddingSide.left, .right] {
      let logits = model(TokenBatch(rows, padding: 4, on: side))
      let first = side == .left ? 2 : 0
      let short = logits.slice(axis: 0, 1..<2).slice(axis: 1, first..<first + 2)
      #expect(short.difference(from: model(TokenBatch(rows[1]))) < 1e-6)
      #expect(logits.slice(axis: 0, 0..<1).difference(from: model(TokenBatch(rows[0]))) < 1e-6)
    }
  }

  @Test("A run from a cache that failed half-way leaves the last keys as they were")
  func failedRun() throws {
    struct Stop: Error {}
    let model = Self.model()
    var cache = KeyValueCache(for: model.configuration)
    _ = model([3, 0, 2], cache: &cache)
    let stop = Hook("blocks.0.attn.hook_k") { (_: inout Tensor, _) in throw Stop() }
    #expect(throws: Stop.self) { try model.run([1], RunOptions(hooks: [stop]), cache: &cache) }
    let rest = model([2, 4, 1], cache: &cache)
    #expect(rest.difference(from: model(TokenBatch(Self.tokens)).slice(axis: 1, 3..<6)) < 1e-6)
  }
}
