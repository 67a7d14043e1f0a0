// Finds out what a path is, by content, and has the reader of that format make the table of contents.

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The table of contents of a checkpoint.
struct CheckpointContents {
  var format: Checkpoint.Format
  var records: [TensorRecord] = []
  var metadata: [String: String] = [:]

  init(format: Checkpoint.Format) { self.format = format }

  /// Reads the table of contents of a file, an index or a folder.
  init(at path: String) throws(CheckpointError) {
    guard !path.isEmpty else { throw CheckpointError(file: "\"\"", reason: "is no path") }
    var isFolder = false
    if let attributes = try? FileManager.default.attributesOfItem(atPath: Self.resolved(path)) {
      isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
    }
    let file = try RegularFile(path: isFolder ? try Self.checkpoint(inFolder: path) : path)
    try self.init(file: file, allowsIndex: true)
  }

  /// Reads the table of contents of a file; a file that an index names is not an index again.
  init(file: RegularFile, allowsIndex: Bool) throws(CheckpointError) {
    let start = try file.bytes(0..<min(file.size, 28))
    guard !start.isEmpty else { throw CheckpointError(file: file.path, reason: "is empty") }
    if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) || start.starts(with: [0x50, 0x4b, 0x05, 0x06]) {
      let archive = try ZipArchive(file: file)
      if archive.entries.contains(where: { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }) {
        self = try TorchZip.contents(of: archive)
      } else {
        self = try NumPyCheckpoint.contents(of: archive)
      }
    } else if let first = TorchLegacy.magicLength(of: start) {
      self = try TorchLegacy.contents(of: file, from: first)
    } else if start.starts(with: NumPyCheckpoint.magic) {
      self = try NumPyCheckpoint.contents(of: file)
    } else if let contents = try Llama2CCheckpoint.contents(of: file, start: start) {
      // First, since sizes may be read as anything: a width of 288 begins like JSON with a space, 123 layers like
      // safetensors. Text and lengths of headers, for their part, are no sizes of a model.
      self = contents
    } else if start.count >= 9, start[8] == UInt8(ascii: "{") {
      self = try SafetensorsFile.contents(of: file)
    } else if start.first(where: { ![0x20, 0x0a, 0x0d, 0x09].contains($0) }) == UInt8(ascii: "{") {
      guard allowsIndex else {
        throw CheckpointError(file: file.path, reason: "is JSON; a file of tensors was expected")
      }
      self = try ShardIndex.contents(of: file)
    } else if start.starts(with: LLMCCheckpoint.magic) {
      self = try LLMCCheckpoint.contents(of: file)
    } else if start[0] == 0x80 {
      throw CheckpointError(
        file: file.path, reason: "is a pickle, but not one that torch.save writes; save the state dictionary itself")
    } else {
      throw CheckpointError(
        file: file.path,
        reason: "is no checkpoint: safetensors, PyTorch zip or legacy, npy, npz, llm.c, llama2.c or an index is read")
    }
  }

  private static func resolved(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }

  /// The files that are looked for in a folder, the first first.
  private static let usualNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  private static let extensions = [".safetensors", ".pth", ".pt", ".bin", ".npz"]

  /// The file of a folder: one of the usual names, or the only file with an extension of checkpoints.
  private static func checkpoint(inFolder path: String) throws(CheckpointError) -> String {
    guard let all = try? FileManager.default.contentsOfDirectory(atPath: resolved(path)) else {
      throw CheckpointError(file: path, reason: "the folder cannot be listed")
    }
    let found =
      usualNames.first { all.contains($0) }.map { [$0] }
      ?? all.filter { name in !name.hasPrefix(".") && extensions.contains { name.hasSuffix($0) } }.sorted()
    guard let name = found.first, found.count == 1 else {
      let usual = usualNames.joined(separator: ", ")
      throw CheckpointError(
        file: path,
        reason: found.isEmpty
          ? "the folder holds none of \(usual), and no other checkpoint"
          : "the folder holds none of \(usual), but several others: \(found.prefix(8).joined(separator: ", "))")
    }
    return path.hasSuffix("/") ? path + name : path + "/" + name
  }
}
