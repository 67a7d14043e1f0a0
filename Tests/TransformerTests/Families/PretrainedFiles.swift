// Where real GPT-2 and Pythia files may lie: under REPLICATIONS_MODELS, or in Hugging Face's cache.

import Foundation
import Tensors
import Testing

@testable import Transformer

/// Looks for models that a user has.
enum PretrainedFiles {
  /// The folder of a model, `REPLICATIONS_MODELS/gpt2` or a snapshot of `owner/gpt2` in the cache.
  static func folder(_ name: String, owners: [String?]) -> String? {
    let environment = ProcessInfo.processInfo.environment
    var candidates: [String] = []
    if let models = environment["REPLICATIONS_MODELS"] { candidates.append("\(models)/\(name)") }
    let home = environment["HF_HOME"] ?? NSHomeDirectory() + "/.cache/huggingface"
    let cache = environment["HF_HUB_CACHE"] ?? home + "/hub"
    for owner in owners {
      let repository = "\(cache)/models--\(owner.map { "\($0)--" } ?? "")\(name)"
      let main = try? String(contentsOfFile: repository + "/refs/main", encoding: .utf8)
      let all = (try? FileManager.default.contentsOfDirectory(atPath: repository + "/snapshots")) ?? []
      candidates += ([main].compactMap(\.self) + all.sorted()).map { "\(repository)/snapshots/\($0)" }
    }
    return candidates.first(where: isModel)
  }

  /// What weights are kept in: one file, or the index of several.
  private static let weights = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  /// Whether a folder has a configuration and weights.
  static func isModel(_ folder: String) -> Bool {
    func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(file)") }
    return exists("config.json") && weights.contains(where: exists)
  }

  /// How to get a model that is not there.
  static func reason(_ name: String, owner: String) -> Comment {
    """
    not evaluated: \(name)/config.json and \(name)/model.safetensors, or pytorch_model.bin or the index of several, are \
    neither under REPLICATIONS_MODELS nor in Hugging Face's cache; `hf download \(owner)/\(name)` gets them
    """
  }

  /// The tokens that are most likely to follow, one after the other.
  static func greedy(_ model: HookedTransformer, _ prompt: [Int], count: Int) throws -> [Int] {
    var tokens = prompt
    var options = RunOptions()
    options.logits = .last
    for _ in 0..<count {
      guard let logits = try model.run(TokenBatch(tokens), options).logits else { break }
      tokens.append(logits.value.argmax())
    }
    return Array(tokens.dropFirst(prompt.count))
  }
}
