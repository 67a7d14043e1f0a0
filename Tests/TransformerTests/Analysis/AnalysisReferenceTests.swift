// Every analysis against TransformerLens 4.3 and its definitions in double precision (`fixtures/transformer/analysis`).

import Tensors
import Testing
import Transformer

@Suite("Analyses against TransformerLens")
struct AnalysisReferenceTests {
  private static let tolerance: Float = 2e-5

  /// The model, its run over the clean prompts, and the right and wrong answers.
  private func run(
    _ reference: AnalysisReference
  ) throws -> (
    model: HookedTransformer, tokens: TokenBatch, logits: Tensor, cache: ActivationCache, right: [Int], wrong: [Int]
  ) {
    let (model, prompts) = (try reference.model(), try reference.prompts())
    let (logits, cache) = try model.runWithCache(prompts.clean)
    return (model, prompts.clean, logits, cache, prompts.right, prompts.wrong)
  }

  /// The last position of each part.
  private func last(_ parts: Tensor) -> Tensor { parts.slice(axis: 2, at: parts.shape[2] - 1) }

  @Test("logits", arguments: AnalysisReference.all)
  func logits(_ reference: AnalysisReference) throws {
    #expect(try run(reference).logits.difference(from: reference.file("prompts")["logits.clean"]) < Self.tolerance)
  }

