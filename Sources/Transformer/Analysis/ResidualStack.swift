// Parts of the residual stream, one after the other, with their names.

import Tensors

/// Labelled parts of the residual stream, or of a projection of it.
public struct ResidualStack: Sendable {
  /// The name of each part: `embed`, `0_attn_out`, `L3H7`, `L2N40`, `remainder`, ….
  public let labels: [String]
  /// The parts, `[part, batch, position, dModel]`; the last axis is that of the projection where there is one.
  public let parts: Tensor

  /// Creates a stack; there is one label for each part.
  public init(labels: [String], parts: Tensor) {
    precondition(
      parts.rank == 4 && parts.shape[0] == labels.count, "\(labels.count) labels for parts of shape \(parts.shape)")
    self.labels = labels
    self.parts = parts
  }

  /// The part of a name, `[batch, position, dModel]`.
  public subscript(_ label: String) -> Tensor {
    guard let place = labels.firstIndex(of: label) else { preconditionFailure("no part is named \(label)") }
    return parts.slice(axis: 0, at: place)
  }

  /// The sum of the parts, `[batch, position, dModel]`.
  public var sum: Tensor { parts.sum(axis: 0) }

  /// Several stacks as one.
  static func concatenated(_ stacks: [ResidualStack]) -> ResidualStack {
    ResidualStack(labels: stacks.flatMap(\.labels), parts: Tensor.concatenated(stacks.map(\.parts)))
  }

  /// One part as a stack.
  static func single(_ label: String, _ part: Tensor) -> ResidualStack {
    ResidualStack(labels: [label], parts: part.insertingAxis(at: 0))
  }

  /// Throws when the parts, with what else belongs to the whole, miss it somewhere by more than 10⁻⁴ of their size.
  ///
  /// A vector's size is the root of the sum of squares of the whole, of all its parts and of what else belongs to it:
  /// what rounding scales with.
  func requireSum(_ whole: Tensor, of name: String, with others: Tensor? = nil) throws(AnalysisError) {
    let sum = others.map { self.sum + $0 } ?? self.sum
    let gaps = (sum - whole).norm(axis: 2)
    let norms = whole.norm(axis: 2)
    var squares = parts.norm(axis: 3).squared().sum(axis: 0) + norms.squared()
    if let others { squares += others.broadcast(to: whole.shape).norm(axis: 2).squared() }
    let sizes = squares.squareRoots()
    let relative = gaps / sizes.map { $0 == 0 ? 1 : $0 }
    guard relative.count > 0 else { return }
    let worst = relative.argmax()
    let (row, position) = (worst / whole.shape[1], worst % whole.shape[1])
    guard relative[row, position] <= 1e-4 else {
      throw .partsDoNotSum(
        to: name, row: row, position: position, gap: gaps[row, position], norm: norms[row, position])
    }
  }
}

/// What a stack of parts is divided by before it is read: two different questions that are easily confused.
public enum StackNormalizer: Sendable, Equatable {
  /// Each vector by its own deviation, through the final normalisation with its weights: what the model would predict
  /// if it stopped there. Right for the stream at several layers, as in the logit lens.
  case perLayer
  /// All vectors by the divisor of the final normalisation in the run: what each contributes to the logits. Right for
  /// parts of the last stream, as in direct logit attribution.
  case finalScale
  /// All vectors by the divisor of the normalisation before a layer or its MLP in the run: what each contributes to
  /// what that layer reads.
  case inputScale(layer: Int, ofMLP: Bool = false)
}
