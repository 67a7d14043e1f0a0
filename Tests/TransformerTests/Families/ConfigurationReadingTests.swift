// What the keys of config.json mean, where no fixture has them: spellings of other years, defaults, and choices.

import Tensors
import Testing

@testable import Transformer

@Suite("Configurations of families")
struct ConfigurationReadingTests {
  /// The architecture of a fixture with other keys; a value of null takes a key away.
  private func configuration(_ fixture: String, _ json: String) throws -> TransformerConfiguration {
    let original = try #require(try JSONValue(contentsOf: path(fixture) + "/config.json").object)
    let changes = try #require(try JSONValue(json).object)
    var object = JSONObject()
    for member in changes.members where !member.value.isNull { _ = object.append(member.key, member.value) }
    for member in original.members where changes[member.key] == nil { _ = object.append(member.key, member.value) }
    let file = try ConfigurationFile(path: "config.json", .object(object))
    return try Family.of(file).model(file).configuration
  }

  @Test func `a stretched rotation under both spellings`() throws {
    let expected = Rotary(dimension: 4, base: 500, scaling: .linear(factor: 4))
    for json in [
      #"{"rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 500}}"#,
      #"{"rope_parameters": null, "rope_scaling": {"type": "linear", "factor": 4}, "rope_theta": 500.0}"#,
    ] { #expect(try configuration("llama", json).positions.rotary == expected) }
    let llama3 = try configuration("llama3", "{}").positions.rotary
    #expect(
      llama3?.scaling == .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 16))
  }

  @Test func `the part of a head that is rotated`() throws {
    #expect(
      try configuration("gpt-neox", #"{"rope_parameters": null, "rotary_pct": 0.25}"#).positions.rotary?.dimension == 2)
    #expect(try configuration("gpt-neox", #"{"rope_parameters": null}"#).positions.rotary?.dimension == 2)
    #expect(try configuration("phi", #"{"rope_parameters": null}"#).positions.rotary?.dimension == 4)
    #expect(
      try configuration("phi", #"{"rope_parameters": null, "partial_rotary_factor": 0.25}"#).positions.rotary?.dimension
        == 2)
    #expect(try configuration("llama", #"{"rope_parameters": null}"#).positions.rotary == Rotary(dimension: 4))
  }

  @Test func `windows`() throws {
    #expect(try configuration("mistral", "{}").windows == [4, 4])
    // Absent is the 4096 of Mistral 7B v0.1; later releases have none and say so.
    #expect(try configuration("mistral", #"{"sliding_window": null}"#).windows == [4096, 4096])
    #expect(try configuration("llama", #"{"sliding_window": 4}"#).windows == [])
    #expect(try configuration("gemma2", #"{"layer_types": null}"#).windows == [4, nil])
    #expect(try configuration("gpt-neo", #"{"attention_types": [[["local"], 2]]}"#).windows == [4, 4])
    #expect(try configuration("gpt-neo", #"{"attention_types": null}"#).windows == [nil, 4])
    let layers = #""sliding_window": 4, "layer_types": null, "max_window_layers": 1"#
    #expect(try configuration("qwen2", "{\(layers)}").windows == [])
    #expect(try configuration("qwen2", "{\"use_sliding_window\": true, \(layers)}").windows == [nil, 4])
  }

  @Test func `key and value heads that a file does not mention are those of the family's class`() throws {
    func heads(_ model: String, _ count: Int, _ key: String) throws -> Int {
      let json = """
        {"model_type": "\(model)", "num_attention_heads": \(count), "hidden_size": \(count), \(key) "head_dim": 2, \
        "num_hidden_layers": 1, "intermediate_size": 4, "vocab_size": 5, "max_position_embeddings": 8}
        """
      let file = try ConfigurationFile(path: "config.json", JSONValue(json))
      return try Family.of(file).model(file).configuration.nKeyValueHeads
    }
    for (model, count) in [("llama", 64), ("mistral", 8), ("qwen2", 32), ("qwen3", 32), ("gemma", 16), ("gemma2", 4)] {
      #expect(try heads(model, 64, "") == count, "\(model)")
      #expect(try heads(model, 64, #""num_key_value_heads": null,"#) == 64, "\(model)")
      #expect(try heads(model, 64, #""num_key_value_heads": 2,"#) == 2, "\(model)")
    }
  }

  @Test func `scores divided by the layer`() throws {
    let c = try configuration("gpt2-inverse-layer", "{}")
    #expect(c.scoreScale(ofLayer: 0) == 0.5 && c.scoreScale(ofLayer: 3) == 0.125)
    #expect(try configuration("gpt2", "{}").scoreScale(ofLayer: 3) == 0.5)
  }

  @Test func `a window that is null is none`() throws {
    let file = try ConfigurationFile(path: "config.json", JSONValue(#"{"sliding_window": null}"#))
    #expect(try file.windows(2) { _ in true } == [])
  }

  @Test func `Gemma's activation is the approximation whatever its first releases say`() throws {
    #expect(try configuration("gemma", #"{"hidden_act": "gelu"}"#).activation == .geluTanh)
    #expect(try configuration("gemma", #"{"hidden_act": null}"#).activation == .geluTanh)
  }

  @Test func `Gemma 2's caps are the published ones unless null`() throws {
    let json = #"{"attn_logit_softcapping": null, "final_logit_softcapping": null, "query_pre_attn_scalar": null}"#
    let absent = try configuration("gemma2", json)
    #expect(absent.scoreSoftCap == 50)
    #expect(absent.logitSoftCap == 30)
    #expect(absent.attentionScale == 0.0625)
  }

  @Test func `scores that are not scaled`() throws {
    #expect(try configuration("gpt-neo", "{}").scoreScale == 1)
    #expect(try configuration("gpt2", #"{"scale_attn_weights": false}"#).scoreScale == 1)
    #expect(try configuration("gpt2", "{}").scoreScale == 0.5)
    #expect(try configuration("gemma2", "{}").scoreScale == 1 / 3)
  }

  @Test func `published sizes give published numbers of parameters`() throws {
    // GPT-2 small (124 439 808), from its shapes alone.
    let c = try configuration(
      "gpt2-published",
      #"{"n_embd": 768, "n_head": 12, "n_layer": 12, "n_ctx": 1024, "n_positions": 1024, "vocab_size": 50257}"#)
    let block = 12 * c.dModel * c.dModel + 13 * c.dModel
    #expect(c.dVocab * c.dModel + c.nContext * c.dModel + c.nLayers * block + 2 * c.dModel == 124_439_808)
    #expect(c.tiesEmbeddings && c.dHead == 64 && c.dMLP == 3072)
  }
}
