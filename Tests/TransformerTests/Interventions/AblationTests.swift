// Ablations: what takes an activation's place, and where.

import Tensors
import Testing

@testable import Transformer

@Suite("Ablations") struct AblationTests {
  let subject = InterventionModel(.grouped)

  @Test("means are over examples, over tokens, or over examples of the same template")
  func means() throws {
    let cache = try subject.corruptedCache
    let point = HookPoint(.z, layer: 1)
    let z = cache[point]
    let positional = try Ablation.mean(of: cache, over: .positional).replacement(at: point, shape: z.shape)
    let global = try Ablation.mean(of: cache, over: .global).replacement(at: point, shape: z.shape)
    let counted =
      Array(repeating: true, count: 5) + [true, true, false, false, false] + [false, true, true, true, true]
    let masked = try Ablation.mean(of: cache, over: .global, counting: counted).replacement(at: point, shape: z.shape)
    let grouped = try Ablation.mean(of: cache, within: ["a", "b", "a"], for: ["b", "a", "a"])
      .replacement(at: point, shape: z.shape)
    for p in 0..<5 {
      let mean = (z[0, p, 2, 1] + z[1, p, 2, 1] + z[2, p, 2, 1]) / 3
      #expect(abs(positional[1, p, 2, 1] - mean) < 1e-6)
      #expect(grouped[0, p, 2, 1] == z[1, p, 2, 1])
      #expect(abs(grouped[2, p, 2, 1] - (z[0, p, 2, 1] + z[2, p, 2, 1]) / 2) < 1e-6)
    }
    let all = (0..<15).map { z[$0 / 5, $0 % 5, 3, 0] }
    #expect(abs(global[2, 4, 3, 0] - all.reduce(0, +) / 15) < 1e-6)
    let some = zip(all, counted).filter(\.1).map(\.0)
    #expect(abs(masked[0, 2, 3, 0] - some.reduce(0, +) / Float(some.count)) < 1e-6)
    let pattern = HookPoint(.pattern, layer: 0)
    let between = try Ablation.mean(of: cache, over: .global).replacement(at: pattern, shape: cache[pattern].shape)
    #expect(between.slice(axis: 0, at: 2) == cache[pattern].mean(axis: 0))
  }

