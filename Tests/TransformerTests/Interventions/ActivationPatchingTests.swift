// Patches that start in the middle of a run are those that hooks make in a whole one.

import Tensors
import Testing

@testable import Transformer

@Suite("Activation patching") struct ActivationPatchingTests {
  /// Every sweep that is not a combination of others.
  static let sweeps: [PatchSweep] = [
    .residPre, .residMid, .attnOut, .mlpOut, .attnHeadOutByPos, .attnHeadQByPos, .attnHeadKByPos, .attnHeadVByPos,
    .attnHeadPatternByPos, .attnHeadPatternDestSrcPos, .attnHeadOutAllPos, .attnHeadQAllPos, .attnHeadKAllPos,
    .attnHeadVAllPos, .attnHeadPatternAllPos, PatchSweep(.post, by: [.layer, .neuron]),
    PatchSweep(.attnScores, by: [.layer, .head, .pos]), PatchSweep(.residPost, by: [.pos, .layer]),
    PatchSweep(.ln1Scale, by: [.layer, .pos]), PatchSweep(.embed, by: [.pos]), PatchSweep(.mlpIn, by: [.layer]),
    PatchSweep(.rotQ, by: [.layer, .head]), PatchSweep(.result, by: [.layer, .head]),
    PatchSweep(.pre, by: [.layer, .pos]),
  ]

  @Test("equals a whole run with a hook, in every architecture", arguments: InterventionModel.all)
  func equalsPlainHooks(_ subject: InterventionModel) throws {
    let model = subject.model
    let points = Set(model.configuration.hookPoints.map(\.activation))
    let cache = try model.runWithCache(
      subject.clean,
      names: .each(ActivationPatchingTests.sweeps.flatMap(\.kinds).map(\.activation).filter(points.contains))
    ).cache
    for sweep in ActivationPatchingTests.sweeps where points.contains(sweep.kinds[0].activation) {
      let result = try model.activationPatch(
        sweep, corrupted: subject.corrupted, cleanCache: cache, metric: subject.metric, tokensAtOnce: 64)
      let cells = PatchSweep.cells(Array(result.values.shape.dropLast()))
      let values = result.values.reshaped([cells.count, subject.clean.batch])
      var effect: Float = 0
      for (index, cell) in cells.enumerated() where index.isMultiple(of: 1 + cells.count / 16) {
        let point = sweep.point(of: cell, sweep.kinds[0])
        let expected = try subject.plain(
          subject.corrupted, [patch(point, dictionary(sweep.axes, cell), cache[point])])
        let found = values.slice(axis: 0, at: index).elements
        // Without normalisation the numbers are large: rounding is relative.
        let size = max(1, expected.map(\.magnitude).max() ?? 1)
        #expect(largestDifference(found, expected) < 1e-5 * size, "\(sweep.kinds[0].name) at \(cell)")
        effect = max(effect, largestDifference(found, result.baseline))
      }
      // A patch that did nothing would agree with a hook that did nothing.
      #expect(effect > 1e-3, "\(sweep.kinds[0].name) changes nothing")
    }
  }

