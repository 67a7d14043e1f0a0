// Every activation and gradient of every family, and the processed weights, against TransformerLens 4.3.

import Foundation
import Tensors
import Testing
import Transformer

@Suite("Parity with TransformerLens")
struct TransformerLensParityTests {
  @Test("logits, loss and every activation", arguments: LensFixture.all + LensFixture.families, LensCase.allCases)
  func activations(_ fixture: LensFixture, _ lensCase: LensCase) throws {
    let (model, file) = (try fixture.model(), try fixture.file("\(lensCase.rawValue).safetensors"))
    let tokens = try file.batch()
    let names = file.activations
    let (logits, cache) = try model.runWithCache(tokens, names: HookFilter(names))
    let label = "\(fixture)/\(lensCase.rawValue)"
    expectAgreement(
      logits.withoutPadding(tokens, betweenPositions: false), try file.tensor("logits64"), "\(label)/logits")
    expectAgreement(Tensor(model.loss(tokens)), try file.tensor("loss"), "\(label)/loss")
    #expect(names.count > 20)
    for name in names {
      let isBetween = HookPoint(name)?.activation.isBetweenPositions ?? false
      expectAgreement(
        cache[name].withoutPadding(tokens, betweenPositions: isBetween), try file.tensor(name), "\(label)/\(name)")
    }
    // What is computed without being asked for is what the reference has, apart from what it has on request.
    let everything = model.configuration.hookPoints.filter { !$0.activation.isOnRequest }.map(\.name)
    #expect(Set(everything).subtracting(names).isEmpty, "not in the reference")
  }

  @Test(
    "the gradient of the loss at every activation", arguments: LensFixture.all + LensFixture.families, LensCase.allCases
  )
  func gradients(_ fixture: LensFixture, _ lensCase: LensCase) throws {
    let (model, file) = (try fixture.model(), try fixture.file("\(lensCase.rawValue).safetensors"))
    let tokens = try file.batch()
    let names = file.activations.filter { file.contains("\($0)_grad") }
    #expect(names.count > 20)
    // Inputs of single heads split what is otherwise shared: they are asked for apart from the rest.
    let onRequest = names.filter { HookPoint($0)?.activation.isOnRequest ?? false }
    for group in [names.filter { !onRequest.contains($0) }] + onRequest.map({ [$0] }) where !group.isEmpty {
      let (_, _, gradients) = try model.gradients(tokens, at: HookFilter(group)) {
        HookedTransformer.nextTokenLoss($0, tokens)
      }
      for name in group {
        let isBetween = HookPoint(name)?.activation.isBetweenPositions ?? false
        expectAgreement(
          gradients[name].withoutPadding(tokens, betweenPositions: isBetween), try file.tensor("\(name)_grad"),
          "\(fixture)/\(lensCase.rawValue)/\(name)_grad")
      }
    }
  }

  @Test(
    "the gradient of the loss for every weight", arguments: LensFixture.all + LensFixture.families, LensCase.allCases)
  func weightGradients(_ fixture: LensFixture, _ lensCase: LensCase) throws {
    let (model, file) = (try fixture.model(), try fixture.file("\(lensCase.rawValue).safetensors"))
    let tokens = try file.batch()
    let (_, gradients) = model.valueAndGradients { model.loss(tokens, parameters: $0) }
    var slopes = model
    slopes.visitParameters { $1 = gradients[$0] }
    var compared = 0
    for (name, slope) in slopes.stateDictionary {
      let plain = name.replacing("attn._", with: "attn.")
      let isTied = model.configuration.tiesEmbeddings
      guard file.contains("\(plain)_grad"), !(isTied && plain == "unembed.W_U") else { continue }
      var expected = try file.tensor("\(plain)_grad")
      // The reference keeps two matrices where there is one here.
      if isTied && plain == "embed.W_E" { expected += try file.tensor("unembed.W_U_grad").transposed() }
      expectAgreement(slope, expected, "\(fixture)/\(lensCase.rawValue)/\(plain)_grad")
      compared += 1
    }
    #expect(compared >= model.namedParameters.count - 1)
  }

  @Test("every name that TransformerLens caches is known here or listed in the guide")
  func names() throws {
    let lens = LensFixture("layernorm-gelu")
    let table = try JSONDecoder().decode(
      [String: [String: [String]]].self, from: Data(contentsOf: URL(filePath: lens.path(of: "../names.json"))))
    let guide = try String(
      contentsOfFile: lens.path(of: "../../../../Sources/Transformer/Transformer.docc/ComingFromTransformerLens.md"),
      encoding: .utf8)
    for (model, names) in table {
      let points = Set(try LensFixture(model).model().configuration.hookPoints)
      #expect(names.count > 50)
      for (name, same) in names {
        guard let point = HookPoint(name) else {
          let tail = name.replacing(/^blocks\.\d+\./, with: "")
          #expect(guide.contains("`\(tail)`"), "\(name) is neither known nor listed")
          continue
        }
        #expect(points.contains(point), "\(name) of \(model)")
        // An alias stands for the same tensor. What only the MLP reads has no name of its own in the older ones.
        let canonical = point.activation == .mlpIn ? HookPoint(.residMid, layer: point.layer) : point
        #expect(same.contains(canonical.name), "\(name) of \(model) is not \(canonical)")
      }
    }
    // Where a norm follows, what attention writes is not what is added to the stream.
    let gemma = try LensFixture("family-gemma2").model()
    #expect(throws: HookError.self) { try gemma.runWithCache([1, 2], names: "blocks.0.attn.hook_out") }
    #expect(try gemma.runWithCache([1, 2], names: "blocks.0.attn.q.hook_out").cache.names == ["blocks.0.attn.hook_q"])
  }

  // MARK: - Processing

  private static let steps: [(name: String, step: Processing)] = [
    ("fold_ln", .foldedLayerNorm), ("center_writing_weights", .centeredWritingWeights),
    ("center_unembed", .centeredUnembedding), ("fold_value_biases", .foldedValueBiases), ("all", .standard),
  ]

  @Test("each step of processing, alone and all in turn", arguments: LensFixture.processed + LensFixture.families)
  func processing(_ fixture: LensFixture) throws {
    let (model, file) = (try fixture.model(), try fixture.file("processed.safetensors"))
    for (name, step) in Self.steps {
      let expected = file.names.filter { $0.hasPrefix("\(name)/") }
      guard !expected.isEmpty else { continue }
      let weights = Dictionary(
        uniqueKeysWithValues: try model.processed(step.intersection(model.exactSteps)).stateDictionary.map {
          ($0.name.replacing("attn._", with: "attn."), $0.tensor)
        })
      for key in expected {
        let weight = String(key.dropFirst(name.count + 1))
        // Gemma's norms multiply by 1 + w there, and by w here.
        let isShifted = fixture.description.hasPrefix("family-gemma") && weight.contains("ln") && weight.hasSuffix(".w")
        let reference = isShifted ? try file.tensor(key) + 1 : try file.tensor(key)
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

  @Test("refactored attention has TransformerLens's products and singular values", arguments: LensFixture.refactored)
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
