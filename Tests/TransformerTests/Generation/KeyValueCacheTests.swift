import Tensors
import Testing

@testable import Transformer

@Suite("A run with a key/value cache")
struct KeyValueCacheTests {
  private static let tokens = TokenBatch([[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 10]])

  @Test("gives the logits of a run over everything", arguments: ZooModel.causal)
  func equalsUncached(kind: ZooModel) throws {
    let model = kind.model
    let whole = model(Self.tokens)
    for chunks in [[8], [5, 1, 1, 1], [1, 3, 4], Array(repeating: 1, count: 8)] {
      var cache = KeyValueCache(for: model.configuration, batch: 2)
      var pieces: [Tensor] = []
      for chunk in chunks {
        pieces.append(model(Self.tokens.columns(cache.count..<cache.count + chunk), cache: &cache))
      }
      let logits = Tensor.concatenated(pieces, axis: 1)
      #expect(logits.maximumDifference(from: whole) < 1e-5, "\(chunks)")
      #expect(cache.count == 8)
    }
  }

  @Test("gives the logits of each row alone when rows are padded on the left", arguments: ZooModel.causal)
  func leftPadding(kind: ZooModel) throws {
    let model = kind.model
    let rows = [[3, 1, 4, 1, 5, 9, 2], [2, 7], [8, 1, 8, 2]]
    let padded = TokenBatch(rows, padding: 0, on: .left)
    var cache = KeyValueCache(for: model.configuration, batch: 3, capacity: 10)
    var logits = try #require(model.last(padded, cache: &cache))
    var texts = rows
    for column in [[4, 4, 6], [1, 0, 10], [7, 7, 7]] {
      for row in texts.indices {
        let alone = model(TokenBatch(texts[row])).slice(axis: 1, at: texts[row].count - 1)
        let difference = alone.reshaped([11]).maximumDifference(from: logits.slice(axis: 0, at: row))
        #expect(difference < 1e-5, "row \(row) of \(texts[row].count) tokens")
        texts[row].append(column[row])
      }
      logits = try #require(model.last(TokenBatch(column.map { [$0] }), cache: &cache))
    }
  }

  @Test("passes every activation of the new tokens by its hooks", arguments: ZooModel.causal)
  func activations(kind: ZooModel) throws {
    let model = kind.model
    // Split inputs would give the normalisation a copy for each head.
    let all = HookFilter.filter { !$0.activation.isOnRequest || $0.activation == .result }
    let whole = try model.runWithCache(Self.tokens, names: all).cache
    var cache = KeyValueCache(for: model.configuration, batch: 2, capacity: 8)
    _ = model(Self.tokens.columns(0..<5), cache: &cache)
    let new = try model.run(Self.tokens.columns(5..<8), RunOptions(cached: all), cache: &cache).cache
    #expect(new.names == whole.names)
    for point in whole.points {
      let expected = whole[point].slice(axis: point.activation.positionAxis, 5..<8)
      #expect(
        new[point].shape == model.configuration.shape(of: point, batch: 2, positions: 3, keys: 8), "\(point)")
      #expect(new[point].difference(from: expected) < 1e-5, "\(point)")
    }
  }

  @Test("holds keys after rotation, and values")
  func contents() throws {
    let model = ZooModel.named("llama")
    let whole = try model.runWithCache(Self.tokens, names: .each([.rotK, .v])).cache
    var cache = KeyValueCache(for: model.configuration, batch: 2, capacity: 20)
    _ = model(Self.tokens, cache: &cache)
    for layer in 0..<2 {
      #expect(cache.keys(layer: layer) == whole[.rotK, layer: layer])
      #expect(cache.values(layer: layer) == whole[.v, layer: layer])
    }
  }

  @Test("sees what a hook makes of the keys in all later tokens")
  func hooksReachLaterTokens() throws {
    let model = ZooModel.named("gpt2")
    let hook = Hook("blocks.0.attn.hook_v") { value, _ in value = value * 2 }
    let whole = try model.runWithHooks(Self.tokens, hooks: [hook])
    var cache = KeyValueCache(for: model.configuration, batch: 2)
    _ = try model.run(Self.tokens.columns(0..<7), RunOptions(hooks: [hook]), cache: &cache)
    let last = try model.run(Self.tokens.columns(7..<8), RunOptions(hooks: [hook]), cache: &cache).logits?.value
    #expect(try #require(last).maximumDifference(from: whole.slice(axis: 1, 7..<8)) < 1e-5)
  }

  @Test("can be continued in two ways from a copy")
  func copies() {
    let model = ZooModel.named("neox")
    var first = KeyValueCache(for: model.configuration, batch: 2)
    _ = model(Self.tokens.columns(0..<6), cache: &first)
    var second = first
    _ = model(TokenBatch([[0], [0]]), cache: &first)
    _ = model(TokenBatch([[9], [9]]), cache: &second)
    let logits = model(Self.tokens.columns(7..<8), cache: &first)
    let whole = model(
      TokenBatch([[3, 1, 4, 1, 5, 9, 0, 6], [2, 7, 1, 8, 2, 8, 0, 10]])
    ).slice(axis: 1, 7..<8)
    #expect(logits.maximumDifference(from: whole) < 1e-5)
    #expect(second.count == 7)
  }

  @Test("is as it was when a hook throws")
  func throwing() throws {
    struct Stop: Error {}
    let model = ZooModel.named("gpt2")
    var cache = KeyValueCache(for: model.configuration, batch: 2)
    _ = model(Self.tokens.columns(0..<4), cache: &cache)
    let hook = Hook("blocks.1.attn.hook_v") { (_: inout Tensor, _) in throw Stop() }
    #expect(throws: Stop.self) {
      try model.run(TokenBatch([[0, 0], [0, 0]]), RunOptions(hooks: [hook]), cache: &cache)
    }
    #expect(cache.count == 4)
    let rest = model(Self.tokens.columns(4..<8), cache: &cache)
    #expect(rest.maximumDifference(from: model(Self.tokens).slice(axis: 1, 4..<8)) < 1e-5)
  }

  @Test("does not copy its buffers")
  func inPlace() {
    let model = ZooModel.named("gpt2")
    var cache = KeyValueCache(for: model.configuration)
    let nothing = Tensor(zeros: [1, 0, 4, 4])
    func address() -> UInt {
      cache.write(layer: 0, keys: nothing, values: nothing).keys.withUnsafeElements { UInt(bitPattern: $0.baseAddress) }
    }
    let before = address()
    for token in 0..<5 { _ = model([token], cache: &cache) }
    #expect(address() == before)
  }
}

extension TokenBatch {
  /// Some columns of the batch.
  func columns(_ range: Range<Int>) -> TokenBatch {
    TokenBatch((0..<batch).map { Array(self[$0][range]) })
  }
}

extension HookedTransformer {
  /// The logits behind the last token of each row.
  func last(_ tokens: TokenBatch, cache: inout KeyValueCache) throws -> Tensor? {
    var options = RunOptions()
    options.logits = .last
    return try run(tokens, options, cache: &cache).logits?.value
  }
}
