import Foundation
import Tensors
import Testing
import Transformer

@Suite("Logit lens and direct logit attribution")
struct LogitAttributionTests {
  private let tokens = someTokens(3, 6)

  @Test("the lens ends in the model's own logits, folded or not", arguments: ZooModel.all)
  func lens(_ zoo: ZooModel) throws {
    for model in [zoo.model, try? zoo.model.processed([.foldedLayerNorm])].compactMap(\.self) {
      let (logits, cache) = try model.runWithCache(tokens)
      let lens = try cache.logitLens(of: model)
      #expect(lens.labels == ["0_pre", "1_pre", "final_post"])
      #expect(lens.logits.slice(axis: 0, at: 2).difference(from: logits) < 2e-5)
    }
  }

  @Test("the two normalisers answer different questions")
  func normalizers() throws {
    let model = try ZooModel("gpt2").model.processed([.foldedLayerNorm])
    let (_, cache) = try model.runWithCache(tokens)
    let stack = try cache.accumulatedResid()
    let own = try cache.applyLayerNorm(toStack: stack, .perLayer, of: model)
    let final = try cache.applyLayerNorm(toStack: stack, .finalScale, of: model)
    #expect(try cache.accumulatedResid(applyingFinalNormalizationOf: model).parts == own.parts)
    #expect(own["final_post"].difference(from: final["final_post"]) < 1e-5)
    #expect(own["0_pre"].difference(from: final["0_pre"]) > 0.1)
    // Each vector's own statistics leave it with variance one, but for epsilon.
    #expect(own["0_pre"].variance(axis: 2).difference(from: Tensor(ones: [3, 6])) < 1e-3)
    let read = try cache.applyLayerNorm(toStack: stack, .inputScale(layer: 1), of: model)
    #expect(read["1_pre"].difference(from: cache[.ln1Normalized, layer: 1]) < 1e-5)
    let mlp = try cache.applyLayerNorm(
      toStack: cache.decomposeResid(layer: 1, mlpInput: true), .inputScale(layer: 1, ofMLP: true), of: model)
    #expect(mlp.sum.difference(from: cache[.ln2Normalized, layer: 1]) < 1e-5)
  }

  @Test("ranks and differences of tokens are those of the logits")
  func ranks() throws {
    let model = ZooModel("gpt2").model
    let (logits, cache) = try model.runWithCache(tokens)
    let lens = try cache.logitLens(of: model, includingMid: true)
    let last = lens.labels.count - 1
    let top = logits.argmax(axis: 2)
    #expect(lens.ranks(of: top).slice(axis: 0, at: last) == Tensor(zeros: [3, 6]))
    #expect(Array(lens.topTokens.suffix(18)) == top)
    let row = lens.ranks(of: [4]).slice(axis: 0, at: last)
    for (place, rank) in row.elements.enumerated() {
      let values = logits.elements[place * 11..<(place + 1) * 11]
      #expect(rank == Float(values.count { $0 > values[values.startIndex + 4] }))
    }
    let differences = lens.logitDifferences(tokens: [1, 2, 3], incorrectTokens: [4]).slice(axis: 0, at: last)
    #expect(abs(differences[2, 5] - (logits[2, 5, 3] - logits[2, 5, 4])) < 2e-5)
  }

  @Test("attributions sum to the logit difference", arguments: ZooModel.all, AttributionUnit.allCases)
  func attributions(_ zoo: ZooModel, unit: AttributionUnit) throws {
    guard let model = try? zoo.model.processed([.foldedLayerNorm]) else { return }
    let (_, cache) = try model.runWithCache(tokens)
    // Attributions sum to the logits before their cap.
    let logits = try cache.logitLens(of: model).logits.slice(axis: 0, at: 2)
    let (right, wrong) = ([1, 2, 3], [4, 5, 6])
    let found = try cache.directLogitAttribution(
      of: model, by: unit, tokens: right, incorrectTokens: wrong, position: 4)
    #expect(found.values.shape == [found.labels.count, 3])
    for row in 0..<3 {
      func logit(_ token: Int) -> Float {
        let value = logits[row, 4, token]
        guard let cap = model.configuration.logitSoftCap else { return value - (model.b_U?[token] ?? 0) }
        return cap * atanh(value / cap) - (model.b_U?[token] ?? 0)
      }
      #expect(abs(found.total[row] - (logit(right[row]) - logit(wrong[row]))) < 5e-5)
    }
  }

  @Test("attributions of all positions are those of each")
  func positions() throws {
    let model = try ZooModel("gpt2").model.processed()
    let (_, cache) = try model.runWithCache(tokens)
    let stack = try cache.decomposeResid()
    let all = try cache.logitAttributions(of: stack, model: model, tokens: [7])
    let one = try cache.directLogitAttribution(of: model, by: .component, tokens: [7], position: 2)
    #expect(all.slice(axis: 2, at: 2).difference(from: one.values) < 1e-6)
    let last = try cache.directLogitAttribution(of: model, by: .neuron, tokens: [7])
    #expect(last.labels.count == 8 + 40 + 3)
    #expect(all.slice(axis: 2, at: 5).sum(axis: 0).difference(from: last.total) < 2e-5)
  }

  @Test("attributions refuse a model whose normalisation is not folded")
  func refused() throws {
    let model = ZooModel("gpt2").model
    let (_, cache) = try model.runWithCache(tokens)
    let stack = try cache.decomposeResid()
    let expected = AnalysisError.unfoldedNormalization(
      analysis: "direct logit attribution", normalization: "ln_final")
    #expect(throws: expected) { try cache.logitAttributions(of: stack, model: model, tokens: [1]) }
    #expect(throws: expected) { try cache.directLogitAttribution(of: model, by: .head, tokens: [1]) }
    #expect(throws: AnalysisError.self) { try model.copyingScores() }
    #expect(throws: AnalysisError.self) { try model.matchingScores() }
    #expect(throws: AnalysisError.self) { try cache.copyingShares(of: model, tokens) }
  }
}
