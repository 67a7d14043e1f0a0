// Loads a model from what other programs have written: Hugging Face's folders, TransformerLens's checkpoints, the files
// of llm.c and llama2.c.
//
// Weights are read one tensor at a time, straight into the layout in which products read them; beside the model itself
// no more than one tensor is in memory.

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension HookedTransformer {
  /// Loads a model from a folder with `config.json` and weights, or from a file that describes itself.
  ///
  /// The folder is one of Hugging Face's (GPT-2, GPT-Neo, GPT-J, GPT-NeoX and Pythia, OPT, Llama 1–3, Mistral, Qwen2,
  /// Qwen3, Gemma 1 and 2, Phi), one with a configuration and a state dictionary of TransformerLens, or one that
  /// `save(to:)` has written. Files of llm.c and llama2.c describe themselves.
  ///
  /// - Parameters:
  ///   - path: The folder, or a file of weights: one of several checkpoints of a training run, for instance.
  ///   - configuration: The `config.json`; beside the weights unless given.
  /// - Throws: When something is missing, left over, of another shape or not supported: a sentence that names the file
  ///   and the key or the tensor.
  public init(contentsOf path: String, configuration: String? = nil) throws(CheckpointError) {
    let checkpoint = try Checkpoint(at: path)
    let model: FamilyModel
    switch checkpoint.format {
    case .llmC: model = try Family.llmC(checkpoint.header)
    case .llama2C: model = try Family.llama2C(checkpoint.header)
    case .safetensors, .torch, .numpy:
      let file = try ConfigurationFile(path: configuration ?? Self.configurationPath(beside: path))
      if file.isTransformerLens {
        let configuration = try file.transformerLensConfiguration()
        if let fault = configuration.fault { throw CheckpointError(file: file.path, reason: fault) }
        self = try StateDictionaryReader(checkpoint).read(configuration)
        processing = try file.transformerLensProcessing()
        return
      }
      model = try Family.of(file).model(file)
    }
    if let fault = model.configuration.fault { throw CheckpointError(file: path, reason: fault) }
    self = try model.names.read(model.configuration, from: checkpoint)
  }

  /// The `config.json` of a folder, or beside a file.
  private static func configurationPath(beside path: String) -> String {
    var isFolder = false
    if let type = try? FileManager.default.attributesOfItem(
      atPath: URL(filePath: path).resolvingSymlinksInPath().path)[.type] as? FileAttributeType
    {
      isFolder = type == .typeDirectory
    }
    let url = URL(filePath: path)
    return (isFolder ? url : url.deletingLastPathComponent()).appending(path: "config.json").path
  }
}

extension Checkpoint {
  /// The sizes in the header of a file that describes itself.
  fileprivate var header: ConfigurationFile {
    get throws(CheckpointError) {
      var object = JSONObject()
      for (key, text) in metadata.sorted(by: { $0.key < $1.key }) {
        _ = object.append(key, Int(text).map { .integer($0) } ?? Bool(text).map { .bool($0) } ?? .string(text))
      }
      return try ConfigurationFile(path: path, .object(object))
    }
  }
}
