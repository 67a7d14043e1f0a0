// What is wrong with a model's folder is said in a sentence that names the file and the key or the tensor.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Loading refuses")
struct LoadingErrorTests {
  /// The error of loading a fixture whose configuration or tensors were changed; nil when it loads.
  private func error(
    _ fixture: String, keys: [String: JSONValue] = [:], without absent: [String] = [],
    tensors change: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> String? {
    let folder = try TemporaryFolder()
    let original = try #require(try JSONValue(contentsOf: path(fixture) + "/config.json").object)
    var object = JSONObject()
    for member in original.members where keys[member.key] == nil && !absent.contains(member.key) {
      _ = object.append(member.key, member.value)
    }
    for (key, value) in keys.sorted(by: { $0.key < $1.key }) { _ = object.append(key, value) }
    _ = try folder.file("config.json", Array(object.text.utf8))
    let checkpoint = try Checkpoint(at: path(fixture))
    var tensors = try checkpoint.names.map { (name: $0, tensor: try checkpoint.tensor($0)) }
    change(&tensors)
    try SafetensorsFile.write(tensors, to: folder.path + "/model.safetensors")
    do throws(CheckpointError) {
      _ = try HookedTransformer(contentsOf: folder.path)
      return nil
    } catch {
      #expect(error.file.hasPrefix(folder.path))
      return "\(URL(filePath: error.file).lastPathComponent): \(error.reason)"
    }
  }

  @Test func `nothing when nothing is wrong`() throws {
    for name in FamilyFixture.families { #expect(try error(name) == nil, "\(name)") }
  }

  // MARK: - Tensors

  @Test func `a tensor that is missing`() throws {
    #expect(
      try error("llama", tensors: { $0.removeAll { $0.name == "model.layers.1.mlp.up_proj.weight" } })?
        .hasSuffix("holds no tensor 'model.layers.1.mlp.up_proj.weight'; one of shape [24, 16] was expected") == true)
    #expect(
      try error("llama", tensors: { $0.removeAll { $0.name == "lm_head.weight" } })?
        .hasSuffix("holds no tensor 'lm_head.weight'; one of shape [61, 16] was expected") == true)
    #expect(
      try error("gpt2", tensors: { $0.removeAll { $0.name == "transformer.wte.weight" } })?.hasSuffix(
        "holds no tensor 'transformer.wte.weight'; it was expected under this name or 'wte.weight'") == true)
  }

  @Test func `a tensor that is left over`() throws {
    #expect(
      try error("llama", tensors: { $0.append(("model.layers.1.mlp.up_proj.bias", Tensor(zeros: [24]))) })?.hasSuffix(
        "holds 'model.layers.1.mlp.up_proj.bias', for which the configured model has no place") == true)
    #expect(
      try error("gpt2", keys: ["n_layer": .integer(1)])?.contains(" and 11 more, for which") == true)
  }

  @Test func `a tensor of another shape`() throws {
    let found = try error(
      "gpt2",
      tensors: { tensors in
        for index in tensors.indices where tensors[index].name == "transformer.h.0.ln_1.weight" {
          tensors[index].tensor = Tensor(zeros: [17])
        }
      })
    #expect(found?.hasSuffix("tensor 'transformer.h.0.ln_1.weight' has the shape [17]; [16] was expected") == true)
    // A size that the configuration gets wrong shows in the first tensor that has it.
    #expect(try error("opt", keys: ["vocab_size": .integer(62)])?.contains("[61, 16]; [62, 16] was expected") == true)
    #expect(try error("qwen3", keys: ["head_dim": .integer(4)])?.contains("[24, 16]; [16, 16] was expected") == true)
  }

  // MARK: - Keys

  @Test func `a family that is not known`() throws {
    #expect(
      try error("llama", keys: ["model_type": .string("mamba")])
        == """
        config.json: the key 'model_type' is 'mamba'; one of gpt2, gpt_neo, gptj, gpt_neox, opt, llama, mistral, qwen2, \
        qwen3, gemma, gemma2, phi was expected
        """)
    #expect(
      try error("llama", keys: ["architectures": .array([.string("LlamaForSequenceClassification")])])?
        .contains("the key 'architectures' is LlamaForSequenceClassification") == true)
    #expect(try error("llama", without: ["model_type", "architectures"])?.contains("names a known family") == true)
    #expect(try error("llama", without: ["model_type"]) == nil)
    #expect(try error("llama", without: ["architectures"]) == nil)
  }

  @Test(arguments: [
    ("gpt2", "add_cross_attention", JSONValue.bool(true)),
    ("gpt2", "quantization_config", .object(JSONObject())),
    ("opt", "do_layer_norm_before", .bool(false)),
    ("opt", "_remove_final_layer_norm", .bool(true)),
    ("opt", "word_embed_proj_dim", .integer(8)),
    ("llama", "mlp_bias", .bool(true)),
    ("gemma", "use_bidirectional_attention", .bool(true)),
    ("phi", "qk_layernorm", .bool(true)),
  ])
  func `an option that is not supported`(_ fixture: String, _ key: String, _ value: JSONValue) throws {
    let found = try #require(try error(fixture, keys: [key: value]))
    #expect(found.hasPrefix("config.json: the key '\(key)' is "))
    #expect(found.contains("which is not supported"))
  }

  @Test(arguments: [
    ("gpt2", "activation_function", JSONValue.string("mish"), "'mish'; one of gelu, "),
    ("gpt2", "n_embd", .string("16"), "'16'; a positive integer was expected"),
    ("gpt2", "n_embd", .integer(-16), "-16; a positive integer was expected"),
    ("gpt2", "n_embd", .integer(1 << 40), "1099511627776; a positive integer was expected"),
    ("gpt2", "n_layer", .integer(1_000_000), "1000000; at most 10000 was expected"),
    ("gpt2", "n_head", .integer(3), "3, which does not divide the width of 16"),
    ("gpt2", "tie_word_embeddings", .integer(1), "1; true or false was expected"),
    ("gpt-neo", "attention_types", .array([]), "describes 0 layers; 2 was expected"),
    ("gptj", "rotary_dim", .integer(10), "10; an even number up to 8 was expected"),
    ("llama-gqa", "num_key_value_heads", .integer(3), "3, which does not divide the 4 heads"),
    ("gemma2", "layer_types", .array([.string("full_attention")]), "lists 1 layers; 2 was expected"),
    ("gemma2", "attn_logit_softcapping", .integer(0), "0; a positive number was expected"),
  ])
  func `a value that is not possible`(_ fixture: String, _ key: String, _ value: JSONValue, _ reason: String) throws {
    let found = try #require(try error(fixture, keys: [key: value]))
    #expect(found.hasPrefix("config.json: the key '\(key)' "), "\(found)")
    #expect(found.contains(reason), "\(found)")
  }

  @Test func `a key that is missing`() throws {
    #expect(try error("gpt2", without: ["n_embd"]) == "config.json: the key 'n_embd' is missing")
    #expect(
      try error("gpt2", without: ["n_positions"]) == "config.json: the key 'n_positions' or 'n_ctx' is missing")
  }

  @Test(arguments: ["yarn", "dynamic", "longrope"]) func `a stretching of rotations that is not known`(
    _ type: String
  ) throws {
    var scaling = JSONObject()
    _ = scaling.append("rope_type", .string(type))
    _ = scaling.append("factor", .integer(2))
    for key in ["rope_parameters", "rope_scaling"] {
      #expect(
        try error("llama", keys: [key: .object(scaling)], without: ["rope_parameters"])
          == "config.json: the key 'rope_type' is '\(type)', which is not supported; default, linear and llama3 are")
    }
  }

  @Test func `a folder without a configuration, and a file that is none`() throws {
    let folder = try TemporaryFolder()
    try SafetensorsFile.write([("w", Tensor(zeros: [1]))], to: folder.path + "/model.safetensors")
    let missing = #expect(throws: CheckpointError.self) { try HookedTransformer(contentsOf: folder.path) }
    #expect(missing?.file == folder.path + "/config.json")
    _ = try folder.file("config.json", Array("[1]".utf8))
    let other = #expect(throws: CheckpointError.self) { try HookedTransformer(contentsOf: folder.path) }
    #expect(other?.reason == "holds a list; an object was expected")
    #expect(throws: CheckpointError.self) { try HookedTransformer(contentsOf: folder.path + "/nothing") }
  }
}