  @Test("stacks, their labels, and both normalisers", arguments: AnalysisReference.all)
  func stacks(_ reference: AnalysisReference) throws {
    let (model, _, _, cache, right, wrong) = try run(reference)
    let expected = try reference.file("residual")
    let stacks: [(name: String, stack: ResidualStack, isWhole: Bool)] = [
      ("accumulated_resid", try cache.accumulatedResid(includingMid: true), true),
      ("decompose_resid", try cache.decomposeResid(), true),
      ("stack_head_results", try cache.stackHeadResults(of: model, includingRemainder: true), true),
      ("full_resid_decomposition", try cache.fullResidDecomposition(of: model), false),
      (
        "full_resid_decomposition.layers", try cache.fullResidDecomposition(of: model, expandingNeurons: false), false
      ),
    ]
    for (name, stack, isWhole) in stacks {
      #expect(try stack.labels == reference.labels(name), "\(name)")
      #expect((isWhole ? stack.parts : last(stack.parts)).difference(from: expected[name]) < Self.tolerance, "\(name)")
      let final = try cache.applyLayerNorm(toStack: stack, .finalScale, of: model)
      #expect(last(final.parts).difference(from: expected["\(name).final_scale"]) < Self.tolerance, "\(name)")
      guard expected.names.contains("logit_attrs.\(name)") else { continue }
      let attributions = try cache.logitAttributions(of: stack, model: model, tokens: right, incorrectTokens: wrong)
      #expect(last(attributions).difference(from: expected["logit_attrs.\(name)"]) < Self.tolerance, "\(name)")
    }
    let normalized = try cache.fullResidDecomposition(of: model, normalizing: true)
    #expect(
      last(normalized.parts).difference(from: expected["full_resid_decomposition.final_scale"]) < Self.tolerance)
  }

  @Test("the logit lens", arguments: AnalysisReference.all)
  func lens(_ reference: AnalysisReference) throws {
    let (model, tokens, _, cache, _, _) = try run(reference)
    let expected = try reference.file("residual")
    let own = try cache.accumulatedResid(includingMid: true, applyingFinalNormalizationOf: model)
    #expect(last(own.parts).difference(from: expected["accumulated_resid.own_scale"]) < Self.tolerance)
    let lens = try cache.logitLens(
      of: model, includingMid: true, positions: tokens.positions - 1..<tokens.positions)
    #expect(last(lens.logits).difference(from: expected["logit_lens"]) < Self.tolerance)
  }

  @Test("direct logit attribution by every unit", arguments: AnalysisReference.all)
  func attribution(_ reference: AnalysisReference) throws {
    let (model, _, _, cache, right, wrong) = try run(reference)
    let expected = try reference.file("residual")
    for (unit, name) in [(AttributionUnit.component, "decompose_resid"), (.neuron, "full_resid_decomposition")] {
      let found = try cache.directLogitAttribution(of: model, by: unit, tokens: right, incorrectTokens: wrong)
      #expect(try found.labels == reference.labels(name))
      #expect(found.values.difference(from: expected["logit_attrs.\(name)"]) < Self.tolerance)
    }
    let heads = try cache.directLogitAttribution(of: model, by: .head, tokens: right, incorrectTokens: wrong)
    let known = expected["logit_attrs.stack_head_results"].slice(axis: 0, 0..<12)
    #expect(heads.values.slice(axis: 0, 0..<12).difference(from: known) < Self.tolerance)
  }

  @Test("norms, singular values, eigenvalues and copying scores", arguments: AnalysisReference.all)
  func circuits(_ reference: AnalysisReference) throws {
    let model = try reference.model()
    let expected = try reference.file("scores")
    for (name, matrix) in [("QK", model.QK), ("OV", model.OV)] {
      #expect(matrix.norm.difference(from: expected["\(name).norm"]) < Self.tolerance)
      #expect(try matrix.svd().S.difference(from: expected["\(name).singular_values"]) < Self.tolerance)
      #expect(try differences(matrix.eigenvalues(), expected["\(name).eigenvalues"]) < Self.tolerance)
    }
    #expect(try model.OV.eigenvalues().positivity.difference(from: expected["OV.copying_score"]) < Self.tolerance)
    let full = expected["full_OV.eigenvalues"]
    #expect(try differences(model.copyingEigenvalues(), full) < Self.tolerance * full.magnitudes().maximum())
    #expect(try model.copyingScores().difference(from: expected["full_OV.copying_score"]) < Self.tolerance)
  }

  /// The largest distance of an eigenvalue `[…, i]` from the nearest that is expected, `[…, i, 2]`, and the other way.
  private func differences(_ values: Eigenvalues, _ expected: Tensor) -> Float {
    let count = expected.shape[expected.rank - 2]
    let (real, imaginary, known) = (values.real.elements, values.imaginary.elements, expected.elements)
    guard real.count * 2 == known.count else { return .infinity }
    func distance(_ i: Int, _ j: Int) -> Float {
      let (x, y) = (real[i] - known[2 * j], imaginary[i] - known[2 * j + 1])
      return (x * x + y * y).squareRoot()
    }
    return real.indices.map { place in
      let group = place / count * count..<(place / count + 1) * count
      let near = group.map { distance(place, $0) }.min() ?? .infinity
      let back = group.map { distance($0, place) }.min() ?? .infinity
      return max(near, back)
    }.max() ?? .infinity
  }

  @Test("composition scores", arguments: AnalysisReference.all)
  func composition(_ reference: AnalysisReference) throws {
    let (model, expected) = (try reference.model(), try reference.file("scores"))
    for kind in Composition.allCases {
      let known = expected["composition.\(kind.rawValue.uppercased())"]
      #expect(try model.allCompositionScores(kind).difference(from: known) < Self.tolerance)
    }
  }

  @Test("head detectors by both measures and with every exclusion", arguments: AnalysisReference.all)
  func detectors(_ reference: AnalysisReference) throws {
    let (model, tokens, _, cache, _, _) = try run(reference)
    let expected = try reference.file("scores")
    let kinds: [(String, HeadPattern)] = [
      ("previous_token_head", .previousToken), ("duplicate_token_head", .duplicateToken),
      ("induction_head", .induction),
    ]
    for (name, kind) in kinds {
      let patterns = Tensor.stacked((0..<tokens.batch).map { kind.pattern(for: tokens[$0]) })
      #expect(patterns == expected["detect.\(name).pattern"])
      for measure in DetectionMeasure.allCases {
        for (suffix, bos, current) in [
          ("", false, false), ("-bos", true, false), ("-current", false, true), ("-bos-current", true, true),
        ] {
          let known = expected["detect.\(name).\(measure.rawValue)\(suffix)"]
          let found = try model.detectHead(
            tokens, kind, measure: measure, excludingBOS: bos, excludingCurrentToken: current)
          #expect(found.difference(from: known.mean(axis: 2)) < Self.tolerance)
          for row in 0..<tokens.batch {
            let single = try cache.rows(row..<row + 1).detectHead(
              tokens.rows(row..<row + 1), kind, measure: measure, excludingBOS: bos, excludingCurrentToken: current)
            #expect(single.difference(from: known.slice(axis: 2, at: row)) < Self.tolerance)
          }
        }
      }
    }
  }
}
