// Path patching against its four runs written out with hooks on whole runs.

import Tensors
import Testing

@testable import Transformer

@Suite("Path patching") struct PathPatchingTests {
  /// One choice of senders, receivers and positions.
  struct Paths: CustomTestStringConvertible, Sendable {
    let senders: [Writer]
    let receivers: [Reader]
    var senderPositions = PositionChoice.all
    var receiverPositions = PositionChoice.all
    var testDescription: String { "\(senders) → \(receivers)" }
  }

  static func paths(_ c: TransformerConfiguration) -> [Paths] {
    let ends = PositionChoice.one(ofEach: [4, 3, 4])
    let receiving: [Reader] = [.q(layer: 2, head: 1), .q(layer: 2, head: 3)]
    var paths = [
      Paths(senders: [.head(0, 1)], receivers: [.logits]),
      Paths(senders: [.head(2, 3)], receivers: [.logits]),
      Paths(senders: [.embed], receivers: [.logits]),
      Paths(senders: [.embed, .head(1, 0)], receivers: [.logits], senderPositions: .only([1, 4])),
      Paths(senders: [.head(0, 2)], receivers: receiving),
      Paths(senders: [.head(1, 2)], receivers: receiving, receiverPositions: ends),
      Paths(
        senders: [.head(0, 0), .head(1, 1)], receivers: receiving, senderPositions: ends, receiverPositions: .last),
      Paths(senders: [.head(0, 3)], receivers: [.k(layer: 1, head: 0), .k(layer: 2, head: 1)]),
      Paths(senders: [.head(0, 3)], receivers: [.v(layer: 1, head: 1), .q(layer: 1, head: 1), .k(layer: 2, head: 0)]),
      Paths(senders: [.embed], receivers: [.v(layer: 0, head: 1)], senderPositions: .each([[0], [1, 2], []])),
      Paths(senders: [.head(0, 3)], receivers: [.v(layer: 2, head: 0)], receiverPositions: .each([[0], [1, 2], []])),
    ]
    if !c.isAttentionOnly {
      paths += [
        Paths(senders: [.mlp(layer: 0)], receivers: [.logits]),
        Paths(senders: [.mlp(layer: 2)], receivers: [.logits], senderPositions: ends),
        Paths(senders: [.mlp(layer: 0), .head(1, 2)], receivers: [.k(layer: 2, head: 0)], senderPositions: ends),
        Paths(senders: [.head(0, 1)], receivers: [.mlp(layer: 1)]),
        Paths(senders: [.head(0, 1)], receivers: [.mlp(layer: 2), .q(layer: 2, head: 0), .v(layer: 1, head: 0)]),
        Paths(senders: [.embed], receivers: [.mlp(layer: 0)], receiverPositions: ends),
        Paths(senders: [.head(0, 1)], receivers: [.mlp(layer: 2)], senderPositions: ends),
      ]
    }
    return paths
  }

  @Test("is the four runs of appendix B, in every architecture", arguments: InterventionModel.all, [false, true])
  func equalsFourRuns(_ subject: InterventionModel, freezingMLPs: Bool) throws {
    for paths in PathPatchingTests.paths(subject.model.configuration) {
      let patching = try PathPatching(
        subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric,
        freezingMLPs: freezingMLPs, senderPositions: paths.senderPositions, receiverPositions: paths.receiverPositions)
      let found = try patching.patch(from: paths.senders, to: paths.receivers)
      let expected = try fourRuns(subject, paths, freezingMLPs: freezingMLPs, hooks: [])
      let size = max(1, expected.map(\.magnitude).max() ?? 1)
      #expect(largestDifference(found, expected) < 1e-5 * size, "\(paths)")
    }
  }

  @Test(
    "knock-outs are in force in all four runs", arguments: [InterventionModel(.layerNorm), InterventionModel(.grouped)])
  func knockOuts(_ subject: InterventionModel) throws {
    let heads = Hook.ablating(.each(.z, layers: [1]), heads: [0, 2], by: .zero)
    let neurons = Hook(.each(.mlpOut)) { value, _ in
      let positions = value.shape[1]
      value *= Tensor((0..<positions).map { 0.7 - 0.1 * Float($0) }, [1, positions, 1])
    }
    for hooks in [[heads], [heads, neurons]] {
      for paths in PathPatchingTests.paths(subject.model.configuration) {
        let patching = try PathPatching(
          subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric,
          senderPositions: paths.senderPositions, receiverPositions: paths.receiverPositions, hooks: hooks)
        let found = try patching.patch(from: paths.senders, to: paths.receivers)
        let expected = try fourRuns(subject, paths, freezingMLPs: false, hooks: hooks)
        #expect(largestDifference(found, expected) < 2e-5, "\(paths) with \(hooks.count) hooks")
      }
    }
  }

