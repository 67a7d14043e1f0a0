import Tensors
import Testing
import Transformer

@Suite("Hooks and caches")
struct HookTests {
  @Test("a name and its place are the same thing", arguments: ZooModel.all)
  func names(_ zoo: ZooModel) {
    for point in zoo.configuration.hookPoints { #expect(HookPoint(point.name) == point) }
    #expect(HookPoint("blocks.0.attn.hook_pattern") == HookPoint(.pattern, layer: 0))
    for name in ["hook_pattern", "blocks.hook_embed", "blocks.x.hook_resid_pre", "blocks.00.hook_resid_pre", ""] {
      #expect(HookPoint(name) == nil)
    }
  }

  @Test("every place is computed, in the announced order and shape", arguments: ZooModel.all)
  func everything(_ zoo: ZooModel) throws {
    let points = zoo.configuration.hookPoints
    let (_, cache) = try zoo.model.runWithCache(someTokens(2, 5), names: .filter { _ in true })
    #expect(Set(cache.points) == Set(points))
    for point in points {
      #expect(cache[point].shape == zoo.configuration.shape(of: point, batch: 2, positions: 5), "\(point)")
    }
    let (_, plain) = try zoo.model.runWithCache(someTokens(2, 5))
    #expect(plain.points == points.filter { !$0.activation.isOnRequest })
  }

  @Test("looking changes nothing: logits are the same with everything cached", arguments: ZooModel.all)
  func observing(_ zoo: ZooModel) throws {
    let (model, tokens) = (zoo.model, someTokens(2, 7))
    let logits = model(tokens)
    let (watched, cache) = try model.runWithCache(tokens, names: .filter { _ in true })
    #expect(watched.difference(from: logits) < 1e-5)
    // A hook that returns what it is given takes the unfused path everywhere.
    let touched = try model.runWithHooks(tokens, hooks: [Hook(.filter { _ in true }) { _, _ in }])
    #expect(touched.difference(from: logits) < 1e-5)
    let (_, fused) = try model.runWithCache(tokens, names: .each([.pattern, .z]))
    for layer in 0..<2 {
      #expect(fused[.pattern, layer: layer].difference(from: cache[.pattern, layer: layer]) < 1e-6)
      #expect(fused[.z, layer: layer].difference(from: cache[.z, layer: layer]) < 1e-5)
    }
  }

  @Test("putting back any activation of another run moves the result to that run's", arguments: ZooModel.all)
  func replacing(_ zoo: ZooModel) throws {
    let (model, tokens) = (zoo.model, someTokens(1, 6))
    let other: TokenBatch = [1, 9, 2, 8, 3, 7]
    let (target, cache) = try model.runWithCache(other, names: .filter { _ in true })
    let logits = model(tokens)
    // Both runs have the same positions.
    for point in zoo.configuration.hookPoints where point.activation != .posEmbed {
      let patched = try model.runWithHooks(
        tokens, hooks: [.replacing([point.name], with: cache[point])])
      #expect(patched.difference(from: logits) > 1e-4, "\(point) is not used")
    }
    let last = try model.runWithHooks(
      tokens, hooks: [.replacing(["blocks.1.hook_resid_post"], with: cache[.residPost, layer: 1])])
    #expect(last.difference(from: target) < 1e-5)
    // A cache keeps what the rest of the run saw, after the hook.
    let replacing = Hook.replacing(["blocks.1.attn.hook_z"], with: cache[.z, layer: 1])
    let options = RunOptions(hooks: [replacing], cached: .each(.z))
    #expect(try model.run(tokens, options).cache[.z, layer: 1] == cache[.z, layer: 1])
  }

  @Test("the parts of a block add up to the stream", arguments: ZooModel.all)
  func sums(_ zoo: ZooModel) throws {
    let (_, cache) = try zoo.model.runWithCache(someTokens(2, 5), names: .filter { _ in true })
    for layer in 0..<2 {
      var sum = cache[.residPre, layer: layer] + cache[.attnOut, layer: layer]
      if !zoo.configuration.isAttentionOnly { sum += cache[.mlpOut, layer: layer] }
      #expect(sum.difference(from: cache[.residPost, layer: layer]) < 1e-5)
      let result = cache[.result, layer: layer].sum(axis: 2)
      if !zoo.configuration.normalizesOutputs, let b_O = zoo.model.blocks[layer].attn.b_O {
        #expect((result + b_O).difference(from: cache[.attnOut, layer: layer]) < 1e-5)
      }
      let rows = cache[.pattern, layer: layer].sum(axis: 3)
      #expect(rows.difference(from: Tensor(ones: rows.shape)) < 1e-5)
    }
  }

  @Test("a name that is none, or lies outside the run, is an error that says so")
  func errors() throws {
    let (model, tokens) = (ZooModel.all[0].model, someTokens(1, 3))
    #expect(throws: HookError.unknownName("blocks.0.attn.hook_patern", nearest: "blocks.0.attn.hook_pattern")) {
      try model.runWithCache(tokens, names: "blocks.0.attn.hook_patern")
    }
    #expect(throws: HookError.unknownName("blocks.2.hook_resid_pre", nearest: "blocks.0.hook_resid_pre")) {
      try model.runWithHooks(tokens, hooks: [Hook("blocks.2.hook_resid_pre") { _, _ in }])
    }
    #expect(throws: HookError.neverFires("blocks.1.hook_resid_pre")) {
      try model.runWithCache(tokens, names: "blocks.1.hook_resid_pre", stopAtLayer: 1)
    }
    #expect(throws: HookError.neverFires("ln_final.hook_scale")) {
      try model.runWithHooks(tokens, hooks: [Hook("ln_final.hook_scale") { _, _ in }], stopAtLayer: 2)
    }
    #expect(throws: HookError.neverFires("blocks.1.attn.hook_z")) {
      try model.runWithCache(tokens, names: .each(.z, layers: [0, 1]), stopAtLayer: 1)
    }
    #expect(throws: HookError.neverFires("ln_final.hook_scale")) {
      try model.runWithCache(tokens, names: .each([.z, .lnFinalScale]), stopAtLayer: 1)
    }
    #expect(try model.runWithCache(tokens, names: .each(.z), stopAtLayer: 1).cache.names == ["blocks.0.attn.hook_z"])
    #expect(throws: HookError.matchesNothing("attn.hook_rot_q")) {
      try model.runWithCache(tokens, names: .each(.rotQ))
    }
    #expect(throws: HookError.matchesNothing("a match of nothing_at_all")) {
      try model.runWithCache(tokens, names: .matching("nothing_at_all"))
    }
    #expect(throws: HookError.shapeChanged("hook_embed", from: [1, 3, 12], to: [1, 3])) {
      try model.runWithHooks(tokens, hooks: [.replacing("hook_embed", with: Tensor(zeros: [1, 3]))])
    }
    #expect(throws: (any Error).self) { try HookFilter.matching("(") }
  }

  @Test("a hook that names nothing is an error, and so is a layer that the model does not have")
  func emptyChoices() throws {
    let (model, tokens) = (ZooModel.all[0].model, someTokens(1, 3))
    func run(_ filter: HookFilter) throws { _ = try model.runWithHooks(tokens, hooks: [Hook(filter) { _, _ in }]) }
    #expect(throws: HookError.matchesNothing("an empty list of names")) { try run(HookFilter([String]())) }
    #expect(throws: HookError.matchesNothing("an empty list of names")) { try run([]) }
    #expect(throws: HookError.matchesNothing("no hook point")) { try run(.none) }
    #expect(throws: HookError.matchesNothing("no activation in every layer")) { try run(.each([])) }
    #expect(throws: HookError.matchesNothing("attn.hook_z in the layers []")) { try run(.each(.z, layers: [])) }
    #expect(throws: HookError.noSuchLayer(2, layers: 2)) { try run(.each(.z, layers: 1..<99)) }
    #expect(throws: HookError.noSuchLayer(-1, layers: 2)) {
      try model.runWithCache(tokens, names: .each([.z, .q], layers: [0, -1]))
    }
    #expect(try model.runWithCache(tokens, names: .none).cache.names == [])
  }

  @Test("choices by kind, layer, pattern and predicate hold what they say and no more")
  func choices() throws {
    let (model, tokens) = (ZooModel.all[0].model, someTokens(1, 3))
    func names(_ filter: HookFilter) throws -> [String] { try model.runWithCache(tokens, names: filter).cache.names }
    #expect(try names(.each(.pattern)) == ["blocks.0.attn.hook_pattern", "blocks.1.attn.hook_pattern"])
    #expect(try names(.each(.z, layers: [1])) == ["blocks.1.attn.hook_z"])
    #expect(try names(.matching(#/1\.attn\.hook_(q|k)$/#)) == ["blocks.1.attn.hook_q", "blocks.1.attn.hook_k"])
    #expect(try names(["hook_embed", "ln_final.hook_scale"]) == ["hook_embed", "ln_final.hook_scale"])
    #expect(try names(.filter { $0.layer == nil && $0.activation == .posEmbed }) == ["hook_pos_embed"])
    #expect(try names(.none) == [])
    let (_, cache) = try model.runWithCache(tokens, names: "blocks.1.attn.hook_z")
    #expect(cache.elementCount == 3 * 4 * 4)
    #expect(cache[.z, layer: -1] == cache["blocks.1.attn.hook_z"])
  }

  @Test("a run that stops early returns the stream it would have gone on with")
  func stopping() throws {
    let (model, tokens) = (ZooModel.all[0].model, someTokens(2, 4))
    let (_, cache) = try model.runWithCache(tokens)
    for layer in 0...1 {
      let (residual, early) = try model.runWithCache(tokens, stopAtLayer: layer)
      #expect(residual.difference(from: cache[.residPre, layer: layer]) < 1e-6)
      #expect(
        early.names
          == cache.names.filter { HookPoint($0).map { ($0.layer ?? -1) < layer } ?? false }
          .filter { !$0.hasPrefix("ln_final") })
    }
    let (last, _) = try model.runWithCache(tokens, stopAtLayer: -1)
    #expect(last.difference(from: cache[.residPre, layer: 1]) < 1e-6)
    let (whole, _) = try model.runWithCache(tokens, stopAtLayer: 2)
    #expect(whole.difference(from: cache[.residPost, layer: 1]) < 1e-6)
  }

  @Test("a run that begins in the middle ends where the whole run ends", arguments: ZooModel.all)
  func starting(_ zoo: ZooModel) throws {
    let (model, tokens) = (zoo.model, someTokens(2, 5))
    let (logits, cache) = try model.runWithCache(tokens)
    var options = RunOptions()
    options.start = RunStart(cache[.residPre, layer: 1], layer: 1)
    #expect(try #require(try model.run(tokens, options).logits).value.difference(from: logits) < 1e-5)
    guard zoo.configuration.hookPoints.contains(HookPoint(.residMid, layer: 1)) else { return }
    options.start = RunStart(cache[.residMid, layer: 1], layer: 1, stage: .residMid)
    #expect(try #require(try model.run(tokens, options).logits).value.difference(from: logits) < 1e-5)
    options.cached = ["blocks.1.attn.hook_q"]
    #expect(throws: HookError.neverFires("blocks.1.attn.hook_q")) { try model.run(tokens, options) }
  }

  @Test("only the positions that are asked for are kept or unembedded")
  func positions() throws {
    let (model, tokens) = (ZooModel.all[0].model, someTokens(2, 6))
    let (logits, cache) = try model.runWithCache(tokens)
    let (_, some) = try model.runWithCache(tokens, positions: 2..<4)
    #expect(some[.pattern, layer: 0] == cache[.pattern, layer: 0].slice(axis: 2, 2..<4))
    #expect(some[.z, layer: 1] == cache[.z, layer: 1].slice(axis: 1, 2..<4))
    var options = RunOptions()
    options.logits = .last
    let last = try #require(try model.run(tokens, options).logits).value
    #expect(last.difference(from: logits.slice(axis: 1, at: 5)) < 1e-5)
    options.logits = .each([1, 3])
    let each = try #require(try model.run(tokens, options).logits).value
    #expect(each.slice(axis: 0, at: 0).difference(from: logits.slice(axis: 0, at: 0).slice(axis: 0, at: 1)) < 1e-5)
    #expect(each.slice(axis: 0, at: 1).difference(from: logits.slice(axis: 0, at: 1).slice(axis: 0, at: 3)) < 1e-5)
  }
}
