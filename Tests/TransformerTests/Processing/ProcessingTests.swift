import Tensors
import Testing
import Transformer

@Suite("Processing of weights")
struct ProcessingTests {
  /// The steps that are exact for an architecture.
  private func steps(_ configuration: TransformerConfiguration) -> [Processing] {
    var steps: [Processing] = [.foldedValueBiases]
    let hasShortformerWeights = configuration.positions == .shortformer && configuration.normalization.hasWeights
    if !hasShortformerWeights && !(configuration.isGated && configuration.normalization == .layerNorm) {
      steps.append(.foldedLayerNorm)
    }
    if configuration.normalization.centers && configuration.unembeddingNormalization.centers {
      steps.append(.centeredWritingWeights)
    }
    if configuration.logitSoftCap == nil { steps.append(.centeredUnembedding) }
    return steps
  }

  @Test("changes no log-probability, one step or all", arguments: ZooModel.all)
  func exact(_ zoo: ZooModel) throws {
    let (model, tokens) = (zoo.model, someTokens(2, 6))
    let expected = model(tokens).logSoftmax()
    var all = model
    for step in steps(zoo.configuration) {
      let processed = try model.processed(step)
      #expect(processed.processing == step)
      #expect(processed(tokens).logSoftmax().difference(from: expected) < 2e-5, "\(step)")
      all = try all.processed(step)
    }
    #expect(all(tokens).logSoftmax().difference(from: expected) < 2e-5)
    #expect(model.processing == [])
  }

  @Test("without steps takes those that are exact, in every family", arguments: FamilyFixture.families)
  func families(_ name: String) throws {
    let model = try FamilyFixture(name).model
    let tokens = someTokens(2, 6, vocabulary: 61)
    let processed = try model.processed()
    #expect(processed(tokens).logSoftmax().difference(from: model(tokens).logSoftmax()) < 2e-5)
    let normalizesByMean = model.configuration.normalization == .layerNorm
    var expected: Processing = .standard
    if !normalizesByMean { expected.remove(.centeredWritingWeights) }
    if name == "gemma2" { expected.remove(.centeredUnembedding) }
    #expect(model.exactSteps == expected && processed.processing == expected)
    #expect(model.skippedSteps.count == (name == "gemma2" ? 2 : normalizesByMean ? 0 : 1))
    if expected != .standard {
      #expect(throws: ProcessingError.self) { try model.processed(.standard) }
      #expect(model.skippedSteps[0].description.contains("centered writing weights"))
    }
    #expect(!processed.namedParameters.contains { $0.name.contains(".ln1.") || $0.name.hasPrefix("ln_final") })
  }

  @Test("without steps takes no step that some architecture cannot", arguments: ZooModel.all)
  func exactSteps(_ zoo: ZooModel) throws {
    let model = zoo.model
    #expect(model.exactSteps == steps(zoo.configuration).reduce(into: []) { $0.insert($1) })
    #expect(try model.processed().processing == model.exactSteps)
  }

  @Test("folds, centres and empties what it says")
  func effects() throws {
    let model = try ZooModel.all[0].model.processed()
    #expect(model.processing == .standard)
    #expect(model.configuration.normalization == .layerNormPre)
    #expect(!model.namedParameters.contains { $0.name.contains("ln") })
    for block in model.blocks {
      #expect(block.attn.b_V?.norm() == 0)
      #expect(block.attn.W_Q.mean(axis: 0).difference(from: Tensor(zeros: [16])) < 1e-6)
      #expect(block.attn.W_O.mean(axis: 1).difference(from: Tensor(zeros: [16])) < 1e-6)
      #expect(block.mlp.map { $0.W_out.mean(axis: 1).norm() < 1e-5 } ?? false)
    }
    #expect(model.W_E.mean(axis: 1).norm() < 1e-5)
    #expect(model.W_U.mean(axis: 1).norm() < 1e-5)
    let logits = model(someTokens(1, 4))
    #expect(logits.mean(axis: 2).norm() < 1e-4)
  }

  @Test("taken again changes nothing")
  func idempotent() throws {
    let model = try ZooModel.all[0].model.processed()
    let again = try model.processed()
    #expect(again.namedParameters.map(\.value) == model.namedParameters.map(\.value))
  }

  @Test("refuses steps that would not be exact, and says why")
  func refusals() throws {
    let gemma = try #require(ZooModel.all.first { $0.description == "gemma2" }).model
    #expect(throws: ProcessingError.self) { try gemma.processed(.centeredUnembedding) }
    #expect(throws: ProcessingError.self) { try gemma.processed(.centeredWritingWeights) }
    var shortformer = try #require(ZooModel.all.first { $0.description.hasPrefix("shortformer") }).configuration
    shortformer.normalization = .layerNorm
    let model = HookedTransformer(shortformer, initializedFrom: RandomStream(seed: 0))
    #expect(throws: ProcessingError.self) { try model.processed(.foldedLayerNorm) }
    let sentence = ProcessingError.notExact(step: "centered unembedding", reason: "why").description
    #expect(sentence.contains("centered unembedding") && sentence.contains("why"))
  }
}
