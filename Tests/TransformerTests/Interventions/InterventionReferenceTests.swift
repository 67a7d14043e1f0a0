// Interventions against TransformerLens 4.3 and a plain PyTorch model (fixtures/transformer/README.md says which is which).

import Tensors
import Testing

@testable import Transformer

@Suite("Interventions as TransformerLens makes them") struct InterventionReferenceTests {
  /// Float32 here, float64 there.
  private let tolerance: Float = 2e-5

  private func expect(
    _ found: Tensor, _ file: Checkpoint, _ name: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try file.tensor(name)
    let difference = found.shape == expected.shape ? found.maximumDifference(from: expected) : .infinity
    #expect(difference < tolerance, "\(name) of shape \(found.shape)", sourceLocation: location)
  }

  @Test("all patching sweeps", arguments: InterventionReference.names)
  func sweeps(_ name: String) throws {
    let subject = try InterventionReference(name)
    let file = try subject.measured("patching")
    let cache = try subject.model.runWithCache(subject.clean).cache
    let sweeps: [(String, PatchSweep)] = [
      ("resid_pre", .residPre), ("resid_mid", .residMid), ("attn_out", .attnOut), ("mlp_out", .mlpOut),
      ("attn_head_out_by_pos", .attnHeadOutByPos), ("attn_head_q_by_pos", .attnHeadQByPos),
      ("attn_head_k_by_pos", .attnHeadKByPos), ("attn_head_v_by_pos", .attnHeadVByPos),
      ("attn_head_pattern_by_pos", .attnHeadPatternByPos),
      ("attn_head_pattern_dest_src_pos", .attnHeadPatternDestSrcPos), ("attn_head_out_all_pos", .attnHeadOutAllPos),
      ("attn_head_q_all_pos", .attnHeadQAllPos), ("attn_head_k_all_pos", .attnHeadKAllPos),
      ("attn_head_v_all_pos", .attnHeadVAllPos), ("attn_head_pattern_all_pos", .attnHeadPatternAllPos),
    ]
    for (reference, sweep) in sweeps where file.contains(reference) {
      let result = try subject.model.activationPatch(
        sweep, corrupted: subject.corrupted, cleanCache: cache, metric: subject.metric)
      try expect(result.values, file, reference)
      try expect(Tensor(result.baseline, [5]), file, "corrupt")
    }
    #expect(file.names.count == ["layernorm": 17, "attention-only": 15, "rotary": 17, "parallel": 16][name])
    try expect(Tensor(subject.model.evaluate(subject.metric, on: subject.clean), [5]), file, "clean")
  }

  @Test("paths from heads and MLPs to queries, keys, values and logits", arguments: InterventionReference.names)
  func paths(_ name: String) throws {
    let subject = try InterventionReference(name)
    let file = try subject.measured("paths")
    let hasMLPs = !subject.model.configuration.isAttentionOnly
    // Keys and values have heads of their own where they are grouped.
    let shared = [1, 3].filter { $0 < subject.model.configuration.nKeyValueHeads }
    for frozen in [false, true] {
      let patching = try PathPatching(
        subject.model, original: subject.clean, new: subject.corrupted, metric: subject.metric, freezingMLPs: frozen)
      let ending = frozen ? ".frozen_mlps" : ""
      try expect(patching.sweepHeads(to: [.logits]).values, file, "path.heads_to_logits\(ending)")
      if hasMLPs { try expect(patching.sweepMLPs(to: [.logits]).values, file, "path.mlps_to_logits\(ending)") }
      guard !frozen else { continue }
      let receivers: [(String, [Reader])] = [
        ("q", [1, 3].map { .q(layer: 2, head: $0) }), ("k", shared.map { .k(layer: 2, head: $0) }),
        ("v", shared.map { .v(layer: 2, head: $0) }),
      ]
      for (component, receivers) in receivers {
        try expect(patching.sweepHeads(to: receivers).values, file, "path.heads_to_\(component)")
        if hasMLPs { try expect(patching.sweepMLPs(to: receivers).values, file, "path.mlps_to_\(component)") }
      }
    }
  }

  @Test("direct paths from every head to every later one", arguments: InterventionReference.names)
  func directPaths(_ name: String) throws {
    let subject = try InterventionReference(name)
    let file = try subject.measured("paths")
    // Their corrupted run is what is patched, with what the clean run writes.
    let patching = try PathPatching(
      subject.model, original: subject.corrupted, new: subject.clean, metric: subject.metric, freezingMLPs: true)
    for component in PathPatching.Component.allCases {
      let expected = try file.tensor("direct_path.\(component.rawValue)")
      for layer in 0..<2 {
        for head in 0..<4 {
          let found = try patching.sweepReceivers(from: [.head(layer, head)], component: component).values
          let own = expected.slice(axis: 0, at: layer).slice(axis: 0, at: head)
          let later = layer + 1..<3
          let difference = found.slice(axis: 0, later).maximumDifference(from: own.slice(axis: 0, later))
          #expect(difference < tolerance, "L\(layer)H\(head) to \(component)")
        }
      }
    }
  }