  /// A patch written out element by element, knowing nothing of regions.
  private func patch(_ point: HookPoint, _ cell: [PatchAxis: Int], _ clean: Tensor) -> Hook {
    Hook(HookFilter([point])) { value, _ in
      let shape = value.shape
      let isBetween = point.activation.isBetweenPositions
      for flat in 0..<value.count {
        var (rest, index) = (flat, Array(repeating: 0, count: shape.count))
        for axis in shape.indices.reversed() {
          index[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        let position = isBetween ? index[2] : index[1]
        var isPatched = true
        if let p = cell[.pos] { isPatched = isPatched && position == p }
        if let p = cell[.destPos] { isPatched = isPatched && index[2] == p }
        if let p = cell[.srcPos] { isPatched = isPatched && index[3] == p }
        if let h = cell[.head] { isPatched = isPatched && (isBetween ? index[1] : index[2]) == h }
        if let n = cell[.neuron] { isPatched = isPatched && index[shape.count - 1] == n }
        if isPatched { value.withUnsafeMutableElements { $0[flat] = clean.withUnsafeElements { $0[flat] } } }
      }
    }
  }

  private func dictionary(_ axes: [PatchAxis], _ cell: [Int]) -> [PatchAxis: Int] {
    Dictionary(uniqueKeysWithValues: zip(axes, cell))
  }

  @Test("does not depend on how many tokens run at once", arguments: [1, 7, 25, 1000])
  func chunks(_ tokensAtOnce: Int) throws {
    let subject = InterventionModel(.layerNorm)
    let cache = try subject.cleanCache
    func values(_ count: Int?) throws -> [Float] {
      try subject.model.activationPatch(
        .attnHeadOutByPos, corrupted: subject.corrupted, cleanCache: cache, metric: subject.metric, tokensAtOnce: count
      ).values.elements
    }
    #expect(largestDifference(try values(tokensAtOnce), try values(nil)) < 1e-5)
  }

  @Test("a patch from the same run changes nothing", arguments: InterventionModel.all)
  func sameRun(_ subject: InterventionModel) throws {
    let result = try subject.model.activationPatch(
      .attnHeadAllPosEvery, corrupted: subject.corrupted, cleanCache: subject.corruptedCache, metric: subject.metric)
    let real = result.effect.elements.filter { !$0.isNaN }
    #expect(!real.isEmpty && real.allSatisfy { $0.magnitude < 1e-5 })
  }

  @Test("the first stream at all positions is the clean run")
  func wholeStream() throws {
    let subject = InterventionModel(.layerNorm)
    let result = try subject.model.activationPatch(
      PatchSweep(.residPre, by: [.layer]), corrupted: subject.corrupted, cleanCache: subject.cleanCache,
      metric: subject.metric)
    let clean = try subject.model.evaluate(subject.metric, on: subject.clean)
    for layer in 0..<3 {
      #expect(largestDifference(result.values.slice(axis: 0, at: layer).elements, clean) < 1e-5)
      #expect(
        largestDifference(result.normalized(clean: clean).values.slice(axis: 0, at: layer).elements, [1, 1, 1]) < 1e-4)
    }
  }

  @Test("swapping clean and corrupted mirrors normalised scores of whole streams")
  func swapping() throws {
    let subject = InterventionModel(.parallel)
    let (clean, corrupted) = (subject.clean, subject.corrupted)
    let sweep = PatchSweep(.residPost, by: [.layer])
    let forth = try subject.model.activationPatch(
      sweep, corrupted: corrupted, cleanCache: subject.cleanCache, metric: subject.metric)
    let back = try subject.model.activationPatch(
      sweep, corrupted: clean, cleanCache: subject.corruptedCache, metric: subject.metric)
    #expect(largestDifference(forth.effect.elements, (-back.effect).elements) < 1e-5)
    let score = forth.normalized(clean: back.baseline).values
    let swapped = forth.normalized(clean: forth.baseline, corrupted: back.baseline).values
    #expect((score + swapped).isApproximatelyEqual(to: Tensor(ones: score.shape), absolute: 1e-4))
  }

  @Test("combined sweeps are their parts, with NaN where no key head is")
  func combined() throws {
    let subject = InterventionModel(.grouped)
    let cache = try subject.cleanCache
    func sweep(_ sweep: PatchSweep) throws -> PatchingResult {
      try subject.model.activationPatch(
        sweep, corrupted: subject.corrupted, cleanCache: cache, metric: subject.metric)
    }
    let every = try sweep(.attnHeadByPosEvery)
    #expect(every.axes == ["patch_type", "layer", "pos", "head"] && every.values.shape == [5, 3, 5, 4, 3])
    #expect(every.patchTypes == ["out", "q", "k", "v", "pattern"])
    #expect(every["out"].values == (try sweep(.attnHeadOutByPos).values))
    let pattern = try sweep(.attnHeadPatternByPos).values.transposed([0, 2, 1, 3])
    #expect(every["pattern"].values.isApproximatelyEqual(to: pattern, absolute: 1e-5))
    let keys = every["k"].values
    #expect(keys.slice(axis: 2, 0..<2) == (try sweep(.attnHeadKByPos).values))
    #expect(keys.slice(axis: 2, 2..<4).elements.allSatisfy { $0.isNaN })
    let block = try sweep(.blockEvery)
    #expect(block["mlp_out"].values == (try sweep(.mlpOut).values) && block.values.shape == [3, 3, 5, 3])
  }

  @Test("chosen cells are those of the whole sweep")
  func cells() throws {
    let subject = InterventionModel(.layerNorm)
    let cells = [[2, 1], [0, 3], [2, 0]]
    func sweep(_ cells: [[Int]]?) throws -> PatchingResult {
      try subject.model.activationPatch(
        .attnHeadQAllPos, corrupted: subject.corrupted, cleanCache: subject.cleanCache, metric: subject.metric,
        cells: cells)
    }
    let (some, all) = (try sweep(cells), try sweep(nil))
    #expect(some.axes == ["cell"])
    for (row, cell) in cells.enumerated() {
      for example in 0..<3 {
        #expect((some.values[row, example] - all.values[cell[0], cell[1], example]).magnitude < 1e-5)
      }
    }
  }

  @Test("metrics at earlier positions read what whole runs have there", arguments: InterventionModel.all)
  func earlierPositions(_ subject: InterventionModel) throws {
    for place in 1..<4 {
      let metric = Metric.logitDifference(
        correct: [1, 2, 3], incorrect: [4, 5, 6], positions: .each([place, place, place]))
      let result = try subject.model.activationPatch(
        PatchSweep(.residPre, by: [.layer]), corrupted: subject.corrupted, cleanCache: subject.cleanCache,
        metric: metric)
      let logits = subject.model(subject.clean)
      let expected = (0..<3).map { logits[$0, place, $0 + 1] - logits[$0, place, $0 + 4] }
      let size = max(1, expected.map(\.magnitude).max() ?? 1)
      for layer in 0..<3 {
        let found = result.values.slice(axis: 0, at: layer).elements
        #expect(largestDifference(found, expected) < 1e-5 * size, "layer \(layer), position \(place)")
      }
    }
  }

  @Test("padding is masked in patched runs, and the last token read is no padding")
  func padding() throws {
    let subject = InterventionModel(.layerNorm)
    let clean = TokenBatch([[1, 2, 3, 4, 5], [6, 7, 8], [2, 9, 4, 1]], padding: 0, on: .right)
    let corrupted = TokenBatch([[1, 7, 3, 4, 5], [6, 2, 8], [2, 3, 4, 1]], padding: 0, on: .right)
    let cache = try subject.model.runWithCache(clean).cache
    let result = try subject.model.activationPatch(
      .attnHeadVAllPos, corrupted: corrupted, cleanCache: cache, metric: subject.metric)
    let alone = try subject.model.activationPatch(
      .attnHeadVAllPos, corrupted: [6, 2, 8], cleanCache: subject.model.runWithCache([6, 7, 8]).cache,
      metric: .logitDifference(correct: [1], incorrect: [4]))
    let middle = result.values.slice(axis: 2, 1..<2)
    #expect(largestDifference(middle.elements, alone.values.elements) < 1e-5)
  }

  @Test("knock-outs by hooks stay in force behind and beside the patch", arguments: InterventionModel.all)
  func hooks(_ subject: InterventionModel) throws {
    let points = Set(subject.model.configuration.hookPoints.map(\.activation))
    let sweeps = [
      PatchSweep.attnHeadOutAllPos, .residPre, .attnHeadPatternAllPos, .residMid, .mlpOut,
      PatchSweep(.residPost, by: [.layer]), PatchSweep(.mlpIn, by: [.layer]), PatchSweep(.post, by: [.layer]),
    ].filter { points.contains($0.kinds[0].activation) }
    let cache = try subject.model.runWithCache(
      subject.clean, names: .each(sweeps.flatMap(\.kinds).map(\.activation))
    ).cache
    let knockOut = [
      Hook.ablating(.each(.z), heads: [1], by: .zero),
      Hook(.each(.attnOut)) { value, _ in value = value * 0.5 + 0.1 },
      Hook("hook_embed") { value, _ in value = value * 0.9 },
      Hook(.each(.residPre)) { value, _ in value = value + 0.05 },
    ]
    for sweep in sweeps {
      let result = try subject.model.activationPatch(
        sweep, corrupted: subject.corrupted, cleanCache: cache, metric: subject.metric, hooks: knockOut)
      let cells = PatchSweep.cells(Array(result.values.shape.dropLast()))
      let values = result.values.reshaped([cells.count, 3])
      for (index, cell) in cells.enumerated() {
        let point = sweep.point(of: cell, sweep.kinds[0])
        let expected = try subject.plain(
          subject.corrupted, knockOut + [patch(point, dictionary(sweep.axes, cell), cache[point])])
        let size = max(1, expected.map(\.magnitude).max() ?? 1)
        #expect(largestDifference(values.slice(axis: 0, at: index).elements, expected) < 1e-5 * size)
      }
    }
  }

  @Test("a clean cache that lacks something, or is of other tokens, is refused by name")
  func refusals() throws {
    let subject = InterventionModel(.layerNorm)
    let other = try subject.model.runWithCache([1, 2, 3]).cache
    let few = try subject.model.runWithCache(subject.clean, names: .each(.z, layers: [0])).cache
    for (cache, error) in [
      (few, InterventionError.missing("blocks.1.attn.hook_z", from: "the clean cache")),
      (other, .shape("blocks.0.attn.hook_z", expected: [3, 5, 4, 4], found: [1, 3, 4, 4])),
    ] {
      #expect(throws: error) {
        try subject.model.activationPatch(
          .attnHeadOutAllPos, corrupted: subject.corrupted, cleanCache: cache, metric: subject.metric)
      }
    }
  }
}
