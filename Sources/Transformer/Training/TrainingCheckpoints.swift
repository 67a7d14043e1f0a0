// A training run on disk: a folder for each checkpoint, complete or not there at all.
//
//   step-00000500/config.json            the configuration  ┐ as `HookedTransformer.save(to:)` writes them,
//   step-00000500/model.safetensors      the weights        ┘ so that a checkpoint loads as a model
//   step-00000500/optimizer.safetensors  both moments of AdamW, named `first.<parameter>` and `second.<parameter>`
//   step-00000500/training.json          settings, the number of updates, the key of the randomness

import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The checkpoints of a training run in a folder.
public struct TrainingCheckpoints: Sendable {
  /// The folder that the checkpoints are in.
  public let folder: String

  /// Names a folder; it is made when the first checkpoint is saved.
  public init(in folder: String) { self.folder = folder }

  /// What `training.json` holds.
  private struct Record: Codable {
    var format = "replications-training-1"
    let step: Int
    /// A text, since JSON readers lose the last bits of a large integer.
    let streamKey: String
    let settings: TrainingSettings
  }

  /// The folder of a checkpoint.
  public func path(ofStep step: Int) -> String {
    let digits = String(step)
    return "\(folder)/step-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits)"
  }

  /// The numbers of updates after which there is a checkpoint, ascending; none where the folder is missing.
  public var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let steps = names.compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }
    return steps.filter { $0 >= 0 && names.contains(String(path(ofStep: $0).dropFirst(folder.count + 1))) }.sorted()
  }

  // MARK: - Saving

  /// Saves a run as it stands; a checkpoint of the same step is replaced.
  ///
  /// It is written beside its place and then renamed, so what is found under a checkpoint's name is whole.
  public func save(_ training: TransformerTraining) throws(CheckpointError) {
    let path = path(ofStep: training.step)
    let partial = "\(folder)/.\(UUID().uuidString).partial"
    defer { try? FileManager.default.removeItem(atPath: partial) }
    try training.model.save(to: partial)
    let (first, second) = (training.optimizer.first, training.optimizer.second)
    try SafetensorsFile.write(
      zip(first.names, first.tensors).map { ("first." + $0, $1) }
        + zip(second.names, second.tensors).map { ("second." + $0, $1) }, to: partial + "/optimizer.safetensors")
    let record = Record(step: training.step, streamKey: String(training.stream.key), settings: training.settings)
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try encoder.encode(record).write(to: URL(filePath: partial + "/training.json"))
      if FileManager.default.fileExists(atPath: path) {
        // A folder that holds something cannot be renamed over: the old one steps aside first.
        let old = "\(folder)/.\(UUID().uuidString).partial"
        try FileManager.default.moveItem(atPath: path, toPath: old)
        do {
          try FileManager.default.moveItem(atPath: partial, toPath: path)
        } catch {
          try FileManager.default.moveItem(atPath: old, toPath: path)
          throw error
        }
        try FileManager.default.removeItem(atPath: old)
      } else {
        try FileManager.default.moveItem(atPath: partial, toPath: path)
      }
    } catch {
      throw CheckpointError(file: path, reason: "cannot be written: \(error)")
    }
  }

  // MARK: - Loading

  /// The model after so many updates.
  public func model(atStep step: Int) throws(CheckpointError) -> HookedTransformer {
    try HookedTransformer(contentsOf: path(ofStep: step))
  }

  /// The run after so many updates; it goes on to the same bits as the one that was saved.
  public func training(atStep step: Int) throws(CheckpointError) -> TransformerTraining {
    let path = path(ofStep: step)
    let record = try record(path + "/training.json")
    guard record.step == step else {
      throw CheckpointError(
        file: path + "/training.json", reason: "is of step \(record.step); its folder says \(step)")
    }
    guard let key = UInt64(record.streamKey) else {
      throw CheckpointError(
        file: path + "/training.json", reason: "has the streamKey '\(record.streamKey)'; a whole number was expected")
    }
    let model = try model(atStep: step)
    var optimizer = record.settings.optimizer
    if step > 0 {
      let moments = try Checkpoint(at: path + "/optimizer.safetensors")
      optimizer = optimizer.resumed(
        step: step, first: try slots("first.", moments, model), second: try slots("second.", moments, model))
    }
    return TransformerTraining(
      model, optimizer: optimizer, step: step, settings: record.settings, stream: RandomStream(seed: key))
  }

  /// The run after the most updates that were kept; nil when there is no checkpoint.
  public func latest() throws(CheckpointError) -> TransformerTraining? {
    guard let step = steps.last else { return nil }
    return try training(atStep: step)
  }

  private func record(_ path: String) throws(CheckpointError) -> Record {
    do {
      let record = try JSONDecoder().decode(Record.self, from: Data(contentsOf: URL(filePath: path)))
      guard record.format == Record(step: 0, streamKey: "", settings: record.settings).format else {
        throw CheckpointError(file: path, reason: "is of the unknown format '\(record.format)'")
      }
      return record
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(file: path, reason: "is not the record of a training run: \(error)")
    }
  }

  /// The state of each parameter of the model.
  private func slots(
    _ prefix: String, _ file: Checkpoint, _ model: HookedTransformer
  ) throws(CheckpointError) -> OptimizerSlots {
    var state: [(name: String, tensor: Tensor)] = []
    for (name, parameter) in model.namedParameters {
      let tensor = try file.tensor(prefix + name)
      guard tensor.shape == parameter.shape else {
        throw CheckpointError(
          file: file.path,
          reason: "tensor '\(prefix + name)' has the shape \(tensor.shape); \(parameter.shape) was expected")
      }
      state.append((name, tensor))
    }
    return OptimizerSlots(state)
  }
}
