// What every optimiser has in common: a learning rate and an update in place.

/// A rule that moves a model's parameters along their gradients, and the state that it keeps between steps.
///
/// Optimisers are values: a copy is a checkpoint, and encoding one keeps every bit of its state.
public protocol Optimizer: Sendable, Codable {
  /// The size of the next step; a training loop sets it from its schedule.
  var learningRate: Float { get set }

  /// Moves the model's parameters in place.
  mutating func update<Model: Parameterized>(_ model: inout Model, with gradients: Gradients)
}

/// One tensor of optimiser state for each parameter, in the order of the model's visit.
///
/// It is empty until the first update, which makes it from the shapes of the parameters.
public struct OptimizerSlots: Sendable, Codable, Equatable {
  /// The parameters' names.
  public internal(set) var names: [String] = []

  /// The state, in the shapes of the parameters.
  public internal(set) var tensors: [Tensor] = []

  /// Creates empty state.
  public init() {}

  /// Creates state from what was kept of an earlier run, in the order of the model's visit.
  public init(_ state: [(name: String, tensor: Tensor)]) {
    names = state.map(\.name)
    tensors = state.map(\.tensor)
  }

  /// The state of one parameter; nil before the first update or for an unknown name.
  public subscript(_ name: String) -> Tensor? {
    names.firstIndex(of: name).map { tensors[$0] }
  }

  /// Zeroes part of the state of one parameter, as resampling a dead latent asks for.
  ///
  /// `positions` are row-major element positions.
  public mutating func reset(_ name: String, at positions: some Sequence<Int>) {
    guard let slot = names.firstIndex(of: name) else { return }
    tensors[slot].withUnsafeMutableElements { elements in
      for position in positions {
        precondition(elements.indices.contains(position), "\(name) has no element \(position)")
        elements[position] = 0
      }
    }
  }

  mutating func prepare(for gradients: Gradients) {
    guard names.isEmpty else { return }
    names = gradients.names
    tensors = gradients.tensors.map { Tensor(zeros: $0.shape) }
  }

  func check(_ name: String, _ parameter: Tensor, at position: Int, _ gradients: Gradients) {
    precondition(
      position < gradients.names.count && gradients.names[position] == name,
      "the gradients \(gradients.names) have none for \(name) at its position")
    precondition(
      gradients.tensors[position].shape == parameter.shape,
      "\(name) has shape \(parameter.shape), its gradient \(gradients.tensors[position].shape)")
    precondition(
      names.isEmpty
        || (position < names.count && names[position] == name && tensors[position].shape == parameter.shape),
      "the optimiser's state was made for other parameters than \(name) of shape \(parameter.shape)")
  }
}
