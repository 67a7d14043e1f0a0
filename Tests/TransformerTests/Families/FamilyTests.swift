// Every family against Hugging Face: logits, hidden states, loss and the gradient of the loss for every parameter.
//
// The reference is Hugging Face's own code run in float64 and rounded; run in float32 it is itself up to 1.4e-5 away
// from that (fixtures/transformer/VERSIONS.json), so logits are compared with `logits64`.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Families")
struct FamilyTests {
  private static let tolerance: Float = 2e-5

  @Test func `every fixture is tested`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: FamilyFixture.folder)
    #expect(folders.sorted() == (FamilyFixture.families + FamilyFixture.variants).sorted())
    #expect(
      Set(Family.all.map(\.modelType)).isSubset(
        of: try FamilyFixture.families.compactMap { name in
          try JSONValue(contentsOf: path(name) + "/config.json")["model_type"]?.string
        }))
  }

  @Test(arguments: FamilyFixture.families + FamilyFixture.variants)
  func `logits are Hugging Face's at every length and padding`(_ name: String) throws {
    let fixture = try FamilyFixture(name)
    for name in fixture.cases {
      let tokens = try fixture.tokens(name)
      #expect(try fixture.difference(fixture.model(tokens), "logits64.\(name)", tokens) <= Self.tolerance, "\(name)")
    }
  }

  @Test(arguments: FamilyFixture.families + FamilyFixture.variants)
  func `hidden states are Hugging Face's`(_ name: String) throws {
    let fixture = try FamilyFixture(name)
    let model = fixture.model
    let last = model.configuration.nLayers
    for name in fixture.cases {
      let tokens = try fixture.tokens(name)
      let cache = try model.runWithCache(
        tokens,
        names: .filter { point in
          point.activation == .residPre || point.activation == .residPost || point.activation == .lnFinalNormalized
        }
      ).cache
      for layer in 0..<last {
        let hidden = cache[HookPoint(.residPre, layer: layer)]
        #expect(try fixture.difference(hidden, "hidden.\(name).\(layer)", tokens) <= Self.tolerance, "\(name) \(layer)")
        if layer > 0 { #expect(cache[HookPoint(.residPost, layer: layer - 1)] == hidden) }
      }
      // The hook comes before weights and bias.
      var final = cache[HookPoint(.lnFinalNormalized)]
      if let w = model.lnFinal.w { final = final * w }
      if let b = model.lnFinal.b { final = final + b }
      #expect(try fixture.difference(final, "hidden.\(name).\(last)", tokens) <= Self.tolerance, "\(name) final")
    }
  }

  @Test(arguments: FamilyFixture.families + FamilyFixture.variants)
  func `the loss is Hugging Face's, and padding does not count`(_ name: String) throws {
    let fixture = try FamilyFixture(name)
    for name in fixture.cases where name != "one" {
      let expected = try fixture.reference.tensor("loss.\(name)").scalar
      #expect(abs(fixture.model.loss(try fixture.tokens(name)) - expected) <= Self.tolerance, "\(name)")
    }
  }

  @Test(arguments: [TokenBatch.PaddingSide.left, .right])
  func `padded rows have Hugging Face's mask and positions`(_ side: TokenBatch.PaddingSide) throws {
    let expected = try FamilyFixture("gpt2").tokens(side.rawValue)
    let (mask, places) = (try #require(expected.mask), try #require(expected.positionIDs))
    let rows = (0..<expected.batch).map { row in
      zip(expected[row], mask[(row * expected.positions)...]).filter(\.1).map(\.0)
    }
    let padded = TokenBatch(rows, padding: 0, on: side)
    #expect(padded.mask == mask)
    for place in mask.indices where mask[place] {
      #expect(padded.tokens[place] == expected.tokens[place])
      #expect(padded.positionIDs?[place] == places[place])
    }
  }

  @Test(arguments: FamilyFixture.families)
  func `the gradient of every parameter is Hugging Face's`(_ name: String) throws {
    let fixture = try FamilyFixture(name)
    let tokens = try fixture.tokens("sixteen")
    let gradients = fixture.model.valueAndGradients { fixture.model.loss(tokens, parameters: $0) }.gradients
    var translation = GradientTranslation(gradients, of: fixture.model, family: name)
    let names = fixture.reference.names.filter { $0.hasPrefix("grad.") }
    #expect(!names.isEmpty)
    for name in names {
      let expected = try fixture.reference.tensor(name)
      let translated = translation.gradient(of: String(name.dropFirst("grad.".count)))
      let found = try #require(translated, "\(name)")
      #expect(found.shape == expected.shape, "\(name)")
      #expect(found.maximumDifference(from: expected) <= Self.tolerance, "\(name)")
    }
    #expect(translation.unused == [])
  }

  @Test(arguments: ["gpt2", "gptj", "gpt-neo", "gpt-neox", "llama", "gemma2", "phi", "qwen3"])
  func `names without the prefix of the body are read too`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Checkpoint(at: path(name))
    let prefixes = ["transformer.", "gpt_neox.", "model."]
    let tensors = try checkpoint.names.map { stored in
      let prefix = prefixes.first { stored.hasPrefix($0) } ?? ""
      return (name: String(stored.dropFirst(prefix.count)), tensor: try checkpoint.tensor(stored))
    }
    try SafetensorsFile.write(tensors, to: folder.path + "/model.safetensors")
    let bare = try HookedTransformer(contentsOf: folder.path, configuration: path(name) + "/config.json")
    let model = try HookedTransformer(contentsOf: path(name))
    #expect(bare.configuration == model.configuration)
    #expect(bare.namedParameters.map(\.value) == model.namedParameters.map(\.value))
  }

  @Test func `a tied unembedding shares the embedding`() throws {
    let model = try HookedTransformer(contentsOf: path("gpt2-bin"))
    #expect(model.configuration.tiesEmbeddings)
    #expect(model.untiedUnembedding == nil)
  }

  @Test func `families that share one normalisation have it in both places`() throws {
    for name in ["gptj", "phi"] {
      let block = try HookedTransformer(contentsOf: path(name)).blocks[1]
      #expect(block.ln1.w == block.ln2.w)
      #expect(block.ln1.b == block.ln2.b)
    }
  }
}
