// A model's weights as files hold them: tensors by name, read one by one when they are asked for.
//
// What a file is, its content says and not its name: safetensors, PyTorch's zip and legacy files, NumPy's npy and npz,
// llm.c and llama2.c, an index of several such files, or a folder with one of them. Opening reads the table of contents
// only. Every size that a file states is checked against the bytes that are there before memory is asked for.

import Tensors

/// Named tensors in one file or several.
///
/// Names are those of the file, with these additions. A PyTorch file that holds more than a state dictionary gives
/// dotted names (`optimizer.state.0.exp_avg`), except that the tensors under its key `state_dict`, `model_state_dict`
/// or `model` (the first that holds tensors) have no prefix. llm.c files get the names and shapes of Hugging Face's
/// GPT-2, llama2.c files the names of their own training code (`layers.0.attention.wq.weight`).
public struct Checkpoint: Sendable {
  /// The formats that are read.
  public enum Format: String, Sendable {
    /// Hugging Face's safetensors.
    case safetensors
    /// What `torch.save` writes: a zip archive, or the form before PyTorch 1.6.
    case torch
    /// NumPy's npy and npz.
    case numpy
    /// The GPT-2 checkpoints of llm.c.
    case llmC = "llm.c"
    /// The first (headerless) version of llama2.c's checkpoints.
    case llama2C = "llama2.c"
  }

  /// The file or folder that was opened.
  public let path: String
  /// The format of the file, or of the files that an index names.
  public let format: Format
  /// What the file says beside its tensors, as text: safetensors' metadata, a header's sizes, a dictionary's scalars.
  public let metadata: [String: String]

  private let records: [TensorRecord]
  private let places: [ExactString: Int]

  /// Opens a file, an index of several, or a folder that holds one of them.
  public init(at path: String) throws(CheckpointError) {
    let contents = try CheckpointContents(at: path)
    try self.init(path: path, contents)
  }

  init(path: String, _ contents: CheckpointContents) throws(CheckpointError) {
    self.path = path
    format = contents.format
    metadata = contents.metadata
    records = contents.records
    var places: [ExactString: Int] = [:]
    places.reserveCapacity(records.count)
    for (place, record) in records.enumerated() {
      guard places.updateValue(place, forKey: ExactString(record.name)) == nil else {
        throw CheckpointError(file: path, reason: "two tensors have the name '\(record.name)'")
      }
    }
    self.places = places
  }

  /// The tensors' names in the file's order.
  public var names: [String] { records.map(\.name) }

  /// Whether there is a tensor of a name.
  public func contains(_ name: String) -> Bool { places[ExactString(name)] != nil }

  /// The extent of each axis of a tensor.
  public func shape(of name: String) throws(CheckpointError) -> [Int] { try record(name).layout.shape }

  /// The type of a tensor's elements in the file.
  public func elementType(of name: String) throws(CheckpointError) -> ElementType { try record(name).type }

  /// Reads a tensor as single precision, in one pass and without a second copy.
  ///
  /// - Parameters:
  ///   - name: The tensor's name.
  ///   - rows: The range of the first axis; nil for all.
  ///   - columns: The range of a matrix's second axis; nil for all.
  ///   - transposed: Whether a matrix's rows become columns; ranges are those of the stored matrix.
  /// - Returns: The part, `[rows, …]` or `[columns, rows]`; float64 and integers are rounded to the nearest float.
  /// - Throws: When there is no such tensor or range, its type is not converted, or the file cannot be read.
  public func tensor(
    _ name: String, rows: Range<Int>? = nil, columns: Range<Int>? = nil, transposed: Bool = false
  ) throws(CheckpointError) -> Tensor {
    let record = try record(name)
    var part = record.layout
    if columns != nil || transposed, part.shape.count != 2 {
      throw record.fail("has the shape \(part.shape); a matrix was expected")
    }
    for (axis, range) in [rows, columns].enumerated() {
      guard let range else { continue }
      guard axis < part.shape.count, range.lowerBound >= 0, range.upperBound <= part.shape[axis] else {
        throw record.fail("has the shape \(part.shape); elements \(range) of axis \(axis) were asked for")
      }
      part.keep(range, axis: axis)
    }
    if transposed { part.transpose() }
    return try record.read(part)
  }

  /// Reads a tensor of integers or truth values in row-major order.
  public func integers(_ name: String) throws(CheckpointError) -> [Int] { try record(name).readIntegers() }

  private func record(_ name: String) throws(CheckpointError) -> TensorRecord {
    guard let place = places[ExactString(name)] else {
      throw CheckpointError(file: path, reason: "holds no tensor '\(name)'")
    }
    return records[place]
  }
}