  private func at(_ activation: ActivationName, _ layer: Int) -> HookFilter {
    HookFilter([HookPoint(activation, layer: layer)])
  }

  /// The algorithm of the paper, knowing nothing of what could be saved.
  private func fourRuns(
    _ subject: InterventionModel, _ paths: Paths, freezingMLPs: Bool, hooks: [Hook]
  ) throws -> [Float] {
    let model = subject.model
    func run(_ tokens: TokenBatch, _ hooks: [Hook]) throws -> ActivationCache {
      let names = model.configuration.hookPoints.filter { $0.activation != .result && $0.activation != .attnIn }
      return try model.run(tokens, RunOptions(hooks: hooks, cached: HookFilter(names))).cache
    }
    func put(_ donor: Tensor, heads: [Int]?, at choice: PositionChoice) -> (inout Tensor, HookPoint) -> Void {
      { value, _ in
        for example in 0..<value.shape[0] {
          for position in choice.list(example: example, count: value.shape[1]) {
            if let heads {
              for head in heads {
                for i in 0..<value.shape[3] { value[example, position, head, i] = donor[example, position, head, i] }
              }
            } else {
              for i in 0..<value.shape[2] { value[example, position, i] = donor[example, position, i] }
            }
          }
        }
      }
    }
    let (a, b) = (try run(subject.corrupted, hooks), try run(subject.clean, hooks))
    var frozen: [Hook] = []
    if paths.senders.contains(.embed) {
      frozen.append(Hook("hook_embed", put(a[.embed], heads: nil, at: paths.senderPositions)))
    }
    for layer in 0..<3 {
      let heads = paths.senders.compactMap { sender -> Int? in
        if case .head(layer, let head) = sender { head } else { nil }
      }
      frozen.append(.replacing(at(.z, layer), with: b[.z, layer: layer]))
      frozen.append(Hook(at(.z, layer), put(a[.z, layer: layer], heads: heads, at: paths.senderPositions)))
      guard !model.configuration.isAttentionOnly else { continue }
      if freezingMLPs { frozen.append(.replacing(at(.mlpOut, layer), with: b[.mlpOut, layer: layer])) }
      if paths.senders.contains(.mlp(layer: layer)) {
        frozen.append(
          Hook(at(.mlpOut, layer), put(a[.mlpOut, layer: layer], heads: nil, at: paths.senderPositions)))
      }
    }
    if paths.receivers == [.logits] { return try subject.plain(subject.clean, hooks + frozen) }
    let c = try run(subject.clean, hooks + frozen)
    let receiving = paths.receivers.compactMap { receiver -> Hook? in
      guard let point = receiver.point else { return nil }
      return Hook(
        HookFilter([point]), put(c[point], heads: receiver.head.map { [$0] }, at: paths.receiverPositions))
    }
    return try subject.plain(subject.clean, hooks + receiving)
  }

  @Test("a sweep of heads is one patch after the other; patching what is the same changes nothing")
  func sweeps() throws {
    let subject = InterventionModel(.layerNorm)
    let receivers: [Reader] = [.q(layer: 1, head: 2), .k(layer: 2, head: 0)]
    for receivers in [receivers, [.logits]] {
      let patching = try PathPatching(
        subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric, tokensAtOnce: 40)
      let sweep = try patching.sweepHeads(to: receivers)
      #expect(sweep.axes == ["layer", "head"] && sweep.values.shape == [3, 4, 3])
      for layer in 0..<3 {
        for head in 0..<4 {
          let one = try patching.patch(from: [.head(layer, head)], to: receivers)
          let found = sweep.values.slice(axis: 0, at: layer).slice(axis: 0, at: head).elements
          #expect(largestDifference(found, one) < 1e-5)
        }
      }
      let same = try PathPatching(subject.model, original: subject.clean, new: subject.clean, metric: subject.metric)
      #expect(try same.sweepHeads(to: receivers).effect.elements.allSatisfy { $0.magnitude < 1e-5 })
    }
  }

