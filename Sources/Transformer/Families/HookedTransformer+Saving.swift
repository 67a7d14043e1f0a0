// Saves a model in TransformerLens's form: a state dictionary with its names and shapes, and a configuration in its keys.

import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension HookedTransformer {
  /// Every weight that is there, with TransformerLens's names and shapes.
  ///
  /// `W_Q`, `W_K` and `W_V` are `[head, dModel, dHead]`, `W_O` is `[head, dHead, dModel]`, `b_Q` and the like
  /// `[head, dHead]`; keys and values of grouped-query attention are named `_W_K` and so on. The unembedding is there
  /// even where it is tied.
  public var stateDictionary: [(name: String, tensor: Tensor)] {
    let c = configuration
    let isGrouped = c.nKeyValueHeads != c.nHeads
    var list: [(name: String, tensor: Tensor)] = namedParameters.map { name, tensor in
      guard let dot = name.lastIndex(of: "."), name[..<dot].hasSuffix(".attn") else { return (name, tensor) }
      let (prefix, weight) = (name[...dot], name[name.index(after: dot)...])
      let isOfKeys = weight.hasSuffix("_K") || weight.hasSuffix("_V")
      let heads = isOfKeys ? c.nKeyValueHeads : c.nHeads
      let shaped: Tensor =
        switch weight {
        case "W_Q", "W_K", "W_V": tensor.reshaped([c.dModel, heads, c.dHead]).transposed([1, 0, 2])
        case "W_O": tensor.reshaped([heads, c.dHead, c.dModel])
        case "b_Q", "b_K", "b_V": tensor.reshaped([heads, c.dHead])
        default: tensor
        }
      return (isOfKeys && isGrouped ? "\(prefix)_\(weight)" : name, shaped)
    }
    if c.tiesEmbeddings { list.append(("unembed.W_U", W_U)) }
    return list
  }

  /// Saves the model as a folder with `config.json` and `model.safetensors`, which loads back bit for bit.
  ///
  /// The folder is made if it is not there; a model that is there is replaced, each file in one step. Both files are
  /// TransformerLens's form, so that a Python program can read them; what TransformerLens has no name for, as windows of
  /// their own and smeared keys, has names of ours.
  public func save(to folder: String) throws(CheckpointError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError(file: folder, reason: "the folder cannot be made: \(error)")
    }
    let url = URL(filePath: folder)
    try SafetensorsFile.write(stateDictionary, to: url.appending(path: "model.safetensors").path)
    let file = url.appending(path: "config.json")
    do {
      try Data(transformerLensKeys.text.utf8).write(to: file, options: .atomic)
    } catch {
      throw CheckpointError(file: file.path, reason: "cannot be written: \(error)")
    }
  }
}
