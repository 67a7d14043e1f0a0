// Every activation, gradient and processed weight against TransformerLens 4.3.

import Tensors
import Testing
import Transformer

@Suite("Parity with TransformerLens")
struct TransformerLensParityTests {
  @Test("logits, loss and every activation", arguments: LensFixture.all)
  func activations(_ fixture: LensFixture) throws {
    let (model, file) = (try fixture.model(), try fixture.file("cache.safetensors"))
    let tokens = try file.batch()
    let names = file.activations
    let (logits, cache) = try model.runWithCache(tokens, names: HookFilter(names))
    #expect(agree(logits, try file.tensor("logits64")))
    #expect(abs(model.loss(tokens) - (try file.tensor("loss").scalar)) < 2e-5)
    #expect(names.count > 20)
    for name in names { #expect(agree(cache[name], try file.tensor(name)), "\(name)") }
    // What is computed without being asked for is what the reference has, apart from what it has on request.
    let everything = model.configuration.hookPoints.filter { !$0.activation.isOnRequest }.map(\.name)
    #expect(Set(everything).subtracting(names).isEmpty, "not in the reference")
  }

  @Test("the gradient of the loss at every activation", arguments: LensFixture.all)
  func gradients(_ fixture: LensFixture) throws {
    let (model, file) = (try fixture.model(), try fixture.file("cache.safetensors"))
    let tokens = try file.batch()
    let names = file.activations.filter { file.contains("\($0)_grad") }
    #expect(names.count > 20)
    // Inputs of single heads split what is otherwise shared: they are asked for apart from the rest.
    let onRequest = names.filter { HookPoint($0)?.activation.isOnRequest ?? false }
    for group in [names.filter { !onRequest.contains($0) }] + onRequest.map({ [$0] }) where !group.isEmpty {
      let (_, _, gradients) = try model.gradients(tokens, at: HookFilter(group)) {
        HookedTransformer.nextTokenLoss($0, tokens)
      }
      for name in group { #expect(agree(gradients[name], try file.tensor("\(name)_grad")), "\(name)") }
    }
  }

  @Test("the gradient of the loss for every weight", arguments: LensFixture.all)
  func weightGradients(_ fixture: LensFixture) throws {
    let (model, file) = (try fixture.model(), try fixture.file("cache.safetensors"))
    let tokens = try file.batch()
    let (_, gradients) = model.valueAndGradients { model.loss(tokens, parameters: $0) }
    var slopes = model
    slopes.visitParameters { $1 = gradients[$0] }
    var compared = 0
    for (name, slope) in slopes.stateDictionary {
      let plain = name.replacing("attn._", with: "attn.")
      guard file.contains("\(plain)_grad") else { continue }
      #expect(agree(slope, try file.tensor("\(plain)_grad")), "\(name)")
      compared += 1
    }
    #expect(compared >= model.namedParameters.count - 1)
  }

  @Test(
    "models of other families, opened by TransformerLens",
    arguments: [
      ("gpt2", "family-gpt2"), ("llama-gqa", "family-llama-gqa"), ("gpt-neox", "family-gpt-neox"),
      ("gemma2", "family-gemma2"),
    ])
  func families(_ folder: String, _ fixture: String) throws {
    let lens = LensFixture(fixture)
    let file = try lens.file("cache.safetensors")
    let path = lens.path(of: "../../families/\(folder)")
    let model = try HookedTransformer(contentsOf: path)
    let names = file.activations
    let (logits, cache) = try model.runWithCache(try file.batch(), names: HookFilter(names))
    #expect(agree(logits, try file.tensor("logits64")))
    for name in names { #expect(agree(cache[name], try file.tensor(name)), "\(name)") }
  }

  // MARK: - Processing

  private static let steps: [(name: String, step: Processing)] = [
    ("fold_ln", .foldedLayerNorm), ("center_writing_weights", .centeredWritingWeights),
    ("center_unembed", .centeredUnembedding), ("fold_value_biases", .foldedValueBiases), ("all", .standard),
  ]

  @Test("each step of processing, alone and all in turn", arguments: LensFixture.processed)
  func processing(_ fixture: LensFixture) throws {
    let (model, file) = (try fixture.model(), try fixture.file("processed.safetensors"))
    for (name, step) in Self.steps {
      let expected = file.names.filter { $0.hasPrefix("\(name)/") }
      guard !expected.isEmpty else { continue }
      let exact = model.configuration.normalization.centers ? step : step.subtracting(.centeredWritingWeights)
      let weights = Dictionary(
        uniqueKeysWithValues: try model.processed(exact).stateDictionary.map {
          ($0.name.replacing("attn._", with: "attn."), $0.tensor)
        })
      for key in expected {
        let weight = String(key.dropFirst(name.count + 1))
        let reference = try file.tensor(key)
        guard let ours = weights[weight] else {
          // Folded normalisations stay as ones and zeros there; a bias that is not there is one of zeros.
          let neutral = weight.hasSuffix(".w") ? Tensor(ones: reference.shape) : Tensor(zeros: reference.shape)
          #expect(weight.contains("ln") || weight.contains("b_"), "\(key) is missing")
          #expect(reference.difference(from: neutral) == 0, "\(key) is missing")
          continue
        }
        #expect(agree(ours, reference), "\(key)")
      }
    }
  }

  @Test("every activation of the processed model", arguments: LensFixture.processedCaches)
  func processedActivations(_ fixture: LensFixture) throws {
    let (raw, file) = (try fixture.model(), try fixture.file("processed-cache.safetensors"))
    let tokens = try fixture.file("cache.safetensors").batch()
    let steps: Processing =
      raw.configuration.normalization.centers ? .standard : .standard.subtracting(.centeredWritingWeights)
    let names = file.activations
    let (logits, cache) = try raw.processed(steps).runWithCache(tokens, names: HookFilter(names))
    #expect(agree(logits, try file.tensor("logits")))
    #expect(names.count > 20)
    for name in names { #expect(agree(cache[name], try file.tensor(name)), "\(name)") }
  }

  @Test("refactored attention has TransformerLens's products and singular values", arguments: LensFixture.processed)
  func refactoring(_ fixture: LensFixture) throws {
    let (raw, file) = (try fixture.model(), try fixture.file("processed.safetensors"))
    let prefix = "refactor_factored_attn_matrices/"
    guard file.names.contains(where: { $0.hasPrefix(prefix) }) else {
      #expect(throws: ProcessingError.self) { try raw.processed(.refactoredAttention) }
      return
    }
    let model = try raw.processed(.refactoredAttention)
    let weights = Dictionary(uniqueKeysWithValues: model.stateDictionary.map { ($0.name, $0.tensor) })
    for layer in 0..<model.configuration.nLayers {
      func ours(_ name: String) throws -> Tensor { try #require(weights["blocks.\(layer).attn.\(name)"]) }
      func theirs(_ name: String) throws -> Tensor { try file.tensor("\(prefix)blocks.\(layer).attn.\(name)") }
      let scores = try ours("W_Q").matmul(try ours("W_K"), transposingSelf: false, transposingOther: true)
      #expect(
        agree(scores, try theirs("W_Q").matmul(try theirs("W_K"), transposingSelf: false, transposingOther: true)))
      #expect(agree(try ours("W_V").matmul(try ours("W_O")), try theirs("W_V").matmul(try theirs("W_O"))))
      // Columns agree but for their sign.
      for name in ["W_Q", "W_K", "W_V"] {
        #expect(agree(try ours(name).map(abs), try theirs(name).map(abs)), "\(name)")
      }
      #expect(agree(try ours("b_O"), try theirs("b_O")))
    }
    let tokens = try fixture.file("cache.safetensors").batch()
    #expect(agree(model(tokens), raw(tokens)))
  }
}