  @Test(
    "direct paths add the sender's change to one head's own input",
    arguments: [
      InterventionModel(.layerNorm), InterventionModel(.parallel), InterventionModel(.attentionOnly),
      InterventionModel(.grouped),
    ])
  func directPaths(_ subject: InterventionModel) throws {
    let model = subject.model
    let results = [
      try model.runWithCache(subject.clean, names: ["blocks.0.attn.hook_result"]).cache[.result, layer: 0],
      try model.runWithCache(subject.corrupted, names: ["blocks.0.attn.hook_result"]).cache[.result, layer: 0],
    ]
    let change = (results[1] - results[0]).slice(axis: 2, at: 2)
    let patching = try PathPatching(
      model, original: subject.clean, new: subject.corrupted, metric: subject.metric, freezingMLPs: true)
    for component in PathPatching.Component.allCases {
      let sweep = try patching.sweepReceivers(from: [.head(0, 2)], component: component)
      for layer in 1..<3 {
        for head in 0..<sweep.values.shape[1] {
          let expected = try subject.plain(
            subject.clean,
            [
              Hook(HookFilter(["blocks.\(layer).hook_\(component.rawValue)_input"])) { input, _ in
                let own = input.slice(axis: 2, at: head) + change
                for example in 0..<3 {
                  for position in 0..<5 {
                    for i in 0..<12 { input[example, position, head, i] = own[example, position, i] }
                  }
                }
              }
            ])
          let found = sweep.values.slice(axis: 0, at: layer).slice(axis: 0, at: head).elements
          #expect(largestDifference(found, expected) < 1e-5, "\(component) of L\(layer)H\(head)")
        }
      }
      #expect(
        largestDifference(sweep.values.slice(axis: 0, at: 0).slice(axis: 0, at: 1).elements, patching.baseline) == 0)
    }
  }

  @Test("with MLPs and the last scale frozen, direct effects add up")
  func additivity() throws {
    let subject = InterventionModel(.layerNorm)
    let patching = try PathPatching(
      subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric, freezingMLPs: true,
      freezingFinalScale: true)
    let all = Writer.all(of: subject.model.configuration)
    let each = try patching.patch(fromEach: all.map { [$0] }, to: [.logits])
    let together = try patching.patch(from: all, to: [.logits])
    let sum = (each - Tensor(patching.baseline, [3])).sum(axis: 0) + Tensor(patching.baseline, [3])
    #expect(largestDifference(sum.elements, together) < 1e-5)
    // By hand: the change of what a head writes through the frozen scale, onto the two columns of W_U.
    let (a, b) = (
      try subject.model.runWithCache(subject.corrupted, names: ["blocks.1.attn.hook_result"]).cache,
      try subject.model.runWithCache(subject.clean, names: ["blocks.1.attn.hook_result", "ln_final.hook_scale"]).cache
    )
    let change = (a[.result, layer: 1] - b[.result, layer: 1]).slice(axis: 2, at: 3).slice(axis: 1, at: 4)
    let scale = b[.lnFinalScale].slice(axis: 1, at: 4)
    let head = Writer.all(of: subject.model.configuration).firstIndex(of: .head(1, 3)) ?? 0
    for example in 0..<3 {
      let row = change.slice(axis: 0, at: example)
      let centred = (row - row.mean()) / scale[example, 0] * (subject.model.lnFinal.w ?? Tensor(ones: [12]))
      let (right, wrong) = (example, example + 3)
      let direct = centred.dot(
        subject.model.W_U.slice(axis: 1, at: right) - subject.model.W_U.slice(axis: 1, at: wrong))
      #expect((each[head, example] - patching.baseline[example] - direct).magnitude < 1e-5)
    }
  }

  @Test("what cannot be frozen is refused")
  func refusals() throws {
    let subject = InterventionModel(.layerNorm)
    #expect(throws: InterventionError.self) {
      try PathPatching(
        subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric,
        hooks: [Hook("blocks.1.hook_resid_mid") { _, _ in }])
    }
    #expect(throws: InterventionError.self) {
      try PathPatching(subject.model, original: subject.clean, new: [1, 2], metric: subject.metric)
    }
    let paths = try PathPatching(
      subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric)
    for (sender, receiver, name) in [
      (Writer.head(9, 0), Reader.logits, "L9H0"), (.mlp(layer: -1), .logits, "L-1.mlp"),
      (.head(0, 0), .q(layer: 9, head: 0), "L9H0.q"),
    ] {
      let error = #expect(throws: InterventionError.self) { try paths.patch(from: [sender], to: [receiver]) }
      #expect(error.map { "\($0)".contains("the model has no \(name) that could") } ?? false)
    }
  }
}