  @Test("what does not count is left out of every mean, and a mean of nothing is refused")
  func maskedMeans() throws {
    let cache = try subject.corruptedCache
    let counted =
      Array(repeating: true, count: 5) + [true, true, false, false, false] + [false, true, true, true, true]
    let rows = [[0, 1], [0, 1, 2], [0, 2], [0, 2], [0, 2]]
    for point in [HookPoint(.z, layer: 1), HookPoint(.pattern, layer: 0)] {
      let axis = point.activation.positionAxis
      let whole = cache[point]
      let positional = try Ablation.mean(of: cache, over: .positional, counting: counted)
        .replacement(at: point, shape: whole.shape)
      let grouped = try Ablation.mean(
        of: cache, within: ["a", "b", "a"], for: ["a", "a", "a"],
        counting: counted.enumerated().map { $0.offset / 5 != 1 && $0.element }
      )
      .replacement(at: point, shape: whole.shape)
      for position in 0..<5 {
        func mean(_ rows: [Int]) -> Tensor { whole.slice(axis: axis, at: position).gathered(at: rows).mean(axis: 0) }
        for row in 0..<3 {
          func found(_ tensor: Tensor) -> Tensor { tensor.slice(axis: axis, at: position).slice(axis: 0, at: row) }
          #expect(found(positional).difference(from: mean(rows[position])) < 1e-6)
          #expect(found(grouped).difference(from: mean(position == 0 ? [0] : [0, 2])) < 1e-6)
        }
      }
    }
    let never = counted.enumerated().map { $0.offset % 5 != 3 && $0.element }
    let sentence = "no token counts at position 3, so that there is no mean for it"
    #expect(throws: InterventionError.unsupported(sentence)) {
      try Ablation.mean(of: cache, over: .positional, counting: never)
    }
    #expect(throws: InterventionError.unsupported(sentence)) {
      try Ablation.mean(of: cache, within: [1, 1, 1], for: [1], counting: never)
    }
    let z = try subject.model.runWithCache(subject.clean, names: .each(.z)).cache
    #expect(
      try Ablation.mean(of: z, over: .global, counting: never).replacement(
        at: HookPoint(.z, layer: 0), shape: [3, 5, 4, 4]
      ).shape == [3, 5, 4, 4])
    #expect(throws: InterventionError.self) {
      try Ablation.mean(of: z, over: .global, counting: Array(repeating: false, count: 15))
    }
  }

  @Test("resampling takes whole examples, the same in every activation")
  func resampling() throws {
    let cache = try subject.corruptedCache
    let chosen = Ablation.resample(from: cache, examples: [2, 0, 0])
    let point = HookPoint(.mlpOut, layer: 2)
    #expect(
      try chosen.replacement(at: point, shape: [3, 5, 12]).slice(axis: 0, at: 0) == cache[point].slice(axis: 0, at: 2))
    let random = Ablation.resample(from: cache, count: 20, using: RandomStream(seed: 5))
    let again = Ablation.resample(from: cache, count: 20, using: RandomStream(seed: 5))
    for point in [point, HookPoint(.residPre, layer: 0)] {
      let rows = try random.replacement(at: point, shape: [20, 5, 12])
      #expect(rows == (try again.replacement(at: point, shape: [20, 5, 12])))
      let sources = (0..<20).map { row in
        (0..<3).first { cache[point].slice(axis: 0, at: $0) == rows.slice(axis: 0, at: row) }
      }
      #expect(Set(sources) == [0, 1, 2])
    }
  }

  @Test("a head whose values are only their bias mixes to the bias")
  func valueBias() throws {
    let model = subject.model
    let hook = Hook("blocks.1.attn.hook_v") { value, _ in
      value = (model.blocks[1].attn.b_V ?? Tensor(zeros: [8])).reshaped([2, 4]).broadcast(to: value.shape)
    }
    let expected = try subject.plain(subject.clean, [hook])
    let found = try subject.plain(
      subject.clean, [.ablating("blocks.1.attn.hook_z", by: .valueBias(of: model))])
    #expect(largestDifference(found, expected) < 1e-5)
    #expect(throws: InterventionError.self) {
      try subject.plain(subject.clean, [.ablating("blocks.1.hook_mlp_out", by: .valueBias(of: model))])
    }
  }

  @Test("only the region is replaced: heads, positions, neurons")
  func regions() throws {
    let cache = try subject.cleanCache
    func run(_ name: HookFilter, _ point: HookPoint, _ region: ActivationRegion) throws -> Tensor {
      try subject.model.run(
        subject.clean, RunOptions(hooks: [.ablating(name, region, by: .zero)], cached: HookFilter([point]))
      ).cache[point]
    }
    let z = HookPoint(.z, layer: 0)
    let ablated = try run(
      "blocks.0.attn.hook_z", z, ActivationRegion(heads: [1, 3], positions: .each([[0], [], [2, 4]])))
    for example in 0..<3 {
      for position in 0..<5 {
        for head in 0..<4 {
          let isChosen = [1, 3].contains(head) && [[0], [], [2, 4]][example].contains(position)
          let expected = isChosen ? 0 : cache[z][example, position, head, 2]
          #expect(abs(ablated[example, position, head, 2] - expected) < 1e-6)
        }
      }
    }
    let post = HookPoint(.post, layer: 2)
    let neurons = try run("blocks.2.mlp.hook_post", post, ActivationRegion(positions: .last, elements: [7]))
    #expect(neurons[1, 4, 7] == 0 && cache[post][1, 4, 7] != 0)
    #expect(abs(neurons[1, 3, 7] - cache[post][1, 3, 7]) < 1e-6 && abs(neurons[1, 4, 6] - cache[post][1, 4, 6]) < 1e-6)
    let pattern = HookPoint(.pattern, layer: 1)
    let edge = try run(
      "blocks.1.attn.hook_pattern", pattern, ActivationRegion(heads: [2], positions: .only([3]), sources: [1]))
    #expect(edge[0, 2, 3, 1] == 0 && abs(edge[0, 2, 3, 0] - cache[pattern][0, 2, 3, 0]) < 1e-6)
    #expect(abs(edge[0, 1, 3, 1] - cache[pattern][0, 1, 3, 1]) < 1e-6)
  }

  @Test("gradients pass beside what is replaced, and not through it")
  func gradients() throws {
    let hook = Hook.ablating("blocks.1.attn.hook_z", heads: [2], by: .zero)
    let (_, _, gradients) = try subject.model.gradients(
      subject.clean, at: ["blocks.1.attn.hook_v", "blocks.0.hook_resid_pre", "blocks.1.attn.hook_pattern"],
      hooks: [hook]
    ) { $0.squared().sum() }
    let pattern = gradients[.pattern, layer: 1]
    #expect(pattern.slice(axis: 1, at: 2).elements.allSatisfy { $0 == 0 })
    #expect(pattern.slice(axis: 1, at: 3).elements.contains { $0 != 0 })
    #expect(gradients[.residPre, layer: 0].elements.contains { $0 != 0 })
  }

  @Test("a reference without the activation, or for other examples, is refused by name")
  func refusals() throws {
    let cache = try subject.model.runWithCache(subject.clean, names: ["blocks.0.hook_mlp_out"]).cache
    let ablation = Ablation.mean(of: cache, over: .positional)
    #expect(throws: InterventionError.missing("blocks.1.hook_mlp_out", from: "the reference of an ablation")) {
      try subject.plain(subject.clean, [.ablating("blocks.1.hook_mlp_out", by: ablation)])
    }
    #expect(throws: InterventionError.self) {
      try subject.model.runWithHooks([1, 2, 3], hooks: [.ablating("blocks.0.hook_mlp_out", by: ablation)])
    }
    #expect(throws: InterventionError.self) { try Ablation.mean(of: cache, within: [1, 1, 2], for: [3]) }
  }
}
