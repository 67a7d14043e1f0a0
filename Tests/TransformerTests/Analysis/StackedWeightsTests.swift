import Tensors
import Testing
import Transformer

@Suite("Stacked weights")
struct StackedWeightsTests {
  @Test("have TransformerLens's shapes", arguments: ZooModel.all)
  func shapes(_ zoo: ZooModel) {
    let (model, c) = (zoo.model, zoo.configuration)
    #expect(model.W_Q.shape == [2, 4, 12, 4] && model.W_K.shape == [2, 4, 12, 4] && model.W_V.shape == [2, 4, 12, 4])
    #expect(model.W_O.shape == [2, 4, 4, 12])
    #expect(model.b_Q.shape == [2, 4, 4] && model.b_K.shape == [2, 4, 4] && model.b_V.shape == [2, 4, 4])
    #expect(model.b_O.shape == [2, 12])
    #expect(model.QK.shape == [2, 4, 12, 12] && model.OV.shape == [2, 4, 12, 12])
    #expect((model.W_gate != nil) == c.isGated)
    guard !c.isAttentionOnly else { return }
    #expect(model.W_in.shape == [2, 12, 20] && model.W_out.shape == [2, 20, 12])
    #expect(model.b_in.shape == [2, 20] && model.b_out.shape == [2, 12])
  }

  @Test("give each head what it computes with", arguments: ZooModel.all)
  func heads(_ zoo: ZooModel) throws {
    var plain = zoo.model
    let c = plain.configuration
    for layer in 0..<2 {
      plain.blocks[layer].ln1 = NormalizationWeights()
      plain.blocks[layer].ln1.w = c.normalization.hasWeights ? Tensor(ones: [12]) : nil
    }
    guard c.normalization != .none else { return }
    let (_, cache) = try plain.runWithCache(someTokens(1, 5))
    guard c.positions != .shortformer else { return }
    for layer in 0..<2 {
      let x = cache[.ln1Normalized, layer: layer].reshaped([5, 12])
      for head in 0..<4 {
        let keyValueHead = plain.keyValueHead(of: head)
        #expect(keyValueHead == head * c.nKeyValueHeads / 4)
        func activation(_ name: ActivationName, _ head: Int) -> Tensor {
          cache[name, layer: layer].slice(axis: 2, at: head).reshaped([5, 4])
        }
        func bias(_ stack: Tensor) -> Tensor { stack.slice(axis: 0, at: layer).slice(axis: 0, at: head) }
        let q = x.matmul(plain.W_Q(layer: layer, head: head)) + bias(plain.b_Q)
        let k = x.matmul(plain.W_K(layer: layer, head: head)) + bias(plain.b_K)
        let v = x.matmul(plain.W_V(layer: layer, head: head)) + bias(plain.b_V)
        #expect(q.difference(from: activation(.q, head)) < 2e-5)
        // Smeared keys are those of two positions.
        if !c.smearsKeys { #expect(k.difference(from: activation(.k, keyValueHead)) < 2e-5) }
        #expect(v.difference(from: activation(.v, keyValueHead)) < 2e-5)
        let (QK, OV) = (plain.QK[layer][head], plain.OV[layer][head])
        #expect(QK.AB == plain.QK(layer: layer, head: head).AB)
        #expect(OV.AB == plain.OV(layer: layer, head: head).AB)
      }
    }
  }

  @Test("of random heads compose by about one over the root of the width")
  func baseline() throws {
    let model = HookedTransformer(
      TransformerConfiguration(nLayers: 2, dModel: 48, nHeads: 4, dMLP: 0, dVocab: 5, nContext: 4),
      initializedFrom: RandomStream(seed: 1))
    let baseline = model.compositionBaseline(from: RandomStream(seed: 2))
    #expect(abs(baseline.mean - 1 / Float(48).squareRoot()) < 0.01)
    #expect(baseline.standardDeviation > 0 && baseline.standardDeviation < 0.02)
    #expect(baseline == model.compositionBaseline(from: RandomStream(seed: 2)))
    for kind in Composition.allCases {
      let scores = try model.allCompositionScores(kind)
      let pairs = scores.slice(axis: 0, at: 0).slice(axis: 1, at: 1)
      #expect(abs(pairs.mean() - baseline.mean) < 5 * baseline.standardDeviation)
      #expect(scores.slice(axis: 0, at: 1) == Tensor(zeros: [4, 2, 4]))
    }
  }

  @Test("compose as the full products do", arguments: ZooModel.all)
  func composition(_ zoo: ZooModel) throws {
    let model = zoo.model
    if model.configuration.normalization.hasWeights {
      #expect(throws: AnalysisError.self) { try model.allCompositionScores(.k) }
    }
    for (kind, transposes) in [(Composition.q, false), (.k, true), (.v, false)] {
      let scores = try model.allCompositionScores(kind, onRaw: true)
      for (sender, receiver) in [(0, 0), (1, 3), (3, 2)] {
        let A = model.OV(layer: 0, head: sender).AB
        let other = (kind == .v ? model.OV : model.QK)[1][receiver].AB
        let B = transposes ? other.transposed() : other
        #expect(abs(scores[0, sender, 1, receiver] - A.matmul(B).norm() / (A.norm() * B.norm())) < 2e-6)
      }
    }
  }

  @Test("copy as the eigenvalues of the full circuits say")
  func copying() throws {
    var configuration = ZooModel("rms").configuration
    configuration.normalization = .none
    for ties in [true, false] {
      configuration.tiesEmbeddings = ties
      let model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 4))
      let (scores, matching) = (try model.copyingScores(), try model.matchingScores())
      let through = try model.matchingScores(throughLayer: 0, head: 2)
      for head in 0..<4 {
        func positivity(_ matrix: Tensor) throws -> Float {
          let values = try matrix.eigen()
          let sizes = zip(values.realValues.elements, values.imaginaryValues.elements)
          return values.realValues.sum() / sizes.map { ($0 * $0 + $1 * $1).squareRoot() }.reduce(0, +)
        }
        let (E, OV, QK) = (model.W_E, model.OV(layer: 1, head: head).AB, model.QK(layer: 1, head: head).AB)
        #expect(abs(try positivity(E.matmul(OV).matmul(model.W_U)) - scores[1, head]) < 1e-3)
        #expect(abs(try positivity(E.matmul(QK).matmul(E, transposingOther: true)) - matching[1, head]) < 1e-3)
        let written = E.matmul(model.OV(layer: 0, head: 2).AB)
        #expect(abs(try positivity(E.matmul(QK).matmul(written, transposingOther: true)) - through[1, head]) < 1e-3)
        #expect(through[0, head] == 0)
      }
    }
  }
}