  @Test("node and edge attribution, plain and integrated", arguments: InterventionReference.names)
  func attribution(_ name: String) throws {
    let subject = try InterventionReference(name)
    let file = try subject.measured("paths")
    for (reference, gradient) in [
      ("attribution", AttributionGradient.corrupted), ("attribution_ig", .integrated(steps: 5)),
    ] {
      let edges = try subject.model.edgeAttribution(
        clean: subject.clean, corrupted: subject.corrupted, metric: subject.metric, gradient: gradient)
      try expect(edges.nodes, file, "\(reference).node")
      try expect(edges.values.mean(axis: 2), file, "\(reference).edge")
      // The same nodes by the sweep of heads.
      let heads = try subject.model.attributionPatch(
        .attnHeadOutByPos, clean: subject.clean, corrupted: subject.corrupted, metric: subject.metric,
        gradient: gradient
      ).effect
      let expected = try file.tensor("\(reference).node")
      for (row, writer) in edges.writers.enumerated() {
        guard case .head(let layer, let head) = writer else { continue }
        let own = heads.slice(axis: 0, at: layer).slice(axis: 1, at: head).transposed()
        #expect(own.maximumDifference(from: expected.slice(axis: 0, at: row)) < tolerance, "\(writer)")
      }
    }
  }

  @Test("ablations of every head and MLP", arguments: InterventionReference.names)
  func ablations(_ name: String) throws {
    let subject = try InterventionReference(name)
    let file = try subject.measured("ablation")
    let cache = try subject.model.runWithCache(subject.clean).cache
    let kinds: [(String, Ablation)] = [
      ("zero", .zero), ("mean", .mean(of: cache, over: .global)),
      ("mean_by_position", .mean(of: cache, over: .positional)),
      ("resample", .resample(from: cache, examples: [1, 2, 3, 4, 0])), ("value_bias", .valueBias(of: subject.model)),
    ]
    for (kind, ablation) in kinds {
      let evaluate: (ActivationName, Int, [Int]?) throws -> Tensor = { activation, layer, heads in
        let hook = Hook.ablating(HookFilter([HookPoint(activation, layer: layer)]), heads: heads, by: ablation)
        return Tensor(try subject.model.evaluate(subject.metric, on: subject.clean, hooks: [hook]), [5])
      }
      let heads = try (0..<3).map { layer in Tensor.stacked(try (0..<4).map { try evaluate(.z, layer, [$0]) }) }
      try expect(Tensor.stacked(heads), file, "ablation.\(kind).heads")
      guard file.contains("ablation.\(kind).mlps") else { continue }
      try expect(Tensor.stacked(try (0..<3).map { try evaluate(.mlpOut, $0, nil) }), file, "ablation.\(kind).mlps")
    }
  }

  @Test("faithfulness, completeness and minimality of a circuit", arguments: InterventionReference.names)
  func circuits(_ name: String) throws {
    let subject = try InterventionReference(name)
    let file = try subject.measured("ablation")
    let circuit = Circuit([.head(0, 1), .head(0, 2), .head(1, 0), .head(1, 3), .head(2, 1), .head(2, 3)])
    let cache = try subject.model.runWithCache(subject.clean, names: .each(.z)).cache
    let evaluation = try CircuitEvaluation(
      subject.model, circuit, on: subject.clean, metric: subject.metric, ablation: .mean(of: cache, over: .positional))
    let faithfulness = try evaluation.faithfulness()
    try expect(Tensor(faithfulness.model, [5]), file, "circuit.M")
    try expect(Tensor(faithfulness.circuit, [5]), file, "circuit.C")
    try expect(Tensor(faithfulness.nothing, [5]), file, "circuit.none")
    let (c, m) = (try file.tensor("circuit.C").mean(), try file.tensor("circuit.M").mean())
    #expect(abs(faithfulness.difference - abs(m - c)) < tolerance)
    #expect(abs(faithfulness.ratio - c / m) < 1e-4)
    let without = try circuit.nodes.map { Tensor(try evaluation.circuit(without: [$0]), [5]) }
    try expect(Tensor.stacked(without), file, "circuit.C_without_each")
    let less = try circuit.nodes.map { Tensor(try evaluation.model(without: [$0]), [5]) }
    try expect(Tensor.stacked(less), file, "circuit.M_without_each")
    for (row, result) in try evaluation.minimality().enumerated() {
      #expect(abs(result.change - abs(without[row].mean() - c)) < tolerance)
    }
  }
}
