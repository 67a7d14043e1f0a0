// Takes a model's weights out of a checkpoint: each is checked for its shape, read once into its final layout, and
// what nobody asked for is an error in the end.

import Tensors

/// The tensors of a checkpoint on their way into a model.
struct WeightReader {
  private let checkpoint: Checkpoint
  private var taken: Set<String> = []

  init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// Whether there is a tensor of a name.
  func contains(_ name: String) -> Bool { checkpoint.contains(name) }

  /// A tensor as it is stored, which must have the shape.
  mutating func tensor(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor {
    try check(name, shape)
    return try checkpoint.tensor(name)
  }

  /// Some rows of a stored matrix or vector.
  mutating func rows(_ range: Range<Int>, of name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor {
    try check(name, shape)
    return try checkpoint.tensor(name, rows: range)
  }

  /// The matrix `[inputs, outputs]` of a layer, or the columns of some of its outputs.
  ///
  /// A stored matrix is `[outputs, inputs]`, as PyTorch's linear layers have it, unless `isInputsFirst`.
  mutating func matrix(
    _ name: String, inputs: Int, outputs: Int, columns: Range<Int>? = nil, isInputsFirst: Bool
  ) throws(CheckpointError) -> Tensor {
    if isInputsFirst {
      try check(name, [inputs, outputs])
      return try checkpoint.tensor(name, columns: columns)
    }
    try check(name, [outputs, inputs])
    return try checkpoint.tensor(name, rows: columns, transposed: true)
  }

  /// Counts a tensor as read, if it is there, because the model has its content already.
  mutating func pass(over name: String) { taken.insert(name) }

  /// Checks that every tensor was read, except those with one of the endings.
  func finish(ignoring endings: [String]) throws(CheckpointError) {
    let left = checkpoint.names.filter { name in
      !taken.contains(name) && !endings.contains { name.hasSuffix($0) }
    }
    guard let first = left.first else { return }
    let others = left.count > 1 ? " and \(left.count - 1) more" : ""
    throw CheckpointError(
      file: checkpoint.path, reason: "holds '\(first)'\(others), for which the configured model has no place")
  }

  /// An error about a tensor that is missing.
  func missing(_ name: String, _ expected: String) -> CheckpointError {
    CheckpointError(file: checkpoint.path, reason: "holds no tensor '\(name)'; \(expected)")
  }

  private mutating func check(_ name: String, _ shape: [Int]) throws(CheckpointError) {
    guard checkpoint.contains(name) else { throw missing(name, "one of shape \(shape) was expected") }
    let found = try checkpoint.shape(of: name)
    guard found == shape else {
      throw CheckpointError(
        file: checkpoint.path, reason: "tensor '\(name)' has the shape \(found); \(shape) was expected")
    }
    taken.insert(name)
  }
}
