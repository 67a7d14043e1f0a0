// The published families: how each describes itself in `config.json` and where it keeps its weights.

/// A model as its configuration file describes it, ready to be read.
struct FamilyModel {
  /// The architecture.
  var configuration: TransformerConfiguration
  /// Where the weights are.
  var names: WeightNames
}

/// A family of models that Hugging Face's `transformers` loads.
struct Family: Sendable {
  /// Its name under the key `model_type`.
  let modelType: String
  /// What its names under the key `architectures` begin with.
  let architecture: String
  /// Reads its keys.
  let model: @Sendable (ConfigurationFile) throws(CheckpointError) -> FamilyModel

  /// Every family that can be read.
  static let all = [gpt2, gptNeo, gptJ, gptNeoX, opt, llama, mistral, qwen2, qwen3, gemma, gemma2, phi]

  /// What names under `architectures` may end with: a language model, or the body of one.
  private static let endings = ["ForCausalLM", "LMHeadModel", "Model"]

  /// Finds the family of a configuration file.
  static func of(_ file: ConfigurationFile) throws(CheckpointError) -> Family {
    let known = all.map(\.modelType).joined(separator: ", ")
    if file.has("quantization_config") { throw file.unsupported("quantization_config", "unquantised weights are") }
    let architectures = try file.texts("architectures") ?? []
    let named = all.first { family in
      architectures.contains { name in endings.contains { family.architecture + $0 == name } }
    }
    if let type = try file.text("model_type") {
      guard let family = all.first(where: { $0.modelType == type }) else {
        throw file.fail("model_type", "is '\(type)'; one of \(known) was expected")
      }
      guard architectures.isEmpty || named?.modelType == type else {
        let expected = endings.map { family.architecture + $0 }.joined(separator: ", ")
        throw file.fail(
          "architectures", "is \(architectures.joined(separator: ", ")); one of \(expected) was expected")
      }
      return family
    }
    guard let named else {
      throw CheckpointError(
        file: file.path, reason: "neither 'model_type' nor 'architectures' names a known family: \(known)")
    }
    return named
  }
}
